import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  type SiblingQuestion,
  type SiblingSurveyDeps,
  surveySiblings,
} from '../../../src/agent/look/sibling-survey.ts';
import type { HttpClient } from '../../../src/runtime/http-client.ts';
import { NAMES } from '../../support/a-member-view.ts';
import { anAgentStatus } from '../../support/an-agent-status.ts';
import { aFakeClusterApi, type FakeClusterApi } from '../../support/fake-cluster-api.ts';

const EVERYTHING: Omit<SiblingQuestion, 'ordinals'> = { pods: true, agents: true, reach: true };

type Pages = Readonly<Record<string, unknown>>;

/** An HTTP client that knows these pages, by URL; nobody listens elsewhere. */
function browse(pages: Pages, asked: string[] = []): HttpClient {
  return {
    close: async () => undefined,
    send: async ({ url }) => {
      asked.push(url);
      const page = pages[url];
      if (page === undefined) {
        return { kind: 'refused' };
      }
      const body = typeof page === 'string' ? page : JSON.stringify(page);
      return { kind: 'answered', status: 200, header: () => '', body };
    },
  };
}

function depsOf(http: HttpClient, cluster: FakeClusterApi = aFakeClusterApi()): SiblingSurveyDeps {
  return {
    api: cluster.api,
    http,
    names: NAMES,
    agentPort: 2382,
    channel: 'plain',
    agentTlsPort: 2383,
    ordinal: 1,
  };
}

function withPods(): FakeClusterApi {
  const cluster = aFakeClusterApi();
  cluster.putPod('demo-0', 'pod-0', '127.80.0.10');
  cluster.putPod('demo-2', 'pod-2', '127.80.0.12');
  return cluster;
}

describe('a survey of the siblings', () => {
  it('says which Pods exist and what their agents say', async (t) => {
    const http = browse({
      'http://127.80.0.10:2382/status': anAgentStatus({ ordinal: 0 }),
      'http://127.80.0.10:2382/reach?ordinal=1': { reachable: true },
      'http://127.80.0.12:2382/status': anAgentStatus({ ordinal: 2, stage: 'joining', hasData: false }),
    });
    const found = await surveySiblings(
      depsOf(http, withPods()),
      { ordinals: [0, 2, 3], ...EVERYTHING },
      t.signal,
    );
    const said = { kind: 'answers', decides: 'settled', etcdVersion: '3.6.16' } as const;
    assert.deepEqual(
      found.map(({ ordinal, pod, agent }) => [ordinal, pod.known && pod.value.kind, agent]),
      [
        [0, 'present', { ...said, stage: 'serving', hasData: true, canReachMe: true }],
        [2, 'present', { ...said, stage: 'joining', hasData: false, canReachMe: 'unasked' }],
        [3, 'absent', { kind: 'silent' }],
      ],
    );
  });

  it('asks nobody for his reach who does not serve, and no agent of a Pod that does not exist', async (t) => {
    const asked: string[] = [];
    const http = browse({ 'http://127.80.0.12:2382/status': anAgentStatus({ stage: 'registered' }) }, asked);
    await surveySiblings(depsOf(http, withPods()), { ordinals: [2, 3], ...EVERYTHING }, t.signal);
    assert.deepEqual(asked, ['http://127.80.0.12:2382/status']);
  });

  it('asks only what is wanted', async (t) => {
    const cluster = withPods();
    const asked: string[] = [];
    const deps = depsOf(browse({}, asked), cluster);
    const question = { ordinals: [0], pods: false, agents: false, reach: false };
    const [nothing] = await surveySiblings(deps, question, t.signal);
    assert.deepEqual(
      [nothing?.pod.known, nothing?.agent.kind, cluster.calls, asked],
      [false, 'silent', [], []],
    );
    await surveySiblings(deps, { ...question, pods: true }, t.signal);
    assert.deepEqual([cluster.calls, asked], [['readPod demo-0'], []]);
  });

  it('finds an agent by name where the API does not tell its address', async (t) => {
    const byName = 'http://demo-0.demo-peer.default.svc.cluster.local:2382/status';
    const http = browse({ [byName]: anAgentStatus() });
    const cluster = aFakeClusterApi();
    cluster.putPod('demo-0', 'pod-0', '');
    const pending = await surveySiblings(depsOf(http, cluster), { ordinals: [0], ...EVERYTHING }, t.signal);
    assert.equal(pending[0]?.agent.kind, 'answers');
    cluster.fail('unreachable');
    const unknown = await surveySiblings(depsOf(http, cluster), { ordinals: [0], ...EVERYTHING }, t.signal);
    assert.deepEqual([unknown[0]?.pod.known, unknown[0]?.agent.kind], [false, 'answers']);
  });

  it('writes an IPv6 address as URLs want it', async (t) => {
    const http = browse({ 'http://[fd00::10]:2382/status': anAgentStatus() });
    const cluster = aFakeClusterApi();
    cluster.putPod('demo-0', 'pod-0', 'fd00::10');
    const [found] = await surveySiblings(depsOf(http, cluster), { ordinals: [0], ...EVERYTHING }, t.signal);
    assert.equal(found?.agent.kind, 'answers');
  });

  it('tells an agent that does not answer in time from one that is not there', async (t) => {
    const late: HttpClient = {
      close: async () => undefined,
      send: async () => ({ kind: 'unknown', why: 'no answer in time' }),
    };
    const question = { ordinals: [0], ...EVERYTHING };
    const [found] = await surveySiblings(depsOf(late, withPods()), question, t.signal);
    assert.deepEqual(found?.agent, { kind: 'silent', late: true });
  });

  it('takes an agent for silent that says anything but a status', async (t) => {
    for (const page of ['not JSON', {}, { ...anAgentStatus(), decision: null }]) {
      const http = browse({ 'http://127.80.0.10:2382/status': page });
      const [found] = await surveySiblings(
        depsOf(http, withPods()),
        { ordinals: [0], ...EVERYTHING },
        t.signal,
      );
      assert.deepEqual(found?.agent, { kind: 'silent' });
    }
  });

  it('believes to be reached only where an agent says so', async (t) => {
    for (const page of [undefined, 'not JSON', {}, { reachable: 'yes' }, { reachable: false }]) {
      const http = browse({
        'http://127.80.0.10:2382/status': anAgentStatus(),
        'http://127.80.0.10:2382/reach?ordinal=1': page,
      });
      const [found] = await surveySiblings(
        depsOf(http, withPods()),
        { ordinals: [0], ...EVERYTHING },
        t.signal,
      );
      assert.ok(found?.agent.kind === 'answers');
      assert.equal(found.agent.canReachMe, false);
    }
  });
});
