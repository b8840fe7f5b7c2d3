import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { lstat, mkdtemp, readdir, readFile, readlink, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { promisify } from 'node:util';
import { IMAGE_FILES } from '../../scripts/image/image-files.ts';
import { layOutImage } from '../../scripts/image/lay-out-image.ts';
import { IMAGE_PROGRAM } from '../../src/resources/paths.ts';
import { frugalNodeFlagsFor } from '../../src/runtime/frugal-process.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const EPOCH_SECONDS = 1_700_000_000;

let scratch: string;
before(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'image-'));
  await layOut('first', 0o022);
});
after(() => rm(scratch, { recursive: true, force: true }));

async function layOut(name: string, umask: number): Promise<void> {
  const before = process.umask(umask);
  try {
    const folder = join(scratch, name);
    await layOutImage({ root: ROOT, folder, withBase: false, epochSeconds: EPOCH_SECONDS });
  } finally {
    process.umask(before);
  }
}

/** Everything that a layer of an image keeps of a file. */
async function listing(name: string): Promise<readonly string[]> {
  const folder = join(scratch, name);
  const paths = ['', ...(await readdir(folder, { recursive: true }))].toSorted();
  return Promise.all(
    paths.map(async (path) => {
      const { mode, mtimeMs } = await lstat(join(folder, path));
      return [path, mode.toString(8), mtimeMs, await contentOf(join(folder, path))].join(' ');
    }),
  );
}

async function contentOf(path: string): Promise<string> {
  const entry = await lstat(path);
  if (entry.isSymbolicLink()) {
    return readlink(path);
  }
  return entry.isFile()
    ? createHash('sha256')
        .update(await readFile(path))
        .digest('hex')
    : '';
}

async function run(flags: readonly string[], args: readonly string[]): Promise<string> {
  const program = join(scratch, 'first', IMAGE_PROGRAM);
  const { stdout } = await promisify(execFile)(process.execPath, [...flags, program, ...args]);
  return stdout;
}

describe('the files of the image', () => {
  it('are the same twice, byte for byte, with modes and times, whatever the umask', async () => {
    await layOut('second', 0o077);
    assert.deepEqual(await listing('second'), await listing('first'));
  });

  it('have the time they were given, and programs alone are executable', async () => {
    const lines = await listing('first');
    assert.ok(lines.every((line) => line.includes(` ${EPOCH_SECONDS * 1_000} `)));
    const programs = lines.filter((line) => line.includes(' 100755 ')).map((line) => line.split(' ')[0]);
    assert.deepEqual(
      programs,
      ['3.5', '3.6', '3.7'].map((minor) => `usr/local/bin/etcdutl-${minor}`),
    );
  });

  it('are those of the list and no others', async () => {
    const present = (await listing('first')).flatMap((line) =>
      / 100\d+ /.test(line) ? [`/${line.split(' ')[0]}`] : [],
    );
    const listed = (path: string): boolean =>
      IMAGE_FILES.some(({ to }) => path === to || path.startsWith(`${to}/`));
    assert.deepEqual(
      present.filter((path) => !listed(path)),
      [],
    );
  });
});

describe('the program in the image', () => {
  it('runs as the bundle does', async () => {
    assert.match(await run([], ['operator', '--help']), /--namespaces/);
  });

  it('starts from its compiled code, which V8 accepts under an agent’s flags', async () => {
    const probe = join(scratch, 'probe.cjs');
    await writeFile(probe, PROBE);
    const preload = ['--require', probe];
    assert.equal(
      await run([...frugalNodeFlagsFor(IMAGE_PROGRAM), ...preload], ['agent', '--help']),
      'accepted',
    );
  });

  it('compiles what it runs where there is no compiled code', async () => {
    const code = join(scratch, 'first', 'app', 'bin', 'program.code');
    const bytes = await readFile(code);
    await rm(code);
    try {
      assert.match(await run([], ['--version']), /^\d+\.\d+\.\d+/);
    } finally {
      await writeFile(code, bytes);
      await utimes(code, EPOCH_SECONDS, EPOCH_SECONDS);
    }
  });
});

/** Says, in place of the program's own words, whether V8 took the compiled code. */
const PROBE = `
const vm = require('node:vm');
const { Script } = vm;
let script;
vm.Script = class extends Script { constructor(...given) { super(...given); script = this; } };
process.stdout.write = () => true;
process.on('exit', () => {
  require('node:fs').writeSync(1, script.cachedDataRejected === false ? 'accepted' : 'rejected');
});
`;
