/** Which objects an operator serves, with which rights, and for how long. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { parse, parseAllDocuments } from 'yaml';
import { runOperator } from '../../src/operator/main.ts';
import { pause } from '../../src/runtime/abort.ts';
import { valueAt } from '../support/real-api-server-client.ts';
import { configWith, kubeconfigFor } from './operator-config.ts';
import {
  anOperatorGround,
  conditionOf,
  createCluster,
  membersIn,
  startOperator,
  untilObject,
} from './operator-kit.ts';
import { API } from './own-objects.ts';

const ground = anOperatorGround();
const RBAC = '/apis/rbac.authorization.k8s.io/v1';

/** The rights that the chart gives the operator. */
function rulesOfChart(): unknown {
  const file = join(
    import.meta.dirname,
    '..',
    '..',
    'manifests/charts/etcd-operator/files/operator-rules.yaml',
  );
  return parse(readFileSync(file, 'utf8'));
}

/** Gives `user` the rights of the chart: in these namespaces by Roles, or everywhere by a ClusterRole. */
async function entitle(user: string, namespaces: readonly string[] | undefined): Promise<void> {
  const subjects = [{ kind: 'User', name: user, apiGroup: 'rbac.authorization.k8s.io' }];
  const [prefix, kind] = namespaces === undefined ? ['cluster', 'ClusterRole'] : ['', 'Role'];
  const places = namespaces?.map((namespace) => `${RBAC}/namespaces/${namespace}`) ?? [RBAC];
  for (const place of places) {
    const made = [
      await ground
        .client()
        .send('POST', `${place}/${prefix}roles`, { metadata: { name: user }, rules: rulesOfChart() }),
      await ground.client().send('POST', `${place}/${prefix}rolebindings`, {
        metadata: { name: user },
        roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind, name: user },
        subjects,
      }),
    ];
    assert.deepEqual(
      made.map(({ status }) => status),
      [201, 201],
    );
  }
}

describe('an operator with the rights of its chart', () => {
  it('lacks none: creation, growth, a roll-out, a warning looked up, a quarrel about a name, the end', async (t) => {
    await entitle('operator-everywhere', undefined);
    const namespace = await ground.namespace();
    const { watched } = startOperator(t, ground, { user: 'operator-everywhere' });
    const taken = `/api/v1/namespaces/${namespace}/configmaps`;
    await ground.client().send('POST', taken, { metadata: { name: 'quarrel-formation' } });
    const quarrel = await createCluster(ground, namespace, 'quarrel', { size: 1 });
    await quarrel.until('hindered', (each) => conditionOf(each, 'Progressing')?.reason === 'NameTaken');
    const cluster = await createCluster(ground, namespace, 'demo', { size: 1 });
    await cluster.right();
    await cluster.edit({
      spec: {
        size: 3,
        security: { networkPolicy: true },
        podTemplate: { metadata: { annotations: { a: 'b' } } },
      },
    });
    await cluster.right();
    await cluster.edit({ spec: { security: { networkPolicy: false } } });
    await cluster.right();
    await cluster.remove();
    await cluster.gone();
    assert.deepEqual(watched.forbidden, []);
  });
});

describe('an operator of two namespaces', () => {
  it('serves both with a Role in each and no cluster-wide right, and nobody else', async (t) => {
    const namespaces = [await ground.namespace(), await ground.namespace()];
    const elsewhere = await ground.namespace();
    await entitle('operator-of-two', namespaces);
    const { watched } = startOperator(t, ground, { namespaces, user: 'operator-of-two' });
    const theirs = await createCluster(ground, elsewhere, 'demo', { size: 1 });
    for (const namespace of namespaces) {
      const cluster = await createCluster(ground, namespace, 'demo', { size: 3 });
      assert.equal(membersIn(await cluster.right()).length, 3);
    }
    assert.equal(valueAt(await theirs.read(), 'status'), undefined);
    assert.deepEqual(
      watched.calls.filter(({ namespace }) => namespace === undefined || !namespaces.includes(namespace)),
      [],
    );
    assert.deepEqual(watched.forbidden, []);
  });
});

/** A manifest of each kind that is known and not carried out. */
const PENDING: readonly (readonly [plural: string, kind: string, manifest: string])[] = [
  ['etcdbackups', 'EtcdBackup', 'backup-to-s3-every-night.yaml'],
  ['etcdrestores', 'EtcdRestore', 'restore-into-a-new-cluster.yaml'],
];

