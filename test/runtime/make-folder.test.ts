import assert from 'node:assert/strict';
import { statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { makeFolder } from '../../src/runtime/make-folder.ts';
import { temporaryFolder } from '../support/local-cluster-kit.ts';

const MODE = 0o700;

test('makes a folder and those above it, and is content with what is there', (t) => {
  const path = join(temporaryFolder(t), 'a', 'b', 'c');
  makeFolder(path, MODE);
  makeFolder(path, MODE);
  assert.equal(statSync(path).isDirectory(), true);
  assert.equal(statSync(path).mode & 0o777, MODE);
});

test('fails where no folder can be made', (t) => {
  const file = join(temporaryFolder(t), 'file');
  writeFileSync(file, '');
  assert.throws(() => makeFolder(file, MODE), { code: 'EEXIST' });
  assert.throws(() => makeFolder(join(file, 'below'), MODE), { code: 'EEXIST' });
  assert.throws(() => makeFolder('/proc/no/such/folder', MODE), { code: 'ENOENT' });
});
