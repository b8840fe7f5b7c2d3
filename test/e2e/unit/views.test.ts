import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { EtcdCluster } from '../../../src/api/etcd-cluster.ts';
import { describeView } from '../support/describe-view.ts';
import { eventLines, eventView } from '../support/event-view.ts';
import { USUAL_WARNINGS, unexpectedWarnings } from '../support/expected-warning.ts';
import { nodeCommand } from '../support/nodes.ts';
import { podView } from '../support/pod-view.ts';
import { whyNotSettled } from '../support/settled.ts';
import { slugOf } from '../support/slug.ts';

const POD = {
  metadata: { name: 'demo-0', uid: 'u', labels: { 'controller-revision-hash': 'r' } },
  spec: { nodeName: 'node1' },
  status: {
    phase: 'Running',
    conditions: [{ type: 'Ready', status: 'True' }],
    initContainerStatuses: [
      {
        name: 'agent',
        containerID: 'containerd://abc',
        restartCount: 2,
        ready: true,
        state: { running: {} },
      },
    ],
    containerStatuses: [{ name: 'etcd', state: { waiting: { reason: 'ErrImagePull' } } }],
  },
};

describe('podView', () => {
  it('has all containers, by the runtime’s own IDs', () => {
    const pod = podView(POD);
    assert.deepEqual(
      [pod.name, pod.node, pod.ready, pod.deleting, pod.revision],
      ['demo-0', 'node1', true, false, 'r'],
    );
    const [agent, etcd] = pod.containers;
    assert.deepEqual([agent?.id, agent?.restarts, agent?.state], ['abc', 2, 'running']);
    assert.deepEqual([etcd?.id, etcd?.state, etcd?.reason], ['', 'waiting', 'ErrImagePull']);
  });

  it('takes a Pod that nobody has started yet', () => {
    const pod = podView({ metadata: { name: 'a', uid: 'u', deletionTimestamp: 't' } });
    assert.deepEqual([pod.phase, pod.ready, pod.deleting, pod.containers], ['', false, true, []]);
  });
});

describe('events', () => {
  const old = eventView({
    metadata: {},
    involvedObject: { kind: 'Pod', name: 'a' },
    type: 'Warning',
    reason: 'BackOff',
    message: 'again',
    count: 3,
    lastTimestamp: '2026-01-01T00:00:02Z',
  });
  const young = eventView({
    metadata: { creationTimestamp: '2026-01-01T00:00:01Z' },
    involvedObject: { kind: 'EtcdCluster', name: 'demo' },
    type: 'Warning',
    reason: 'QuorumLost',
    message: 'nobody answers',
    lastTimestamp: null,
  });

  it('are told in the order in which they last happened', () => {
    assert.equal(
      eventLines([old, young]),
      '2026-01-01T00:00:01Z Warning EtcdCluster/demo QuorumLost: nobody answers\n2026-01-01T00:00:02Z Warning Pod/a BackOff (3 times): again\n',
    );
  });

  it('are unexpected unless about, reason and message are as somebody said', () => {
    const reasons = (...patterns: Parameters<typeof unexpectedWarnings>[1]): readonly string[] =>
      unexpectedWarnings([old, young], patterns).map(({ reason }) => reason);
    assert.deepEqual(reasons(...USUAL_WARNINGS), ['BackOff', 'QuorumLost']);
    assert.deepEqual(reasons({ reason: 'BackOff' }, { about: 'EtcdCluster', reason: 'QuorumLost' }), []);
    assert.deepEqual(reasons({ about: 'Pod/b', reason: 'BackOff' }), ['BackOff', 'QuorumLost']);
    assert.deepEqual(reasons({ reason: 'QuorumLost', message: /somebody/ }), ['BackOff', 'QuorumLost']);
  });
});

