import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createHttpObjectApi } from '../../src/kube/http-object-api.ts';
import { createHttpTransport } from '../../src/kube/http-transport.ts';
import type { ObjectPage } from '../../src/kube/object-api.ts';
import type { Outcome } from '../../src/kube/outcome.ts';
import type { ResourceType } from '../../src/kube/resource-type.ts';
import { EVENT } from '../../src/operator/events/event-record.ts';
import { createEventRecorder, type RecorderNews } from '../../src/operator/events/event-recorder.ts';
import { systemClock } from '../../src/runtime/clock.ts';
import { itKeepsRecords } from '../operator/election/record-keeper-contract.ts';
import { aConfigMap, aRealServer, CONFIG_MAP, credentialsOf, NAMESPACE } from './kube-client-kit.ts';

const STATEFUL_SET: ResourceType = { apiVersion: 'apps/v1', kind: 'StatefulSet', plural: 'statefulsets' };
const real = aRealServer();

function done<T>(outcome: Outcome<T>): T {
  assert.ok(outcome.kind === 'done', JSON.stringify(outcome));
  return outcome.value;
}

function aStatefulSet(namespace: string, replicas: number) {
  const labels = { app: 'a' };
  const template = { metadata: { labels }, spec: { containers: [{ name: 'c', image: 'i' }] } };
  const spec = { replicas, serviceName: 'a', selector: { matchLabels: labels }, template };
  return { metadata: { name: 'a', namespace }, spec };
}

describe('server-side apply on a real API server', () => {
  it('creates, changes, and does nothing when nothing changes', async (t) => {
    const [api, namespace] = [await real.api(t), await real.namespace(t)];
    const created = done(await api.apply(STATEFUL_SET, aStatefulSet(namespace, 3), t.signal));
    const same = done(await api.apply(STATEFUL_SET, aStatefulSet(namespace, 3), t.signal));
    assert.equal(same.metadata.resourceVersion, created.metadata.resourceVersion);
    const changed = done(await api.apply(STATEFUL_SET, aStatefulSet(namespace, 5), t.signal));
    assert.equal(changed.metadata.uid, created.metadata.uid);
    assert.equal(changed.metadata.generation, 2);
    assert.partialDeepStrictEqual(changed['spec'], { replicas: 5, podManagementPolicy: 'OrderedReady' });
  });

  it('gives up a field that it does not name any more, and leaves alone what others wrote', async (t) => {
    const [ours, theirs] = [await real.api(t), await real.api(t, 'somebody-else')];
    const namespace = await real.namespace(t);
    done(await ours.apply(CONFIG_MAP, aConfigMap(namespace, 'a', { one: '1', two: '2' }), t.signal));
    done(await theirs.apply(CONFIG_MAP, aConfigMap(namespace, 'a', { three: '3' }), t.signal));
    const now = done(await ours.apply(CONFIG_MAP, aConfigMap(namespace, 'a', { two: '2' }), t.signal));
    assert.deepEqual(now['data'], { two: '2', three: '3' });
  });

  it('takes back a field that another changed', async (t) => {
    const [ours, theirs] = [await real.api(t), await real.api(t, 'kubectl')];
    const namespace = await real.namespace(t);
    const made = done(await ours.apply(CONFIG_MAP, aConfigMap(namespace, 'a', { one: '1' }), t.signal));
    done(await theirs.update(CONFIG_MAP, { ...made, data: { one: 'edited' } }, t.signal));
    const now = done(await ours.apply(CONFIG_MAP, aConfigMap(namespace, 'a', { one: '1' }), t.signal));
    assert.deepEqual(now['data'], { one: '1' });
  });

  it('makes nothing anew that is gone, where a UID says what is meant', async (t) => {
    const [api, namespace] = [await real.api(t), await real.namespace(t)];
    const wanted = aConfigMap(namespace, 'a');
    const meant = {
      ...wanted,
      metadata: { ...wanted.metadata, uid: 'c5f2a3f6-0000-4000-8000-000000000000' },
    };
    assert.equal((await api.apply(CONFIG_MAP, meant, t.signal)).kind, 'conflict');
    assert.equal((await api.read(CONFIG_MAP, { namespace, name: 'a' }, t.signal)).kind, 'not-found');
  });

  it('writes a status and nothing else, and only of what is there', async (t) => {
    const [api, namespace] = [await real.api(t), await real.namespace(t)];
    const name = { name: 'a', namespace };
    const status = { metadata: name, spec: { replicas: 9 }, status: { replicas: 2, observedGeneration: 1 } };
    assert.equal((await api.applyStatus(STATEFUL_SET, status, t.signal)).kind, 'not-found');
    done(await api.apply(STATEFUL_SET, aStatefulSet(namespace, 3), t.signal));
    const written = done(await api.applyStatus(STATEFUL_SET, status, t.signal));
    assert.partialDeepStrictEqual(written, { spec: { replicas: 3 }, status: { replicas: 2 } });
    const again = done(await api.applyStatus(STATEFUL_SET, status, t.signal));
    assert.equal(again.metadata.resourceVersion, written.metadata.resourceVersion);
  });

  it('is refused in words when it makes no sense', async (t) => {
    const [api, namespace] = [await real.api(t), await real.namespace(t)];
    const negative = await api.apply(STATEFUL_SET, aStatefulSet(namespace, -1), t.signal);
    assert.ok(negative.kind === 'refused');
    assert.deepEqual([negative.status, negative.reason], [422, 'Invalid']);
    assert.match(negative.message, /spec\.replicas.*greater than or equal to 0/);
    const nowhere = await api.apply(CONFIG_MAP, aConfigMap('nowhere', 'a'), t.signal);
    assert.equal(nowhere.kind, 'not-found');
    const unknown = { apiVersion: 'example.com/v1', kind: 'Thing', plural: 'things' };
    const typeless = await api.read(unknown, { namespace, name: 'a' }, t.signal);
    assert.equal(typeless.kind === 'refused' && typeless.status, 404, 'no object is absent by this');
  });
});

