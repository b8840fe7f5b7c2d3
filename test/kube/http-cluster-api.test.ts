import assert from 'node:assert/strict';
import type { IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';
import { describe, it, type TestContext } from 'node:test';
import fc from 'fast-check';
import type { ClusterApi } from '../../src/kube/cluster-api.ts';
import { createHttpClusterApi } from '../../src/kube/http-cluster-api.ts';
import { formatFormationRecord, parseFormationRecord } from '../../src/model/formation-record.ts';
import { createHttpClient, type HttpAnswer, type HttpClient } from '../../src/runtime/http-client.ts';
import { aManualClock } from '../support/a-clock.ts';
import { formed, forming, unformed } from '../support/a-member-view.ts';
import { serveHttp } from '../support/http-origin.ts';

function apiOver(
  http: HttpClient,
  apiUrl = 'http://api',
  readToken: () => Promise<string | undefined> = async () => undefined,
): ClusterApi {
  return createHttpClusterApi({
    http,
    clock: aManualClock(42),
    apiUrl,
    readToken,
    namespace: 'default',
    statefulSet: 'demo',
    recordConfigMap: 'demo-formation',
  });
}

/** An HTTP client that always gets this answer. */
function always(answer: HttpAnswer): HttpClient {
  return { send: async () => answer, close: async () => undefined };
}

function answered(status: number, body: unknown): HttpAnswer {
  const written = typeof body === 'string' ? body : JSON.stringify(body);
  return { kind: 'answered', status, header: () => '', body: written };
}

function overHttp(t: TestContext): HttpClient {
  const http = createHttpClient();
  t.after(() => http.close());
  return http;
}

describe('the agent’s calls to the API', () => {
  it('go to the paths of Kubernetes, with the token as it is at each call', async (t) => {
    const asked: string[] = [];
    const url = await serveHttp(t, (request, response) => {
      asked.push(
        `${request.method} ${request.url} ${request.headers.authorization} ${request.headers.accept}`,
      );
      response.writeHead(404).end('{}');
    });
    let token = 'first';
    const api = apiOver(overHttp(t), url, async () => token);
    await api.readWantedSet(t.signal);
    await api.readRecord(t.signal);
    token = 'second';
    await api.readPod('demo-2', t.signal);
    assert.deepEqual(asked, [
      'GET /apis/apps/v1/namespaces/default/statefulsets/demo Bearer first application/json',
      'GET /api/v1/namespaces/default/configmaps/demo-formation Bearer first application/json',
      'GET /api/v1/namespaces/default/pods/demo-2 Bearer second application/json',
    ]);
  });

  it('are unknown, and nothing is asked, when the token cannot be read', async (t) => {
    const http: HttpClient = { send: () => assert.fail('it asked'), close: async () => undefined };
    const api = apiOver(http, 'http://api', () => Promise.reject(new Error('ENOENT: no such file')));
    const set = await api.readWantedSet(t.signal);
    assert.ok(!set.known);
    assert.match(set.why, /its token cannot be read: ENOENT/);
    assert.equal(await api.swapRecord(forming(), '7', t.signal), 'unknown');
  });

  it('never take a StatefulSet that is not found for one of size 0', async (t) => {
    const set = await apiOver(always(answered(404, {}))).readWantedSet(t.signal);
    assert.deepEqual(set, { known: false, why: 'the API server answered 404' });
  });

  it('read a size that is left out as 1, as Kubernetes does', async (t) => {
    const set = await apiOver(always(answered(200, { metadata: { uid: 'u' }, spec: {} }))).readWantedSet(
      t.signal,
    );
    assert.deepEqual(set, {
      known: true,
      value: { uid: 'u', replicas: 1, deleting: false },
      observedAtMs: 42,
    });
  });

  it('read a ConfigMap without a record as an absent record', async (t) => {
    for (const data of [undefined, {}, { other: 'x' }]) {
      const map = { metadata: { resourceVersion: '7' }, data };
      const record = await apiOver(always(answered(200, map))).readRecord(t.signal);
      assert.deepEqual(record, { known: true, value: 'absent', observedAtMs: 42 });
    }
  });

  it('read a Pod, whatever of its status is there yet', async (t) => {
    const metadata = { uid: 'pod-1' };
    const pods: readonly (readonly [object, object])[] = [
      [{ metadata }, { address: '', running: false, deleting: false }],
      [
        { metadata, status: { phase: 'Pending' } },
        { address: '', running: false, deleting: false },
      ],
      [
        {
          metadata: { ...metadata, deletionTimestamp: '2026-01-02T03:04:05Z' },
          status: { phase: 'Running', podIP: '10.0.0.7' },
        },
        { address: '10.0.0.7', running: true, deleting: true },
      ],
    ];
    for (const [json, expected] of pods) {
      const pod = await apiOver(always(answered(200, json))).readPod('demo-1', t.signal);
      const value = { kind: 'present', podUid: 'pod-1', ...expected };
      assert.deepEqual(pod, { known: true, value, observedAtMs: 42 });
    }
  });

  it('read a record with its version', async (t) => {
    const map = { metadata: { resourceVersion: '7' }, data: { record: formatFormationRecord(formed()) } };
    const record = await apiOver(always(answered(200, map))).readRecord(t.signal);
    assert.deepEqual(record, {
      known: true,
      value: { record: formed(), resourceVersion: '7' },
      observedAtMs: 42,
    });
  });

  it('say why nothing is known', async (t) => {
    const cases: readonly (readonly [HttpAnswer, RegExp])[] = [
      [{ kind: 'refused' }, /refuses connections/],
      [{ kind: 'unresolved', why: 'api has no address' }, /no answer \(api has no address\)/],
      [{ kind: 'unknown', why: 'no answer in time' }, /no answer \(no answer in time\)/],
      [answered(403, {}), /answered 403/],
      [answered(200, 'not JSON'), /not JSON/],
      [answered(200, { metadata: {} }), /makes no sense/],
    ];
    for (const [answer, why] of cases) {
      const set = await apiOver(always(answer)).readWantedSet(t.signal);
      assert.ok(!set.known);
      assert.match(set.why, why);
    }
  });

  it('take only the API server’s own 404 for an absence, and no proxy’s', async (t) => {
    const status = { kind: 'Status', apiVersion: 'v1', status: 'Failure', reason: 'NotFound', code: 404 };
    const absent = await apiOver(always(answered(404, status))).readPod('demo-0', t.signal);
    assert.deepEqual(absent, { known: true, value: { kind: 'absent' }, observedAtMs: 42 });
    for (const body of ['404 page not found', '', {}, { ...status, reason: 'Forbidden' }]) {
      const api = apiOver(always(answered(404, body)));
      assert.equal((await api.readPod('demo-0', t.signal)).known, false);
      assert.equal((await api.readRecord(t.signal)).known, false);
    }
  });

  it('never take garbage for an absence', async (t) => {
    const answer = fc.oneof(
      fc.tuple(fc.integer({ min: 100, max: 599 }), fc.json()).map(([status, body]) => answered(status, body)),
      fc.string().map((body) => answered(200, body)),
      fc.constant<HttpAnswer>({ kind: 'unknown', why: 'reset' }),
    );
    await fc.assert(
      fc.asyncProperty(answer, async (each) => {
        const api = apiOver(always(each));
        assert.equal((await api.readPod('demo-0', t.signal)).known, false);
        assert.equal((await api.readRecord(t.signal)).known, false);
        assert.equal((await api.readWantedSet(t.signal)).known, false);
        assert.equal(await api.swapRecord(formed(), '7', t.signal), 'unknown');
      }),
    );
  });
});

describe('a swap of the record', () => {
  it('leaves everything else in the ConfigMap as its owners left it', async (t) => {
    const metadata = {
      name: 'demo-formation',
      namespace: 'default',
      uid: 'map-1',
      resourceVersion: '7',
      labels: { 'app.kubernetes.io/instance': 'demo' },
      annotations: { 'etcd.etcd.io/adopt': 'yes' },
      ownerReferences: [{ apiVersion: 'v1', kind: 'EtcdCluster', name: 'demo', uid: 'u', controller: true }],
      finalizers: ['keep'],
    };
    const before = {
      kind: 'ConfigMap',
      apiVersion: 'v1',
      metadata,
      immutable: false,
      data: { record: formatFormationRecord(unformed()), notes: 'by hand' },
      binaryData: { blob: 'AAAA' },
    };
    const written: Promise<string>[] = [];
    const url = await serveHttp(t, (request: IncomingMessage, response) => {
      if (request.method === 'PUT') {
        written.push(text(request));
      } else {
        request.resume();
      }
      request.once('end', () => response.writeHead(200).end(JSON.stringify(before)));
    });
    assert.equal(await apiOver(overHttp(t), url).swapRecord(forming(), '7', t.signal), 'written');
    const [body = ''] = await Promise.all(written);
    const { data, ...rest } = JSON.parse(body);
    const { data: dataBefore, ...restBefore } = before;
    assert.deepEqual(rest, restBefore);
    assert.equal(data.notes, dataBefore.notes);
    assert.deepEqual(parseFormationRecord(data.record), forming());
  });

  it('writes nothing when the record has moved on since it was read', async (t) => {
    const methods: string[] = [];
    const url = await serveHttp(t, (request, response) => {
      methods.push(request.method ?? '');
      response.writeHead(200).end(JSON.stringify({ metadata: { resourceVersion: '8' }, data: {} }));
    });
    assert.equal(await apiOver(overHttp(t), url).swapRecord(forming(), '7', t.signal), 'conflict');
    assert.deepEqual(methods, ['GET']);
  });

  it('is a conflict only when the API says so, and unknown in every other case', async (t) => {
    const outcomes: Readonly<Record<number, string>> = {
      200: 'written',
      409: 'conflict',
      404: 'unknown',
      422: 'unknown',
    };
    for (const [status, outcome] of Object.entries(outcomes)) {
      const url = await serveHttp(t, (request, response) => {
        response.writeHead(request.method === 'PUT' ? Number(status) : 200);
        response.end(JSON.stringify({ metadata: { resourceVersion: '7' } }));
      });
      assert.equal(await apiOver(overHttp(t), url).swapRecord(forming(), '7', t.signal), outcome);
    }
  });
});
