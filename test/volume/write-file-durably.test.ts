import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { describe, it, type TestContext } from 'node:test';
import { writeFileDurably } from '../../src/volume/write-file-durably.ts';

/** Writes its number over and over, a page's worth each time, and says so; until it is killed. */
const WRITER = `
  import { writeFileDurably } from ${JSON.stringify(new URL('../../src/volume/write-file-durably.ts', import.meta.url).href)};
  for (let number = 0; ; number++) {
    await writeFileDurably(process.argv[1], String(number).padEnd(65_536, '.'));
    process.stdout.write(number + '\\n');
  }
`;
const KILLS = 4;

function aFolder(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'quorate-durably-'));
  t.after(() => rmSync(folder, { recursive: true }));
  return folder;
}

describe('a file written durably', () => {
  it('is replaced as a whole and readable by its owner alone', async (t) => {
    const path = join(aFolder(t), 'file');
    await writeFileDurably(path, 'a long first text');
    await writeFileDurably(path, 'second');
    assert.equal(readFileSync(path, 'utf8'), 'second');
    assert.equal(statSync(path).mode & 0o777, 0o600);
  });

  it('does not care what a crash left beside it', async (t) => {
    const folder = aFolder(t);
    writeFileSync(join(folder, 'file.tmp'), 'half of a much longer tex');
    await writeFileDurably(join(folder, 'file'), 'whole');
    assert.deepEqual(readdirSync(folder), ['file']);
    assert.equal(readFileSync(join(folder, 'file'), 'utf8'), 'whole');
  });

  it('holds the old text, and nothing lies beside it, when no space is left', async (t) => {
    const folder = aFolder(t);
    const path = join(folder, 'file');
    await writeFileDurably(path, 'old');
    symlinkSync('/dev/full', `${path}.tmp`);
    await assert.rejects(writeFileDurably(path, 'new'), { code: 'ENOSPC' });
    assert.deepEqual(readdirSync(folder), ['file']);
    assert.equal(readFileSync(path, 'utf8'), 'old');
  });

  it('holds one whole text, no older than the last that was acknowledged, when its writer is killed', async (t) => {
    const path = join(aFolder(t), 'file');
    for (let kill = 1; kill <= KILLS; kill++) {
      const acknowledged = await writeAndKill(path, kill * 3, t.signal);
      const text = readFileSync(path, 'utf8');
      assert.equal(text.length, 65_536);
      assert.match(text, /^[0-9]+\.+$/);
      assert.ok(Number.parseInt(text, 10) >= acknowledged, `${text.slice(0, 9)} after ${acknowledged}`);
    }
  });
});

/** Kills a writer after its `writes`-th acknowledgement; returns the last one that was seen. */
async function writeAndKill(path: string, writes: number, signal: AbortSignal): Promise<number> {
  const writer = spawn(process.execPath, ['--input-type=module', '--eval', WRITER, path], {
    stdio: ['ignore', 'pipe', 'inherit'],
    signal,
  });
  writer.on('error', () => {});
  let last = -1;
  for await (const line of createInterface({ input: writer.stdout })) {
    last = Number(line);
    if (last >= writes) {
      writer.kill('SIGKILL');
    }
  }
  if (writer.exitCode === null && writer.signalCode === null) {
    await once(writer, 'exit');
  }
  return last;
}