describe('removing on a real API server', () => {
  it('removes what is meant, and nothing of the same name', async (t) => {
    const [api, namespace] = [await real.api(t), await real.namespace(t)];
    const name = { namespace, name: 'a' };
    const made = done(await api.apply(CONFIG_MAP, aConfigMap(namespace, 'a'), t.signal));
    const { uid, resourceVersion } = made.metadata;
    const other = { uid: 'c5f2a3f6-0000-4000-8000-000000000000' };
    assert.equal((await api.remove(CONFIG_MAP, name, other, t.signal)).kind, 'conflict');
    const older = { uid, resourceVersion: '1' };
    assert.equal((await api.remove(CONFIG_MAP, name, older, t.signal)).kind, 'conflict');
    done(await api.remove(CONFIG_MAP, name, { uid, resourceVersion, propagation: 'Background' }, t.signal));
    assert.equal((await api.remove(CONFIG_MAP, name, { uid }, t.signal)).kind, 'not-found');
  });

  it('accepts the removal of what a finalizer keeps', async (t) => {
    const [api, namespace] = [await real.api(t), await real.namespace(t)];
    const kept = aConfigMap(namespace, 'a');
    const finalizers = ['etcd.etcd.io/test'];
    done(await api.apply(CONFIG_MAP, { ...kept, metadata: { ...kept.metadata, finalizers } }, t.signal));
    done(await api.remove(CONFIG_MAP, kept.metadata, { propagation: 'Background' }, t.signal));
    const leaving = done(await api.read(CONFIG_MAP, kept.metadata, t.signal));
    assert.notEqual(leaving.metadata.deletionTimestamp, undefined);
    const { uid } = leaving.metadata;
    done(await api.apply(CONFIG_MAP, { metadata: { ...kept.metadata, uid } }, t.signal));
    assert.equal((await api.read(CONFIG_MAP, kept.metadata, t.signal)).kind, 'not-found');
  });

  it('keeps the owner until the garbage collector has come, in the foreground', async (t) => {
    const [api, namespace] = [await real.api(t), await real.namespace(t)];
    const name = { namespace, name: 'a' };
    done(await api.apply(CONFIG_MAP, aConfigMap(namespace, 'a'), t.signal));
    done(await api.remove(CONFIG_MAP, name, { propagation: 'Foreground' }, t.signal));
    const leaving = done(await api.read(CONFIG_MAP, name, t.signal));
    assert.deepEqual(leaving.metadata.finalizers, ['foregroundDeletion']);
  });
});

