import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdirSync, symlinkSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { makePipe, openForReader, writeAll } from '../../src/etcd/named-pipe.ts';

const FIRST = Buffer.from('{');

describe('openForReader', () => {
  it('finds nobody at a pipe that is not read', async (context) => {
    const path = join(await aDirectory(context), 'pipe');
    await makePipe(path, context.signal);
    assert.deepEqual(openForReader(path, FIRST), { kind: 'nobody' });
  });

  it('tells a missing name from one that is taken by something else', async (context) => {
    const directory = await aDirectory(context);
    const path = join(directory, 'name');
    assert.deepEqual(openForReader(path, FIRST), { kind: 'missing' });
    mkdirSync(path);
    assert.deepEqual(openForReader(path, FIRST), { kind: 'occupied' });
    symlinkSync(path, `${path}-link`);
    assert.deepEqual(openForReader(`${path}-link`, FIRST), { kind: 'occupied' });
  });

  it('leaves a file that is no pipe as it was', async (context) => {
    const path = join(await aDirectory(context), 'file');
    await writeFile(path, 'theirs');
    assert.deepEqual(openForReader(path, FIRST), { kind: 'occupied' });
    assert.equal(await readFile(path, 'utf8'), 'theirs');
  });
});

describe('writeAll', { timeout: 20_000 }, () => {
  it('writes more than the pipe holds to a reader that empties it', async (context) => {
    const { fd, output, ended } = await aReader(context);
    const data = Buffer.alloc(1_000_000, 'x');
    assert.equal(await writeAll(fd, data, context.signal), true);
    closeSync(fd);
    await ended;
    assert.equal((await output).length, FIRST.length + data.length);
  });

  it('gives up when the reader goes', async (context) => {
    const { fd, kill } = await aReader(context);
    await kill();
    assert.equal(await writeAll(fd, Buffer.alloc(10), context.signal), false);
    closeSync(fd);
  });

  it('gives up when its time is over and the reader does not read', async (context) => {
    const { fd, pause } = await aReader(context);
    pause();
    assert.equal(await writeAll(fd, Buffer.alloc(1_000_000), AbortSignal.timeout(50)), false);
    closeSync(fd);
  });
});

async function aDirectory(context: TestContext): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'pipe-'));
  context.after(() => rm(directory, { recursive: true }));
  return directory;
}

async function aReader(context: TestContext) {
  const path = join(await aDirectory(context), 'pipe');
  await makePipe(path, context.signal);
  const cat = spawn('cat', [path], { stdio: ['ignore', 'pipe', 'inherit'] });
  context.after(() => cat.kill('SIGKILL'));
  const ended = once(cat, 'close');
  const output = cat.stdout.setEncoding('latin1').toArray();
  let opening = openForReader(path, FIRST);
  while (opening.kind !== 'reader') {
    await new Promise((next) => setImmediate(next));
    opening = openForReader(path, FIRST);
  }
  const kill = async (): Promise<void> => {
    cat.kill('SIGKILL');
    await ended;
  };
  return {
    fd: opening.fd,
    ended,
    output: output.then((chunks) => chunks.join('')),
    kill,
    pause: () => cat.kill('SIGSTOP'),
  };
}
