import assert from 'node:assert/strict';
import { request as httpRequest } from 'node:http';
import { describe, it, type TestContext } from 'node:test';
import { API_BODY_BYTES_MAX } from '../../src/local/api-requests.ts';
import { type ApiStandIn, startApiStandIn } from '../../src/local/api-stand-in.ts';
import {
  type ApiState,
  addPod,
  createApiState,
  markPodDeleted,
  putConfigMap,
  reportPod,
} from '../../src/local/api-state.ts';
import { type ApiStore, createApiStore } from '../../src/local/api-store.ts';

const NOW = Date.UTC(2026, 0, 2, 3, 4, 5, 678);
const SET = '/apis/apps/v1/namespaces/default/statefulsets/demo';
const RECORD = '/api/v1/namespaces/default/configmaps/demo-formation';
const PODS = '/api/v1/namespaces/default/pods';

type Served = { readonly api: ApiStandIn; readonly store: ApiStore };

async function serve(t: TestContext, persist: (state: ApiState) => void = () => undefined): Promise<Served> {
  const empty = createApiState({
    namespace: 'default',
    name: 'demo',
    uid: 'set-uid',
    replicas: 3,
    nowMs: NOW,
  });
  const store = createApiStore(
    putConfigMap(empty, { name: 'demo-formation', uid: 'map-uid', data: { record: 'first' } }, NOW),
    persist,
  );
  const api = await startApiStandIn({ store, address: '127.0.0.1', port: 0, now: () => NOW });
  t.after(() => api.close());
  return { api, store };
}

type Answer = { readonly code: number; readonly json: Record<string, unknown> };

async function call(
  api: ApiStandIn,
  method: string,
  path: string,
  body?: unknown,
  type = 'application/json',
): Promise<Answer> {
  const response = await fetch(`${api.url}${path}`, {
    method,
    ...(body === undefined
      ? {}
      : { body: typeof body === 'string' ? body : JSON.stringify(body), headers: { 'content-type': type } }),
  });
  return { code: response.status, json: JSON.parse(await response.text()) };
}

/** What of a Status object matters to a client. */
function refusalOf({ code, json }: Answer): readonly unknown[] {
  assert.equal(json['kind'], 'Status');
  assert.equal(json['code'], code);
  return [code, json['reason'], json['message']];
}

const MERGE = 'application/merge-patch+json';

describe('reading', () => {
  it('gives the StatefulSet with UID and wanted size', async (t) => {
    const { api } = await serve(t);
    const { code, json } = await call(api, 'GET', SET);
    assert.equal(code, 200);
    assert.deepEqual(json['metadata'], {
      name: 'demo',
      namespace: 'default',
      uid: 'set-uid',
      resourceVersion: '1',
      creationTimestamp: '2026-01-02T03:04:05Z',
      generation: 1,
    });
    assert.deepEqual((json['spec'] as { replicas: number }).replicas, 3);
  });

  it('gives a Pod as the kubelet reported it, with the date by which it is to be gone', async (t) => {
    const { api, store } = await serve(t);
    store.update((state) => addPod(state, { name: 'demo-1', ordinal: 1, uid: 'pod-uid' }, NOW));
    store.update((state) => reportPod(state, 'pod-uid', 'Running', '127.80.7.11'));
    store.update((state) => markPodDeleted(state, 'pod-uid', 30, NOW));
    const { json } = await call(api, 'GET', `${PODS}/demo-1`);
    const metadata = json['metadata'] as Record<string, unknown>;
    assert.equal(metadata['uid'], 'pod-uid');
    assert.equal(metadata['deletionTimestamp'], '2026-01-02T03:04:35Z');
    assert.equal(metadata['deletionGracePeriodSeconds'], 30);
    assert.deepEqual(json['status'], {
      phase: 'Running',
      podIP: '127.80.7.11',
      podIPs: [{ ip: '127.80.7.11' }],
    });
  });

  it('lists the Pods, lowest ordinal first', async (t) => {
    const { api, store } = await serve(t);
    for (const ordinal of [2, 0, 1]) {
      store.update((state) => addPod(state, { name: `demo-${ordinal}`, ordinal, uid: `${ordinal}` }, NOW));
    }
    const { json } = await call(api, 'GET', PODS);
    const items = json['items'] as readonly { metadata: { name: string } }[];
    assert.deepEqual(
      items.map((item) => item.metadata.name),
      ['demo-0', 'demo-1', 'demo-2'],
    );
  });

  const refused: readonly [string, string, string, readonly unknown[]][] = [
    ['an absent Pod', 'GET', `${PODS}/demo-7`, [404, 'NotFound', 'pods "demo-7" not found']],
    ['another set', 'GET', `${SET}x`, [404, 'NotFound', 'statefulsets.apps "demox" not found']],
    [
      'another namespace',
      'GET',
      RECORD.replace('default', 'other'),
      [404, 'NotFound', 'configmaps "demo-formation" not found'],
    ],
    [
      'what is not served',
      'GET',
      '/api/v1/nodes',
      [404, 'NotFound', 'the server could not find the requested resource'],
    ],
    [
      'a method that is not served',
      'DELETE',
      RECORD,
      [405, 'MethodNotAllowed', 'the server does not allow this method on the requested resource'],
    ],
  ];
  for (const [what, method, path, expected] of refused) {
    it(`refuses ${what} with a Status`, async (t) => {
      const { api } = await serve(t);
      assert.deepEqual(refusalOf(await call(api, method, path)), expected);
    });
  }
});

