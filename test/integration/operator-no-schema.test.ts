/** An API server that has lost the schema of EtcdCluster, and so lets anything pass. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { STATEFUL_SET } from '../../src/operator/kinds.ts';
import { valueAt } from '../support/real-api-server-client.ts';
import { anOperatorGround, conditionOf, listAt, startOperator, untilObject } from './operator-kit.ts';
import { API, anObject, create, messageOf } from './own-objects.ts';

const ground = anOperatorGround();
const DEFINITION = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions/etcdclusters.etcd.etcd.io';
/** The server serves by a changed definition after a second or so. */
const IN_FORCE_MS_MAX = 20_000;
const POLL_MS = 50;

async function loseSchema(namespace: string): Promise<void> {
  const schema = { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } };
  const patch = [
    { op: 'replace', path: '/spec/versions/0/schema', value: schema },
    // By itself it would have the size be a number.
    { op: 'remove', path: '/spec/versions/0/subresources/scale' },
  ];
  const contentType = 'application/json-patch+json';
  const lost = await ground.client().send('PATCH', DEFINITION, patch, { contentType });
  assert.equal(lost.status, 200, messageOf(lost));
  const deadline = AbortSignal.timeout(IN_FORCE_MS_MAX);
  const odd = anObject('EtcdCluster', { metadata: { name: 'odd', namespace }, spec: 'nothing' });
  while ((await create(ground.client(), odd, '?dryRun=All')).status !== 201) {
    assert.ok(!deadline.aborted);
    await delay(POLL_MS);
  }
}

describe('a spec that no schema has checked', () => {
  it('fails by name and makes nothing; corrected, the cluster comes up', async (t) => {
    const namespace = await ground.namespace();
    await loseSchema(namespace);
    const { log } = startOperator(t, ground);
    const collection = `${API}/namespaces/${namespace}/etcdclusters`;
    const cases = [
      ['null-template', { podTemplate: null }, 'spec.podTemplate must be an object, and is null'],
      ['text-size', { size: '3' }, 'spec.size must be a whole number, and is a text'],
      ['no-object', 7, 'spec must be an object, and is a number'],
    ] as const;
    for (const [name, spec, message] of cases) {
      const made = await create(
        ground.client(),
        anObject('EtcdCluster', { metadata: { name, namespace }, spec }),
      );
      assert.equal(made.status, 201, messageOf(made));
      const told = await untilObject(
        ground.client(),
        collection,
        `${name} told`,
        (each) => valueAt(each, 'metadata.name') === name && conditionOf(each, 'Progressing') !== undefined,
      );
      assert.equal(valueAt(told, 'status.phase'), 'Failed');
      assert.equal(conditionOf(told, 'Progressing')?.reason, 'SpecInvalid');
      assert.ok(String(valueAt(told, 'status.message')).startsWith(message));
    }
    const sets = await listAt(
      ground.client(),
      `/apis/apps/v1/namespaces/${namespace}/${STATEFUL_SET.plural}`,
    );
    assert.deepEqual(sets, []);
    const patch = { spec: { size: 1 } };
    const contentType = 'application/merge-patch+json';
    await ground.client().send('PATCH', `${collection}/text-size`, patch, { contentType });
    await untilObject(
      ground.client(),
      collection,
      'right',
      (each) => valueAt(each, 'metadata.name') === 'text-size' && valueAt(each, 'status.phase') === 'Running',
    );
    assert.deepEqual(
      log.lines.filter(({ level }) => level === 'error'),
      [],
    );
  });
});
