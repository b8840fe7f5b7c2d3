/** What is installed is what was looked at: nothing moves, nothing runs on installation. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { dependencyFindings } from '../../scripts/supply/dependency-findings.ts';
import { type LockedPackage, parseLockFile, readLockFile } from '../../scripts/supply/lock-file.ts';
import { aLockedPackage } from '../support/a-locked-package.ts';

const ROOT = join(import.meta.dirname, '..', '..');

describe('the packages this project is made of', () => {
  it('are pinned by digest, come from the registry in use, and run nothing on installation', () => {
    const manifest: unknown = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
    assert.deepEqual(dependencyFindings(manifest, readLockFile(ROOT)), []);
  });

  it('run no scripts even where they have some, and the lock file names no registry', () => {
    const settings = readFileSync(join(ROOT, '.npmrc'), 'utf8').split('\n');
    for (const setting of ['ignore-scripts=true', 'omit-lockfile-registry-resolved=true']) {
      assert.ok(settings.includes(setting), setting);
    }
  });
});

/** The real one, so that no exception is idle. */
const warner = aLockedPackage({ name: 'protobufjs', hasInstallScript: true });

describe('a finding about dependencies', () => {
  const found: Readonly<Record<string, readonly [packages: LockedPackage, words: string]>> = {
    'a digest that is absent': [aLockedPackage({ integrity: '' }), 'has no SHA-512 digest'],
    'a digest of an older kind': [aLockedPackage({ integrity: 'sha1-AAAA' }), 'has no SHA-512 digest'],
    'a second digest beside a good one': [
      aLockedPackage({ integrity: `${aLockedPackage().integrity} sha1-AAAA` }),
      'has no SHA-512 digest',
    ],
    'a git repository': [
      aLockedPackage({ from: 'git+ssh://git@example.org/a.git#1' }),
      'comes from git+ssh://git@example.org/a.git#1',
    ],
    'an address': [
      aLockedPackage({ from: 'http://example.org/a.tgz' }),
      'comes from http://example.org/a.tgz',
    ],
    'an archive of this machine': [aLockedPackage({ from: 'file:../a.tgz' }), 'comes from file:../a.tgz'],
    'a folder of this machine': [aLockedPackage({ folder: '../a' }), 'is a folder of this machine'],
    'an install script': [aLockedPackage({ hasInstallScript: true }), 'has an install script'],
  };
  for (const [what, [given, words]] of Object.entries(found)) {
    it(`is ${what}`, () => {
      assert.deepEqual(dependencyFindings({}, [given, warner]), [`a@1.0.0 ${words}`]);
    });
  }

  it('is no install script of a tool that is left out of what is shipped', () => {
    const tool = aLockedPackage({ hasInstallScript: true, isDevelopment: true });
    assert.deepEqual(dependencyFindings({}, [tool, warner]), []);
  });

  it('is an exception that excuses nothing', () => {
    assert.deepEqual(dependencyFindings({}, []), [
      'the exception for the install script of protobufjs excuses nothing',
    ]);
  });

  it('is a version that may move', () => {
    for (const version of [
      '^1.0.0',
      '1.x',
      '*',
      'latest',
      '>=1.0.0 <2.0.0',
      '',
      'github:a/a',
      'npm:b@1.0.0',
    ]) {
      assert.deepEqual(dependencyFindings({ optionalDependencies: { a: version } }, [warner]), [
        `a is wanted as "${version}", which is no exact version`,
      ]);
    }
  });
});

describe('a lock file', () => {
  it('gives packages inside packages their own names, and aliases their real ones', () => {
    const packages = {
      '': { name: 'quorate' },
      'node_modules/a/node_modules/@b/c': { version: '2.0.0' },
      'node_modules/alias': { name: 'real', version: '1.0.0' },
      tools: { version: '3.0.0' },
    };
    assert.deepEqual(
      parseLockFile(JSON.stringify({ lockfileVersion: 3, packages })).map(({ name }) => name),
      ['@b/c', 'real', 'tools'],
    );
  });

  it('of another version is not read as if it were empty', () => {
    assert.throws(() => parseLockFile('{"lockfileVersion":1,"dependencies":{}}'), /ValiError|Invalid/);
  });
});