describe('writing a ConfigMap', () => {
  const write = (api: ApiStandIn, resourceVersion: string | undefined, record: string): Promise<Answer> =>
    call(api, 'PUT', RECORD, { metadata: { name: 'demo-formation', resourceVersion }, data: { record } });

  const versionOf = ({ json }: Answer): string =>
    (json['metadata'] as { resourceVersion: string }).resourceVersion;

  it('takes the update of who read last, and gives a larger resourceVersion', async (t) => {
    const { api } = await serve(t);
    const before = versionOf(await call(api, 'GET', RECORD));
    const answer = await write(api, before, 'second');
    assert.equal(answer.code, 200);
    assert.ok(Number(versionOf(answer)) > Number(before));
    assert.deepEqual((await call(api, 'GET', RECORD)).json['data'], { record: 'second' });
  });

  it('refuses a stale resourceVersion with 409 and changes nothing', async (t) => {
    const { api } = await serve(t);
    const stale = versionOf(await call(api, 'GET', RECORD));
    await write(api, stale, 'second');
    assert.deepEqual(refusalOf(await write(api, stale, 'third')), [
      409,
      'Conflict',
      'Operation cannot be fulfilled on configmaps "demo-formation": the object has been modified; please apply your changes to the latest version and try again',
    ]);
    assert.deepEqual((await call(api, 'GET', RECORD)).json['data'], { record: 'second' });
  });

  it('lets exactly one of several writers of one version win', async (t) => {
    const { api } = await serve(t);
    const version = versionOf(await call(api, 'GET', RECORD));
    const codes = await Promise.all(
      ['a', 'b', 'c', 'd'].map(async (each) => (await write(api, version, each)).code),
    );
    assert.deepEqual(codes.sort(), [200, 409, 409, 409]);
  });

  it('overwrites whatever is there without a resourceVersion', async (t) => {
    const { api } = await serve(t);
    assert.equal((await write(api, undefined, 'second')).code, 200);
  });

  it('keeps the resourceVersion when nothing changes', async (t) => {
    const { api } = await serve(t);
    const before = versionOf(await call(api, 'GET', RECORD));
    assert.equal(versionOf(await write(api, before, 'first')), before);
  });

  it('refuses another UID with 409', async (t) => {
    const { api } = await serve(t);
    const answer = await call(api, 'PUT', RECORD, { metadata: { uid: 'other' }, data: {} });
    assert.equal(answer.code, 409);
  });

  const refused: readonly [string, string, unknown, string, number, string][] = [
    ['a body that is not JSON', RECORD, '{', 'application/json', 400, 'BadRequest'],
    [
      'a body of another shape',
      RECORD,
      { metadata: {}, data: { record: 1 } },
      'application/json',
      400,
      'BadRequest',
    ],
    [
      'another name than the URL has',
      RECORD,
      { metadata: { name: 'x' } },
      'application/json',
      400,
      'BadRequest',
    ],
    ['another content type', RECORD, {}, 'text/plain', 415, 'UnsupportedMediaType'],
    ['an absent ConfigMap', `${RECORD}x`, { metadata: {} }, 'application/json', 404, 'NotFound'],
  ];
  for (const [what, path, body, type, code, reason] of refused) {
    it(`refuses ${what}`, async (t) => {
      const { api } = await serve(t);
      assert.deepEqual(refusalOf(await call(api, 'PUT', path, body, type)).slice(0, 2), [code, reason]);
    });
  }

  it('refuses a body beyond the limit with 413', async (t) => {
    const { api } = await serve(t);
    const answer = await call(api, 'PUT', RECORD, 'x'.repeat(API_BODY_BYTES_MAX + 1));
    assert.deepEqual(refusalOf(answer).slice(0, 2), [413, 'RequestEntityTooLarge']);
  });

  it('answers 500 and keeps the old state when the new one cannot be stored', async (t) => {
    const { api } = await serve(t, () => {
      throw new Error('ENOSPC: no space left on device');
    });
    assert.equal((await write(api, undefined, 'second')).code, 500);
    assert.deepEqual((await call(api, 'GET', RECORD)).json['data'], { record: 'first' });
  });
});

