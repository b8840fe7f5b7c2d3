import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { unwritableReason, writeReport } from '../../src/cli/report-file.ts';
import { temporaryFolder } from '../support/local-cluster-kit.ts';

test('replaces a file whole and leaves nothing beside it', (t) => {
  const folder = temporaryFolder(t);
  const path = join(folder, 'report.json');
  writeFileSync(path, 'a longer text of before');
  assert.equal(unwritableReason(path), undefined);
  writeReport(path, 'now');
  assert.equal(readFileSync(path, 'utf8'), 'now');
  assert.deepEqual(readdirSync(folder), ['report.json']);
});

test('writes to what is no file', () => {
  assert.equal(unwritableReason('/dev/null'), undefined);
  writeReport('/dev/null', 'gone');
});

test('knows beforehand what cannot be written', (t) => {
  const folder = temporaryFolder(t);
  mkdirSync(join(folder, 'sub'));
  assert.equal(unwritableReason(join(folder, 'new.json')), undefined);
  assert.equal(unwritableReason(join(folder, 'sub')), 'it is a folder');
  assert.match(unwritableReason(join(folder, 'none', 'x.json')) ?? '', /ENOENT/);
});

test('leaves no half-written file where writing fails', (t) => {
  const folder = temporaryFolder(t);
  assert.throws(() => writeReport(join(folder, 'none', 'x.json'), 'text'), /ENOENT/);
  assert.deepEqual(readdirSync(folder), []);
});
