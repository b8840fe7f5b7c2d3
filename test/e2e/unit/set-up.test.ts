import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { parseAllDocuments } from 'yaml';
import { folderHash } from '../../../scripts/e2e/folder-hash.ts';
import { isOnEveryNode } from '../../../scripts/e2e/node-images.ts';
import { withImage } from '../../../scripts/e2e/operator-manifest.ts';
import { operatorsAtWork } from '../../../scripts/e2e/other-operators.ts';

describe('folderHash', () => {
  it('is the same for the same content, and another for another name, mode, content or link', (t) => {
    const [one, same] = [aFolder(t), aFolder(t)];
    assert.equal(folderHash(one), folderHash(same));
    assert.match(folderHash(one), /^[0-9a-f]{12}$/);
    const hashes = new Set([folderHash(one)]);
    const changes = [
      () => writeFileSync(join(one, 'bin', 'run'), 'other'),
      () => chmodSync(join(one, 'bin', 'run'), 0o700),
      () => writeFileSync(join(one, 'more'), ''),
      () => symlinkSync('nowhere', join(one, 'link2')),
    ];
    for (const change of changes) {
      change();
      hashes.add(folderHash(one));
    }
    assert.equal(hashes.size, changes.length + 1);
  });
});

describe('isOnEveryNode', () => {
  const nodes = (...images: readonly (readonly string[] | null)[]): string =>
    JSON.stringify({ items: images.map((names) => ({ status: { images: [{ names: null }, { names }] } })) });

  it('knows an image by its name, whatever registry the node puts before it', () => {
    assert.equal(isOnEveryNode(nodes(['docker.io/library/quorate:1'], ['quorate:1']), 'quorate:1'), true);
  });

  it('takes an image that one node lacks for missing', () => {
    assert.equal(isOnEveryNode(nodes(['quorate:1'], ['quorate:10']), 'quorate:1'), false);
    assert.equal(isOnEveryNode(nodes(['quorate:1'], null), 'quorate:1'), false);
  });

  it('believes in nothing where there are no nodes', () => {
    assert.equal(isOnEveryNode('{"items":[]}', 'quorate:1'), false);
  });
});

describe('withImage', () => {
  const deployment = {
    kind: 'Deployment',
    metadata: { name: 'operator', namespace: 'system' },
    spec: {
      template: {
        spec: {
          containers: [
            {
              name: 'operator',
              image: 'a:1',
              env: [
                { name: 'QUORATE_AGENT_IMAGE', value: 'a:1' },
                { name: 'X', value: 'y' },
              ],
            },
          ],
        },
      },
    },
  };
  const yaml = (...objects: readonly unknown[]): string =>
    objects.map((each) => JSON.stringify(each)).join('\n---\n');

  it('gives the operator and its agents the image, and leaves the rest as it is', () => {
    const service = { kind: 'Service', metadata: { name: 's' } };
    const { manifest, deployment: place } = withImage(
      yaml({ kind: 'CustomResourceDefinition' }, service, deployment),
      'b:2',
    );
    assert.deepEqual(place, { namespace: 'system', name: 'operator' });
    const [first, second, ...more] = parseAllDocuments(manifest).map((document): unknown => document.toJS());
    assert.deepEqual(more, []);
    assert.deepEqual(first, service);
    const text = JSON.stringify(second);
    assert.match(
      text,
      /"image":"b:2","env":\[\{"name":"X","value":"y"\},\{"name":"QUORATE_AGENT_IMAGE","value":"b:2"\}\]/,
    );
  });

  it('refuses a manifest without an operator, or with two', () => {
    assert.throws(() => withImage(yaml({ kind: 'Service' }), 'b:2'), /has 0 Deployments/);
    assert.throws(() => withImage(yaml(deployment, deployment), 'b:2'), /has 2 Deployments/);
  });
});

describe('operatorsAtWork', () => {
  const at = Date.parse('2026-01-01T00:00:20Z');
  const lease = (name: string, holderIdentity: string | null, renewTime: string): unknown => ({
    metadata: { name, namespace: 'n' },
    spec: { holderIdentity, renewTime, leaseDurationSeconds: 15 },
  });
  const found = (...items: readonly unknown[]): readonly string[] =>
    operatorsAtWork(JSON.stringify({ items }), at);

  it('names who holds a Lease that was renewed of late', () => {
    assert.deepEqual(found(lease('quorate-operator', 'me', '2026-01-01T00:00:10Z')), ['n (me)']);
  });

  it('overlooks Leases that ran out, were given back, or are somebody else’s', () => {
    assert.deepEqual(
      found(
        lease('quorate-operator', 'me', '2025-12-31T23:59:00Z'),
        lease('quorate-operator', '', '2026-01-01T00:00:10Z'),
        lease('quorate-operator', null, '2026-01-01T00:00:10Z'),
        lease('other', 'me', '2026-01-01T00:00:10Z'),
        { metadata: { name: 'quorate-operator', namespace: 'n' } },
      ),
      [],
    );
  });
});

function aFolder(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'quorate-hash-'));
  t.after(() => rmSync(folder, { recursive: true }));
  mkdirSync(join(folder, 'bin'));
  writeFileSync(join(folder, 'bin', 'run'), 'content');
  chmodSync(join(folder, 'bin', 'run'), 0o755);
  symlinkSync('bin/run', join(folder, 'link'));
  return folder;
}