describe('scaling', () => {
  it('patches the wanted size through the scale subresource', async (t) => {
    const { api, store } = await serve(t);
    const answer = await call(api, 'PATCH', `${SET}/scale`, { spec: { replicas: 5 } }, MERGE);
    assert.deepEqual(answer.json['spec'], { replicas: 5 });
    assert.equal(store.read().statefulSet.replicas, 5);
    assert.deepEqual((await call(api, 'GET', `${SET}/scale`)).json['spec'], { replicas: 5 });
  });

  const refused: readonly [string, unknown, string, number][] = [
    ['a negative size', { spec: { replicas: -1 } }, MERGE, 422],
    ['more members than ordinals', { spec: { replicas: 10 } }, MERGE, 422],
    ['a size that is no number', { spec: { replicas: 'many' } }, MERGE, 400],
    ['a stale resourceVersion', { metadata: { resourceVersion: '0' }, spec: { replicas: 1 } }, MERGE, 409],
    ['a JSON patch', [], 'application/json-patch+json', 415],
  ];
  for (const [what, body, type, code] of refused) {
    it(`refuses ${what}`, async (t) => {
      const { api, store } = await serve(t);
      assert.equal((await call(api, 'PATCH', `${SET}/scale`, body, type)).code, code);
      assert.equal(store.read().statefulSet.replicas, 3);
    });
  }
});

describe('faults', () => {
  const scaleTo = (api: ApiStandIn, replicas: number): Promise<Answer> =>
    call(api, 'PATCH', `${SET}/scale`, { spec: { replicas } }, MERGE);

  it('resets connections while unreachable, kept ones too, and carries nothing out', async (t) => {
    const { api, store } = await serve(t);
    await call(api, 'GET', SET);
    api.setFault({ kind: 'unreachable' });
    await assert.rejects(call(api, 'GET', SET));
    await assert.rejects(scaleTo(api, 5));
    assert.equal(store.read().statefulSet.replicas, 3);
    api.setFault({ kind: 'none' });
    assert.equal((await call(api, 'GET', SET)).code, 200);
  });

  it('answers 503 to everything when told to', async (t) => {
    const { api, store } = await serve(t);
    api.setFault({ kind: 'status', code: 503 });
    assert.equal(refusalOf(await scaleTo(api, 5))[0], 503);
    assert.equal(store.read().statefulSet.replicas, 3);
  });

  it('carries out a write and loses its acknowledgement', async (t) => {
    const { api, store } = await serve(t);
    api.setFault({ kind: 'lose-acks' });
    await assert.rejects(scaleTo(api, 5));
    assert.equal(store.read().statefulSet.replicas, 5);
    assert.equal((await call(api, 'GET', SET)).code, 200);
  });

  it('answers reads from the past while writes meet the present', async (t) => {
    const { api } = await serve(t);
    api.setFault({ kind: 'stale-reads' });
    await scaleTo(api, 5);
    assert.deepEqual((await call(api, 'GET', `${SET}/scale`)).json['spec'], { replicas: 3 });
    const stale = { metadata: { resourceVersion: '1' }, spec: { replicas: 4 } };
    assert.equal((await call(api, 'PATCH', `${SET}/scale`, stale, MERGE)).code, 409);
  });

  it('delays every request, and still closes at once', async (t) => {
    const { api, store } = await serve(t);
    api.setFault({ kind: 'slow', delayMs: 1 });
    assert.equal((await call(api, 'GET', SET)).code, 200);
    api.setFault({ kind: 'slow', delayMs: 60_000 });
    const late = assert.rejects(scaleTo(api, 5));
    await api.close();
    await late;
    assert.equal(store.read().statefulSet.replicas, 3);
  });
});

describe('sockets', () => {
  it('survives a client that hangs up in the middle of a body', async (t) => {
    const { api } = await serve(t);
    const request = httpRequest(`${api.url}${RECORD}`, { method: 'PUT', headers: { 'content-length': 100 } });
    request.on('error', () => undefined);
    request.write('{');
    request.destroy();
    assert.equal((await call(api, 'GET', SET)).code, 200);
  });

  it('says that its address is in use', async (t) => {
    const { api, store } = await serve(t);
    const port = Number(new URL(api.url).port);
    await assert.rejects(startApiStandIn({ store, address: '127.0.0.1', port }), {
      code: 'ADDRESS_IN_USE',
      message: `127.0.0.1:${port} is in use by another program; end it (\`ss -lntup\` names it) or use another state folder`,
    });
  });
});
