import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { formatFormationRecord } from '../../../src/model/formation-record.ts';
import { readClaim, readPod, readRecord, readStatefulSet } from '../../../src/operator/plan/read-observed.ts';
import { PLAIN } from '../../../src/resources/tls-mode.ts';
import { formed } from '../../support/a-member-view.ts';
import { version } from '../../support/an-observed-cluster.ts';

const PARTS = { cluster: 'demo', claims: 'data-demo', etcdContainer: 'etcd' };
const RUNNING = { running: { startedAt: '2026-01-02T03:04:05Z' } };

type Json = Record<string, unknown>;

/** A Pod as a kubelet of 1.34 reports it, with an agent as a native sidecar. */
function aPodObject(status: Json = {}, metadata: Json = {}): Json {
  return {
    metadata: {
      name: 'demo-1',
      namespace: 'default',
      uid: 'pod-1',
      creationTimestamp: '2026-01-02T03:04:05Z',
      labels: { 'controller-revision-hash': 'demo-7f', 'app.kubernetes.io/version': '3.6.16' },
      ...metadata,
    },
    spec: { nodeName: 'node-1', containers: [{ name: 'etcd' }] },
    status: {
      phase: 'Running',
      podIP: '10.0.0.1',
      conditions: [
        { type: 'Ready', status: 'True' },
        { type: 'ContainersReady', status: 'True' },
        { type: 'PodScheduled', status: 'True' },
      ],
      initContainerStatuses: [{ name: 'agent', ready: true, state: RUNNING }],
      containerStatuses: [{ name: 'etcd', ready: true, state: RUNNING }],
      ...status,
    },
  };
}

function conditions(ready: string, containersReady: string): Json {
  return {
    conditions: [
      { type: 'Ready', status: ready },
      { type: 'ContainersReady', status: containersReady },
    ],
  };
}

function waiting(name: string, reason: string, message?: string): Json {
  return {
    name,
    ready: false,
    state: { waiting: { reason, ...(message === undefined ? {} : { message }) } },
  };
}

