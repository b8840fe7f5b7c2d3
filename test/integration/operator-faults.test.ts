/** The API server fails, refuses or forgets; agents fall silent; specs ask for what cannot be had. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { STATEFUL_SET } from '../../src/operator/kinds.ts';
import { valueAt } from '../support/real-api-server-client.ts';
import { backingEtcdOf } from './kube-client-kit.ts';
import {
  anOperatorGround,
  conditionOf,
  createCluster,
  eventsOf,
  type PlayedCluster,
  pathIn,
  podsOf,
  startOperator,
  untilEvent,
  untilObject,
} from './operator-kit.ts';

const ground = anOperatorGround();

describe('an API server that is killed and comes back', () => {
  it('in the midst of five creations costs none of them, and tells nothing twice', async (t) => {
    const { watched } = startOperator(t, ground);
    const namespace = await ground.namespace();
    const names = ['a', 'b', 'c', 'd', 'e'];
    const created = await Promise.all(
      names.map((name) => createCluster(ground, namespace, name, { size: 3 })),
    );
    const started = Promise.withResolvers<void>();
    watched.fate = ({ verb, kind }) => {
      if (verb === 'apply' && kind === 'StatefulSet') {
        started.resolve();
      }
      return 'pass';
    };
    await started.promise;
    await ground.server().stop('SIGKILL');
    await ground.server().start(t.signal);
    for (const cluster of created) {
      await cluster.right();
      assert.deepEqual(
        (await eventsOf(ground.client(), cluster)).filter(({ count }) => count !== 1),
        [],
      );
    }
  });

  it('and has forgotten what happened meanwhile: what is missing is found by a list', async (t) => {
    startOperator(t, ground);
    const cluster = await createCluster(ground, await ground.namespace(), 'demo', { size: 1 });
    await cluster.right();
    const etcd = await backingEtcdOf(ground.server());
    await ground.server().stop('SIGKILL');
    await etcd.removeKey(`/registry/services/specs/${cluster.namespace}/demo-client`);
    await etcd.compact();
    await ground.server().start(t.signal);
    await untilObject(
      ground.client(),
      `/api/v1/namespaces/${cluster.namespace}/services`,
      'the Service made anew',
      (object) => valueAt(object, 'metadata.name') === 'demo-client',
    );
    await cluster.right();
  });
});

describe('a call that fails', () => {
  it('is made again: a status that could not be written is written later, and its Events told once', async (t) => {
    const { watched } = startOperator(t, ground);
    let failures = 4;
    watched.fate = ({ verb }) => {
      const fails = verb === 'applyStatus' && failures > 0;
      failures -= Number(fails);
      return fails ? (failures % 2 === 0 ? 'cut' : 'lose') : 'pass';
    };
    const cluster = await createCluster(ground, await ground.namespace(), 'demo', { size: 3 });
    await cluster.right();
    assert.equal(failures, 0);
    const said = (await eventsOf(ground.client(), cluster)).map(({ message }) => message);
    assert.equal(new Set(said).size, said.length);
  });
});

describe('an agent that falls silent', () => {
  it('is named at once, and so is that etcd there serves all the same; its next word heals it', async (t) => {
    startOperator(t, ground);
    const cluster = await createCluster(ground, await ground.namespace(), 'demo', { size: 3 });
    await cluster.right();
    const voice = ground.played().voiceOf(cluster.key, 'demo-1');
    await voice?.silence();
    const degraded = await cluster.until(
      'degraded',
      (each) => conditionOf(each, 'Degraded')?.reason === 'AgentsSilent',
    );
    assert.match(String(conditionOf(degraded, 'Degraded')?.message), /demo-1 .*etcd there serves/);
    assert.equal(conditionOf(degraded, 'Available')?.status, 'True');
    await voice?.speak();
    await cluster.until('well', (each) => conditionOf(each, 'Degraded')?.status === 'False');
  });

  it('before its first word is named after a while', async (t) => {
    const namespace = await ground.namespace();
    ground.played().hold(`${namespace}/demo`, 'agent', 'demo-0');
    startOperator(t, ground);
    const cluster = await createCluster(ground, namespace, 'demo', { size: 1 });
    await cluster.until('with a Pod', (each) => valueAt(each, 'status.currentReplicas') === 1);
    await ground.played().voiceOf(cluster.key, 'demo-0')?.silence();
    await cluster.until('waiting', (each) =>
      /does not answer|nobody|Nothing was heard|No member has said/i.test(
        String(valueAt(each, 'status.message')),
      ),
    );
    await ground.played().voiceOf(cluster.key, 'demo-0')?.speak();
    ground.played().letGo(cluster.key, 'agent', 'demo-0');
    await cluster.right();
  });
});

describe('Kubernetes that refuses', () => {
  it('an object by a quota is quoted in a condition and an Event, and tried again', async (t) => {
    const namespace = await ground.namespace();
    const quota = `/api/v1/namespaces/${namespace}/resourcequotas`;
    const hard = { 'count/services': '0' };
    await ground.client().send('POST', quota, { metadata: { name: 'none' }, spec: { hard } });
    const contentType = 'application/merge-patch+json';
    const status = { hard, used: { 'count/services': '0' } };
    await ground.client().send('PATCH', `${quota}/none/status`, { status }, { contentType });
    startOperator(t, ground);
    const cluster = await createCluster(ground, namespace, 'demo', { size: 1 });
    const refused = await cluster.until(
      'refused',
      (each) => conditionOf(each, 'Progressing')?.reason === 'ObjectRefused',
    );
    assert.match(
      String(conditionOf(refused, 'Progressing')?.message),
      /Service demo-.* exceeded quota: none/,
    );
    await untilEvent(ground, cluster, 'ObjectRefused');
    await ground.client().send('DELETE', `${quota}/none`);
    await cluster.right();
  });

  it('Pods is quoted by what it warns the set of', async (t) => {
    const namespace = await ground.namespace();
    const key = `${namespace}/demo`;
    ground.played().hold(key, 'controller', 'demo');
    startOperator(t, ground);
    const cluster = await createCluster(ground, namespace, 'demo', { size: 1 });
    const sets = `/apis/apps/v1/namespaces/${namespace}/statefulsets`;
    const set = await untilObject(ground.client(), sets, 'the set', () => true);
    await warnOf(set, 'FailedCreate', 'create Pod demo-0 in StatefulSet demo failed: exceeded quota: none');
    await cluster.until('quoting it', (each) =>
      /exceeded quota: none/.test(String(conditionOf(each, 'Progressing')?.message)),
    );
    ground.played().letGo(key, 'controller', 'demo');
    await cluster.right();
  });
});

/** An Event as a controller of Kubernetes writes it. */
async function warnOf(object: unknown, reason: string, message: string): Promise<void> {
  const { namespace, name, uid } = Object(valueAt(object, 'metadata'));
  const now = new Date().toISOString().replace(/\.\d+Z$/, 'Z');
  const event = {
    metadata: { name: `${name}.warning`, namespace },
    involvedObject: { apiVersion: 'apps/v1', kind: 'StatefulSet', namespace, name, uid },
    ...{ type: 'Warning', reason, message, count: 1, firstTimestamp: now, lastTimestamp: now },
    source: { component: 'statefulset-controller' },
  };
  const { status, body } = await ground
    .client()
    .send('POST', `/api/v1/namespaces/${namespace}/events`, event);
  assert.equal(status, 201, JSON.stringify(body));
}

