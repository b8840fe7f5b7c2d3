import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, it } from 'node:test';
import { openContainerLog } from '../../src/local/container-log.ts';
import { temporaryFolder } from '../support/local-cluster-kit.ts';

describe('the log of a container', () => {
  it('is set aside when it has grown too large, and one older file is kept', (t) => {
    const path = join(temporaryFolder(t), '0', 'etcd.log');
    const log = openContainerLog(path, 10);
    for (const text of ['first line\n', 'second line\n', 'third\n', 'fourth\n']) {
      log.write(text);
    }
    assert.equal(readFileSync(path, 'utf8'), 'third\nfourth\n');
    assert.equal(readFileSync(`${path}.1`, 'utf8'), 'second line\n');
  });

  it('goes on after what is there', (t) => {
    const path = join(temporaryFolder(t), 'etcd.log');
    writeFileSync(path, 'before\n');
    openContainerLog(path).write(Buffer.from('after\n'));
    assert.equal(readFileSync(path, 'utf8'), 'before\nafter\n');
  });

  it('loses lines rather than stop what it is about, and goes on when it can', (t) => {
    const path = join(temporaryFolder(t), 'log', 'etcd.log');
    writeFileSync(dirname(path), 'a file where the folder belongs');
    const log = openContainerLog(path);
    log.write('lost\n');
    rmSync(dirname(path));
    mkdirSync(dirname(path));
    log.write('kept\n');
    assert.equal(readFileSync(path, 'utf8'), 'kept\n');
  });
});