describe('a Pod as it is read', () => {
  it('keeps what planners look at', () => {
    assert.deepEqual(readPod(aPodObject(), PARTS), {
      name: 'demo-1',
      ordinal: 1,
      uid: 'pod-1',
      createdAtMs: Date.parse('2026-01-02T03:04:05Z'),
      deleting: false,
      ready: true,
      etcdRuns: true,
      revision: 'demo-7f',
      version: version('3.6.16'),
      tls: PLAIN,
      nodeName: 'node-1',
      podIP: '10.0.0.1',
      trouble: undefined,
    });
  });

  it('is there before Kubernetes has done anything about it', () => {
    const creationTimestamp = '2026-01-02T03:04:05Z';
    const made = { metadata: { name: 'demo-0', uid: 'pod-0', creationTimestamp, labels: null }, spec: null };
    assert.deepEqual(readPod(made, PARTS), {
      name: 'demo-0',
      ordinal: 0,
      uid: 'pod-0',
      createdAtMs: Date.parse(creationTimestamp),
      deleting: false,
      ready: false,
      etcdRuns: false,
      revision: undefined,
      version: undefined,
      tls: PLAIN,
      nodeName: undefined,
      podIP: undefined,
      trouble: undefined,
    });
  });

  it('is being deleted from the moment that is asked for', () => {
    const deletionTimestamp = '2026-01-02T03:04:35Z';
    const pod = readPod(aPodObject({}, { deletionTimestamp }), PARTS);
    assert.equal(pod?.deleting, true);
    assert.equal(pod?.endsByMs, Date.parse(deletionTimestamp));
  });

  it('is ready by etcd alone, whatever its agent does', () => {
    const deadAgent = aPodObject({
      ...conditions('False', 'False'),
      initContainerStatuses: [waiting('agent', 'CrashLoopBackOff')],
    });
    assert.equal(readPod(deadAgent, PARTS)?.ready, true);
    const unready = { containerStatuses: [{ name: 'etcd', ready: false, state: RUNNING }] };
    assert.equal(readPod(aPodObject(unready), PARTS)?.ready, false);
    assert.equal(readPod(aPodObject(unready), PARTS)?.etcdRuns, true);
  });

  it('is not ready on a node that is lost, whose kubelet said so last', () => {
    assert.equal(readPod(aPodObject(conditions('False', 'True')), PARTS)?.ready, false);
    assert.equal(readPod(aPodObject(conditions('Unknown', 'True')), PARTS)?.ready, false);
    assert.equal(readPod(aPodObject({ conditions: [] }), PARTS)?.ready, true);
  });

  it('is in trouble when a container of either kind cannot be run', () => {
    for (const [status, reason, message] of [
      [
        { containerStatuses: [waiting('etcd', 'ImagePullBackOff', 'Back-off pulling "x"')] },
        'ImagePullBackOff',
        'container etcd: Back-off pulling "x"',
      ],
      [
        { initContainerStatuses: [waiting('agent', 'ErrImagePull')] },
        'ErrImagePull',
        'container agent: ErrImagePull',
      ],
      [
        { containerStatuses: [waiting('etcd', 'CreateContainerConfigError')] },
        'CreateContainerConfigError',
        '',
      ],
      [{ containerStatuses: [waiting('etcd', 'CrashLoopBackOff')] }, 'CrashLoopBackOff', ''],
    ] as const) {
      const trouble = readPod(aPodObject(status), PARTS)?.trouble;
      assert.equal(trouble?.reason, reason);
      assert.ok(trouble?.message.startsWith(message), trouble?.message);
    }
  });

  it('is in no trouble while its containers are only being made', () => {
    const status = { containerStatuses: [waiting('etcd', 'PodInitializing')] };
    assert.equal(readPod(aPodObject(status), PARTS)?.trouble, undefined);
  });

  it('is in trouble when no node takes it', () => {
    const scheduled = { type: 'PodScheduled', status: 'False', reason: 'Unschedulable' };
    const status = { containerStatuses: null, initContainerStatuses: undefined };
    const said = aPodObject({
      ...status,
      conditions: [{ ...scheduled, message: '0/3 nodes are available' }],
    });
    assert.deepEqual(readPod(said, PARTS)?.trouble, {
      reason: 'Unschedulable',
      message: '0/3 nodes are available',
    });
    const unsaid = aPodObject({ ...status, conditions: [scheduled] });
    assert.equal(readPod(unsaid, PARTS)?.trouble?.message, 'No node takes the Pod.');
    const gated = aPodObject({ ...status, conditions: [{ ...scheduled, reason: 'SchedulingGated' }] });
    assert.equal(readPod(gated, PARTS)?.trouble, undefined);
  });

  it('is in trouble when it has failed for good', () => {
    const evicted = aPodObject({
      phase: 'Failed',
      reason: 'Evicted',
      message: 'The node was low on memory.',
    });
    assert.deepEqual(readPod(evicted, PARTS)?.trouble, {
      reason: 'Evicted',
      message: 'The node was low on memory.',
    });
    assert.equal(readPod(aPodObject({ phase: 'Failed' }), PARTS)?.trouble?.reason, 'PodFailed');
  });

  it('is none of another set, and no other object', () => {
    assert.equal(readPod(aPodObject({}, { name: 'other-1' }), PARTS), undefined);
    assert.equal(readPod(aPodObject({}, { name: 'demo-x' }), PARTS), undefined);
    assert.equal(readPod({ kind: 'Status' }, PARTS), undefined);
  });

  it('leaves out what has another shape, and guesses nothing', () => {
    const odd = aPodObject({ containerStatuses: 'none', conditions: 7 });
    const pod = readPod(odd, PARTS);
    assert.deepEqual([pod?.ready, pod?.etcdRuns, pod?.podIP], [false, false, '10.0.0.1']);
  });
});