/** What a spec may name that is not there; each with the reason that is told. */
const NOT_THERE: readonly (readonly [tls: object, reason: string])[] = [
  [{ certificateSecret: 'own-tls', caSecret: 'own-ca' }, 'SecretMissing'],
  [{ caSecret: 'own-ca' }, 'SecretMissing'],
  [{ issuerRef: { name: 'house' } }, 'IssuerUnavailable'],
];

describe('a spec whose certificates are not to be had', () => {
  for (const [tls, reason] of NOT_THERE) {
    it(`starts nothing and says so (${reason} of ${JSON.stringify(tls)}); corrected, it comes`, async (t) => {
      const namespace = await ground.namespace();
      startOperator(t, ground);
      const cluster = await createCluster(ground, namespace, 'demo', { size: 1, security: { tls } });
      const told = await cluster.until('told', (each) => conditionOf(each, 'TLSReady')?.reason === reason);
      assert.equal(valueAt(told, 'status.phase'), 'Failed');
      assert.deepEqual(await podsOf(ground.client(), cluster), []);
      const set = await ground.client().send('GET', pathIn(cluster, STATEFUL_SET, 'demo'));
      assert.equal(set.status, 404);
      await cluster.edit({ spec: { security: null } });
      await cluster.right();
    });
  }

  it('leaves what runs as it is', async (t) => {
    startOperator(t, ground);
    const cluster = await createCluster(ground, await ground.namespace(), 'demo', { size: 1 });
    await cluster.right();
    const before = await generationOf(cluster);
    await cluster.edit({ spec: { size: 3, security: { tls: { caSecret: 'own-ca' } } } });
    const told = await cluster.until(
      'told',
      (each) => conditionOf(each, 'TLSReady')?.reason === 'SecretMissing',
    );
    assert.equal(conditionOf(told, 'Available')?.status, 'True');
    assert.equal(await generationOf(cluster), before);
    await cluster.edit({ spec: { security: null } });
    await cluster.right();
    assert.equal((await podsOf(ground.client(), cluster)).length, 3);
  });
});

async function generationOf(cluster: PlayedCluster): Promise<unknown> {
  const { body } = await ground.client().send('GET', pathIn(cluster, STATEFUL_SET, cluster.name));
  return valueAt(body, 'metadata.generation');
}