function manifestOf(kind: string, file: string): object {
  const documents = parseAllDocuments(readFileSync(join(import.meta.dirname, 'manifests', file), 'utf8'));
  const found = documents.map((each) => each.toJSON()).find((each) => valueAt(each, 'kind') === kind);
  return { ...found, metadata: { name: 'one' } };
}

describe('kinds that this release does not carry out', () => {
  for (const [plural, kind, manifest] of PENDING) {
    it(`are told so, once for each generation: ${kind}`, async (t) => {
      const namespace = await ground.namespace();
      const { watched } = startOperator(t, ground);
      const collection = `${API}/namespaces/${namespace}/${plural}`;
      const made = await ground.client().send('POST', collection, manifestOf(kind, manifest));
      assert.equal(made.status, 201, JSON.stringify(made.body));
      const told = await untilObject(
        ground.client(),
        collection,
        'told',
        (each) => valueAt(each, 'status.conditions.0.observedGeneration') === 1,
      );
      assert.partialDeepStrictEqual(conditionOf(told, 'Ready'), {
        status: 'False',
        reason: 'NotYetSupported',
      });
      // Something else happens, so that a second answer would have been given by now.
      await (await createCluster(ground, namespace, 'meanwhile', { size: 1 })).right();
      const answers = watched.calls.filter((call) => call.kind === kind && call.verb === 'applyStatus');
      assert.equal(answers.length, 1);
    });
  }
});

/** Of this test alone. */
const METRICS_ADDRESS = { host: '127.91.17.1', port: 8080 };

/** Its page is all that tells from outside whether it leads. */
async function untilLeading(expected: 0 | 1, signal: AbortSignal): Promise<void> {
  for (let leading: string | undefined; leading !== String(expected); ) {
    await pause(100, signal);
    const page = await fetch(`http://${METRICS_ADDRESS.host}:${METRICS_ADDRESS.port}/metrics`, { signal });
    leading = /^quorate_operator_leading (\d)$/m.exec(await page.text())?.[1];
  }
}

describe('an operator with a Lease', () => {
  it('stops working when it loses it, touches nothing any more, and takes over again', async (t) => {
    const namespace = await ground.namespace();
    const stop = new AbortController();
    t.after(() => stop.abort());
    const config = {
      ...configWith(await kubeconfigFor(t, ground.server()), namespace),
      metricsAddress: METRICS_ADDRESS,
    };
    const ended = runOperator(config, stop.signal);
    const cluster = await createCluster(ground, namespace, 'demo', { size: 1 });
    await cluster.right();
    const leases = `/apis/coordination.k8s.io/v1/namespaces/${namespace}/leases/quorate-operator`;
    const stolen = { spec: { holderIdentity: 'somebody-else', renewTime: '2026-01-02T03:04:05.000000Z' } };
    const taken = await ground
      .client()
      .send('PATCH', leases, stolen, { contentType: 'application/merge-patch+json' });
    assert.equal(taken.status, 200);
    await untilLeading(0, t.signal);
    const other = startOperator(t, ground, { namespaces: [namespace] });
    await other.ready;
    const generation = await cluster.edit({ spec: { size: 3 } });
    const live = await cluster.right();
    assert.equal(valueAt(live, 'status.observedGeneration'), generation);
    await other.stop();
    const later = await cluster.edit({ spec: { size: 1 } });
    await untilLeading(1, t.signal);
    assert.equal(valueAt(await cluster.right(), 'status.observedGeneration'), later);
    const { body } = await ground.client().send('GET', leases);
    assert.notEqual(
      valueAt(body, 'spec.holderIdentity'),
      'somebody-else',
      'a Lease that nobody renews is taken',
    );
    stop.abort();
    assert.equal(await ended, 'stopped');
  });

  it('leaves it to the next at once when it is told to stop', async (t) => {
    const namespace = await ground.namespace();
    const kubeconfig = await kubeconfigFor(t, ground.server());
    const [first, second] = [new AbortController(), new AbortController()];
    t.after(() => second.abort());
    const firstEnded = runOperator(configWith(kubeconfig, namespace), first.signal);
    await (await createCluster(ground, namespace, 'one', { size: 1 })).right();
    const secondEnded = runOperator(configWith(kubeconfig, namespace), second.signal);
    first.abort();
    assert.equal(await firstEnded, 'stopped');
    await (await createCluster(ground, namespace, 'two', { size: 1 })).right();
    second.abort();
    assert.equal(await secondEnded, 'stopped');
  });
});