describe('a StatefulSet as it is read', () => {
  const set = {
    metadata: { name: 'demo', uid: 'set-1', generation: 3 },
    spec: {
      replicas: 3,
      template: { metadata: { labels: { 'app.kubernetes.io/version': '3.6.16' } } },
    },
    status: { observedGeneration: 3, updateRevision: 'demo-7f' },
  };

  it('keeps what planners look at', () => {
    assert.deepEqual(readStatefulSet(set), {
      name: 'demo',
      uid: 'set-1',
      replicas: 3,
      updateRevision: 'demo-7f',
      templateVersion: version('3.6.16'),
      tls: PLAIN,
      deleting: false,
    });
  });

  it('has no revision before its controller has seen it', () => {
    const edited = { ...set, metadata: { ...set.metadata, generation: 4 } };
    assert.equal(readStatefulSet(edited)?.updateRevision, null);
    assert.equal(readStatefulSet({ ...set, status: undefined })?.updateRevision, null);
  });

  it('has the size that Kubernetes assumes, and no version, where it says neither', () => {
    const bare = readStatefulSet({ metadata: { name: 'demo', uid: 'set-1' }, spec: {} });
    assert.deepEqual([bare?.replicas, bare?.templateVersion, bare?.updateRevision], [1, undefined, null]);
  });

  it('is no other object', () => {
    assert.equal(readStatefulSet({ metadata: { name: 'demo' } }), undefined);
  });
});

describe('a claim as it is read', () => {
  const claim = {
    metadata: { name: 'data-demo-2', uid: 'claim-2' },
    spec: { resources: { requests: { storage: '1Gi' } } },
    status: { capacity: { storage: '2Gi' } },
  };

  it('keeps what planners look at', () => {
    assert.deepEqual(readClaim(claim, PARTS), {
      name: 'data-demo-2',
      ordinal: 2,
      uid: 'claim-2',
      deleting: false,
      requestedBytes: 1024 ** 3,
      capacityBytes: 2 * 1024 ** 3,
    });
  });

  it('does not guess sizes', () => {
    const bare = readClaim(
      { metadata: { name: 'data-demo-0', uid: 'claim-0', deletionTimestamp: 'now' } },
      PARTS,
    );
    assert.deepEqual(
      [bare?.requestedBytes, bare?.capacityBytes, bare?.deleting],
      [undefined, undefined, true],
    );
  });

  it('is none of another set, and no other object', () => {
    assert.equal(readClaim({ ...claim, metadata: { name: 'data-other-0', uid: 'x' } }, PARTS), undefined);
    assert.equal(readClaim('claim', PARTS), undefined);
  });
});

describe('a formation record as it is read', () => {
  const configMap = { metadata: { resourceVersion: '7' }, data: { record: formatFormationRecord(formed()) } };

  it('is what the agents wrote', () => {
    assert.deepEqual(readRecord(configMap), { kind: 'present', record: formed(), resourceVersion: '7' });
  });

  it('is absent only where there is no ConfigMap at all', () => {
    assert.deepEqual(readRecord(undefined), { kind: 'absent' });
    assert.deepEqual(readRecord({ ...configMap, data: {} }), {
      kind: 'unreadable',
      why: 'its key "record" is missing',
    });
    assert.deepEqual(readRecord({ ...configMap, data: { record: '{' } }), {
      kind: 'unreadable',
      why: 'it is not JSON',
    });
    assert.deepEqual(readRecord({}), { kind: 'unreadable', why: 'it is no ConfigMap' });
  });
});

describe('whatever the API server sends', () => {
  it('is read without a throw', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (status, spec) => {
        const object = { metadata: { name: 'demo-0', uid: 'u', resourceVersion: '1' }, spec, status };
        readPod(object, PARTS);
        readStatefulSet(object);
        readClaim({ ...object, metadata: { name: 'data-demo-0', uid: 'u' } }, PARTS);
        readRecord({ ...object, data: spec });
      }),
    );
  });
});
