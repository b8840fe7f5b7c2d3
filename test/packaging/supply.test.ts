/** What is passed on of others, and what is told of it: licences, notices, the bill of materials. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { promisify } from 'node:util';
import { licenceFindings, licenceList } from '../../scripts/supply/licences.ts';
import { readLockFile } from '../../scripts/supply/lock-file.ts';
import { noticesOf } from '../../scripts/supply/notices.ts';
import { aLockedPackage } from '../support/a-locked-package.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const SHIPPED = readLockFile(ROOT).filter(({ isDevelopment }) => !isDevelopment);

async function aFolder(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'supply-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

describe('licences of what is shipped', () => {
  it('are all among those agreed to, or excused by name', () => {
    assert.deepEqual(licenceFindings(SHIPPED), []);
  });

  it('are found when nobody has agreed to them, and so are excuses for nothing', () => {
    const excused = ['argparse PSF-2.0', 'stream-buffers Unlicense'].map((each) => {
      const [name = '', licence = ''] = each.split(' ');
      return aLockedPackage({ name, licence });
    });
    for (const licence of [
      'GPL-3.0-only',
      'MIT OR GPL-3.0',
      'SEE LICENSE IN x',
      'UNLICENSED',
      'PSF-2.0',
      '',
    ]) {
      assert.deepEqual(licenceFindings([aLockedPackage({ licence }), ...excused]), [
        `a@1.0.0 has the licence "${licence}"`,
      ]);
    }
    assert.deepEqual(licenceFindings(excused.slice(1)), [
      'the exception for argparse PSF-2.0 excuses nothing',
    ]);
  });

  it('are listed once for each version, in order', () => {
    const packages = [
      aLockedPackage({ name: 'b' }),
      aLockedPackage({ version: '2.0.0', licence: 'ISC' }),
      aLockedPackage(),
      aLockedPackage({ folder: 'node_modules/b/node_modules/a' }),
    ];
    assert.equal(licenceList(packages), 'a 1.0.0 MIT\na 2.0.0 ISC\nb 1.0.0 MIT\n');
  });
});

describe('the bill of materials', () => {
  it('is the same twice, and names neither a registry nor this checkout', async (t) => {
    const [first, second] = await Promise.all([written(await aFolder(t)), written(await aFolder(t))]);
    assert.deepEqual(first, second);
    const [, bill = ''] = first;
    assert.equal(JSON.parse(bill).metadata.component.name, 'quorate');
    assert.doesNotMatch(bill, /registry|distribution|serialNumber|timestamp/);
    assert.ok(!bill.includes(ROOT));
  });

  it('tells of what the list of licences tells of, which is everything that is bundled', async (t) => {
    const [list = '', bill = ''] = await written(await aFolder(t));
    const told = JSON.parse(bill).components.map((each: { 'bom-ref': string }) => each['bom-ref']);
    const listed = list.trim().split('\n').map(packageAt);
    assert.deepEqual(listed.toSorted(), [...new Set<string>(told)].toSorted());
    assert.deepEqual(
      (await bundledPackages()).filter((each) => !listed.includes(each)),
      [],
    );
  });
});

/** Of `name version licence`. */
function packageAt(line: string): string {
  return line.split(' ').slice(0, 2).join('@');
}

async function bundledPackages(): Promise<readonly string[]> {
  const notices = await readFile(join(ROOT, 'dist', 'LICENSES-OF-OTHERS'), 'utf8');
  return notices.split(/^-{80}\n\n/m).map(packageAt);
}

/** The files that `make sbom` writes, in the order of their names. */
async function written(folder: string): Promise<readonly string[]> {
  await promisify(execFile)(process.execPath, [join(ROOT, 'scripts', 'build-sbom.ts'), folder]);
  const names = (await readdir(folder)).toSorted();
  assert.deepEqual(names, ['licences.txt', 'sbom.cdx.json']);
  return Promise.all(names.map((name) => readFile(join(folder, name), 'utf8')));
}

describe('notices that go with the bundle', () => {
  const inner = aLockedPackage({
    name: 'inner',
    folder: 'node_modules/a/node_modules/inner',
    licence: 'ISC',
  });
  const packages = [aLockedPackage(), inner, aLockedPackage({ name: 'unused' })];

  async function installed(t: TestContext, files: Readonly<Record<string, string>>): Promise<string> {
    const root = await aFolder(t);
    for (const [path, text] of Object.entries(files)) {
      await mkdir(join(root, path, '..'), { recursive: true });
      await writeFile(join(root, path), text);
    }
    return root;
  }

  it('are those of every package that has a file in it, of the innermost one each, with all texts', async (t) => {
    const root = await installed(t, {
      'node_modules/a/LICENSE': 'Of a.\n',
      'node_modules/a/NOTICE.txt': 'By us.',
      'node_modules/a/licenses.js': 'code',
      'node_modules/a/node_modules/inner/licence.md': 'Of inner.',
    });
    const inputs = ['src/main.ts', 'node_modules/a/x.js', 'node_modules/a/node_modules/inner/y.js'];
    const rule = '-'.repeat(80);
    assert.equal(
      noticesOf(root, inputs, packages),
      `a 1.0.0 (MIT)\n\nOf a.\n\nBy us.\n\n${rule}\n\ninner 1.0.0 (ISC)\n\nOf inner.\n`,
    );
  });

  it('are not written without the text of a licence', async (t) => {
    const root = await installed(t, { 'node_modules/a/package.json': '{}' });
    assert.throws(
      () => noticesOf(root, ['node_modules/a/x.js'], packages),
      /a is in the bundle and brings no/,
    );
  });

  it('are not written where something in the bundle is of nobody', () => {
    assert.throws(
      () => noticesOf('/', ['node_modules/other/x.js'], packages),
      /node_modules\/other\/x\.js is in the bundle and of no package/,
    );
  });

  it('in the image tell of all that the bundle holds', async () => {
    const names = (await bundledPackages()).map((each) => each.replace(/@[^@]*$/, ''));
    for (const name of ['etcd3', '@grpc/grpc-js', 'protobufjs', 'valibot', 'pino']) {
      assert.ok(names.includes(name), name);
    }
  });
});