describe('reading on a real API server', () => {
  it('lists page by page what the selector selects', async (t) => {
    const [api, namespace] = [await real.api(t), await real.namespace(t)];
    for (const name of ['a', 'b', 'c', 'd', 'e']) {
      const map = aConfigMap(namespace, name);
      const labels = { vowel: name === 'a' || name === 'e' ? 'yes' : 'no' };
      done(await api.apply(CONFIG_MAP, { ...map, metadata: { ...map.metadata, labels } }, t.signal));
    }
    const pages: ObjectPage[] = [];
    let continueToken: string | undefined;
    do {
      const query = { namespace, labelSelector: 'vowel=no', limit: 2, continueToken };
      const page = done(await api.list(CONFIG_MAP, query, t.signal));
      pages.push(page);
      continueToken = page.continueToken;
    } while (continueToken !== undefined);
    assert.deepEqual(
      pages.map(({ items }) => items.map(({ metadata }) => metadata.name)),
      [['b', 'c'], ['d']],
    );
    assert.equal(pages[0]?.resourceVersion, pages[1]?.resourceVersion);
  });

  it('watches from a version until its time is up', async (t) => {
    const [api, namespace] = [await real.api(t), await real.namespace(t)];
    const made = done(await api.apply(CONFIG_MAP, aConfigMap(namespace, 'a'), t.signal));
    const query = { namespace, timeoutSeconds: 1, silenceMsMax: 30_000 };
    done(await api.apply(CONFIG_MAP, aConfigMap(namespace, 'a', { one: '1' }), t.signal));
    done(await api.remove(CONFIG_MAP, { namespace, name: 'a' }, {}, t.signal));
    const kinds: string[] = [];
    const { resourceVersion } = made.metadata;
    for await (const event of api.watch(CONFIG_MAP, { ...query, resourceVersion }, t.signal)) {
      kinds.push(event.kind === 'ended' ? event.how.kind : event.kind);
    }
    const [opened, modified, deleted, ...rest] = kinds;
    assert.deepEqual([opened, modified, deleted, rest.at(-1)], ['opened', 'modified', 'deleted', 'closed']);
  });
});

describe('credentials on a real API server', () => {
  it('are refused when they are wrong, and never sent to a stranger', async (t) => {
    const { url, ca, token } = real.server();
    const open = async (server: { url: string; ca: string; token: string }) => {
      const transport = createHttpTransport(await credentialsOf(t, server));
      t.after(() => transport.close());
      return createHttpObjectApi({ transport, fieldManager: 'quorate' });
    };
    const stranger = await open({ url, ca, token: 'wrong' });
    const refused = await stranger.read(NAMESPACE, { name: 'default' }, t.signal);
    assert.equal(refused.kind === 'refused' && refused.status, 401);
    // Trusting nobody in particular, this is nobody we know.
    const unknown = await (await open({ url, ca: '', token })).read(NAMESPACE, { name: 'default' }, t.signal);
    assert.match(unknown.kind === 'unknown' ? unknown.why : '', /self.signed certificate/);
  });
});

describe('records on a real API server', () => {
  itKeepsRecords(async (t) => ({ records: await real.api(t), namespace: await real.namespace(t) }));
});

describe('Events on a real API server', () => {
  it('are written, counted and found by their object', async (t) => {
    const [api, namespace] = [await real.api(t), await real.namespace(t)];
    const map = done(await api.apply(CONFIG_MAP, aConfigMap(namespace, 'a'), t.signal));
    const stop = new AbortController();
    const news: RecorderNews[] = [];
    let wake = Promise.withResolvers<void>();
    const recorder = createEventRecorder({
      events: api,
      source: { component: 'quorate-operator', instance: 'pod-1' },
      clock: systemClock,
      random: Math.random,
      onNews: (each) => {
        news.push(each);
        wake.resolve();
        wake = Promise.withResolvers();
      },
    });
    const running = recorder.run(stop.signal);
    const subject = { apiVersion: 'v1', kind: 'ConfigMap', namespace, name: 'a', uid: map.metadata.uid };
    for (const message of ['held', 'held', 'let go']) {
      const told = wake.promise;
      recorder.record(subject, { type: 'Normal', reason: 'Scaling', message });
      await told;
    }
    stop.abort();
    await running;
    assert.deepEqual(news, Array(3).fill({ kind: 'written' }));
    const { items } = done(await api.list(EVENT, { namespace, limit: 10 }, t.signal));
    const events = items.map((each) => [each['message'], each['count'], each['reportingComponent']]);
    assert.deepEqual(events.toSorted(), [
      ['held', 2, 'quorate-operator'],
      ['let go', 1, 'quorate-operator'],
    ]);
  });
});