describe('whyNotSettled', () => {
  const pod = podView({ ...POD, status: { conditions: POD.status.conditions } });
  const conditions = Object.entries({
    Available: 'True',
    Ready: 'True',
    Progressing: 'False',
    Degraded: 'False',
    QuorumLost: 'False',
    DataLost: 'False',
    UpgradeBlocked: 'False',
  }).map(([type, status]) => ({ type, status, reason: 'R', message: 'm', lastTransitionTime: 't' }) as const);
  const cluster: EtcdCluster = {
    apiVersion: 'etcd.etcd.io/v1alpha1',
    kind: 'EtcdCluster',
    metadata: { name: 'demo', generation: 2 },
    spec: { size: 1 },
    status: {
      phase: 'Running',
      size: 1,
      currentReplicas: 1,
      readyReplicas: 1,
      observedGeneration: 2,
      version: 'v3.6.16',
      conditions: conditions as NonNullable<EtcdCluster['status']>['conditions'] & object,
      members: [{ name: 'demo-0', id: '1', role: 'Leader', ready: true }],
    },
  };
  const withStatus = (status: EtcdCluster['status']): EtcdCluster => ({
    ...cluster,
    status: { ...cluster.status, ...status },
  });

  it('has nothing against a cluster that is as wanted', () => {
    assert.equal(whyNotSettled(cluster, [pod], { size: 1, version: 'v3.6.16' }), undefined);
  });

  for (const [what, status, why] of [
    ['another phase', { phase: 'Scaling' }, 'phase is Scaling, not Running'],
    ['a status of an older object', { observedGeneration: 1 }, 'observedGeneration is 1, not 2'],
    [
      'a member too many',
      { members: [{ name: 'demo-0' }, { name: 'demo-1' }] },
      'the members are demo-0, demo-1',
    ],
    [
      'a learner',
      { members: [{ name: 'demo-0', id: '1', role: 'Learner', ready: true }] },
      'member demo-0 is Learner',
    ],
    [
      'nobody who leads',
      { members: [{ name: 'demo-0', id: '1', role: 'Voter', ready: true }] },
      '0 members lead',
    ],
    ['another version', { version: 'v3.5.35' }, 'version is v3.5.35, not v3.6.16'],
  ] as const) {
    it(`names ${what}`, () => {
      assert.equal(whyNotSettled(withStatus(status), [pod], { size: 1, version: 'v3.6.16' }), why);
    });
  }

  it('names a Pod that is missing or going', () => {
    assert.equal(whyNotSettled(cluster, [], { size: 1 }), 'the Pods are none');
    assert.equal(
      whyNotSettled(cluster, [{ ...pod, deleting: true }], { size: 1 }),
      'Pod demo-0 is being deleted',
    );
  });

  it('says so where there is no status', () => {
    assert.equal(whyNotSettled(undefined, [], { size: 1 }), 'there is no status yet');
  });

  it('is part of what a failed wait shows: phase, conditions, members, Pods', () => {
    const text = describeView({
      namespace: 'n',
      clusters: () => [cluster],
      pods: () => [podView(POD)],
      events: () => [],
    });
    assert.match(text, /EtcdCluster demo: Running, size 1, ready 1/);
    assert.match(text, /Available=True R: m/);
    assert.match(text, /member demo-0 1 Leader ready/);
    assert.match(
      text,
      /Pod demo-0 Running ready on node1; agent running \(2 restarts\), etcd waiting ErrImagePull/,
    );
  });
});

describe('slugOf', () => {
  it('makes a short part of a namespace’s name of a title', () => {
    assert.equal(slugOf('the leader’s Pod is deleted: another leads'), 'the-leader-s-pod-is');
    assert.equal(slugOf('—'), 'test');
    assert.equal(slugOf('x'.repeat(100)), 'test');
  });
});

describe('nodeCommand', () => {
  it('fills in node, number and action, or appends node and action', () => {
    assert.deepEqual(nodeCommand(['ctl', '{number}', '{action}'], 'node2', 'cut'), ['ctl', '2', 'cut']);
    assert.deepEqual(nodeCommand(['ctl'], 'worker-a', 'stop'), ['ctl', 'worker-a', 'stop']);
  });
});
