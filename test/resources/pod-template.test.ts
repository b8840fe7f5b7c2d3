import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { describe, it } from 'node:test';
import { AGENT_CONTAINER } from '../../src/resources/agent-container.ts';
import { ETCD_CONTAINER } from '../../src/resources/etcd-container.ts';
import { type PodTemplate, podTemplate } from '../../src/resources/pod-template.ts';
import { statefulSet } from '../../src/resources/stateful-set.ts';
import { aBlueprint, aWish, FULL_SPEC } from './a-blueprint.ts';

/** A change of it restarts every member of every cluster at the next upgrade of the operator. */
const GOLDEN_HASH = '7cc706e8cf78562c';

function hashOf(template: PodTemplate): string {
  return createHash('sha256').update(JSON.stringify(template)).digest('hex').slice(0, 16);
}

function hashForSize(size: number): string {
  return hashOf(statefulSet(aBlueprint({ size }), aWish({ replicas: size })).spec.template);
}

describe('the Pod template', () => {
  it('is the same for every size', () => {
    const hashes = [0, 1, 3, 5, 9].map(hashForSize);
    assert.deepEqual(hashes, Array(hashes.length).fill(GOLDEN_HASH));
  });

  it('is the same while nothing but the cluster around it changes', () => {
    const before = hashOf(podTemplate(aBlueprint()));
    for (const spec of [
      { pause: true },
      { clientService: { type: 'LoadBalancer' } },
      { security: { networkPolicy: true } },
      { storage: { size: '50Gi', retentionPolicy: { whenScaled: 'Delete' } } },
      { maintenance: { defrag: { freeRatio: 0.5 } } },
      { recovery: { generation: 2, from: 'Survivor' } },
    ] as const) {
      assert.equal(hashOf(podTemplate(aBlueprint(spec))), before, JSON.stringify(spec));
    }
  });

  it('changes with etcd’s options, which every member gets at its turn', () => {
    const template = podTemplate(aBlueprint({ etcd: { snapshotCount: 5000 } }));
    assert.notEqual(hashOf(template), GOLDEN_HASH);
  });

  it('starts the agent first and etcd after it, by a sidecar of Kubernetes’ own', () => {
    const { initContainers, containers } = podTemplate(aBlueprint()).spec;
    assert.deepEqual(
      initContainers.map(({ name, restartPolicy }) => [name, restartPolicy]),
      [[AGENT_CONTAINER, 'Always']],
    );
    assert.deepEqual(
      containers.map(({ name }) => name),
      [ETCD_CONTAINER],
    );
    assert.ok(initContainers[0]?.lifecycle?.postStart !== undefined);
    assert.equal(initContainers[0]?.startupProbe, undefined);
    assert.equal(initContainers[0]?.readinessProbe, undefined);
  });

  it('makes the pipe before both where there are no such sidecars', () => {
    const { initContainers, containers } = podTemplate(aBlueprint({}, { sidecarMode: 'ordinary' })).spec;
    assert.deepEqual(
      initContainers.map(({ name, restartPolicy }) => [name, restartPolicy]),
      [['gate', undefined]],
    );
    assert.deepEqual(
      containers.map(({ name }) => name),
      [AGENT_CONTAINER, ETCD_CONTAINER],
    );
    assert.deepEqual(containers[0]?.lifecycle, { preStop: { httpGet: { path: '/leave', port: 2382 } } });
  });

  it('gives the agent’s container the token, and no other', () => {
    for (const sidecarMode of ['native', 'ordinary'] as const) {
      const { spec } = podTemplate(aBlueprint({}, { sidecarMode }));
      assert.equal(spec.automountServiceAccountToken, false);
      const holders = [...spec.initContainers, ...spec.containers].filter(({ volumeMounts }) =>
        volumeMounts.some(({ name }) => name === 'api-access'),
      );
      assert.deepEqual(
        holders.map(({ name }) => name),
        [AGENT_CONTAINER],
      );
    }
  });

  it('shares the directory of the pipe, never the pipe alone', () => {
    const { spec } = podTemplate(aBlueprint());
    const mounts = [...spec.initContainers, ...spec.containers].flatMap(({ volumeMounts }) => volumeMounts);
    const gates = mounts.filter(({ name }) => name === 'gate');
    assert.equal(gates.length, 2);
    assert.ok(gates.every((mount) => mount.mountPath === '/run/quorate' && !('subPath' in mount)));
  });

  it('lays the given security context over its own', () => {
    const { securityContext } = podTemplate(aBlueprint(FULL_SPEC)).spec;
    assert.deepEqual(securityContext, {
      runAsNonRoot: true,
      runAsUser: 1001,
      runAsGroup: 65_532,
      fsGroup: 1001,
      fsGroupChangePolicy: 'OnRootMismatch',
      seccompProfile: { type: 'RuntimeDefault' },
    });
  });

  it('passes on everything else that is given', () => {
    const given = FULL_SPEC.podTemplate ?? {};
    const { spec, metadata } = podTemplate(aBlueprint(FULL_SPEC));
    assert.equal(spec.nodeSelector, given.nodeSelector);
    assert.equal(spec.affinity, given.affinity);
    assert.equal(spec.tolerations, given.tolerations);
    assert.equal(spec.topologySpreadConstraints, given.topologySpreadConstraints);
    assert.equal(spec.priorityClassName, given.priorityClassName);
    assert.equal(spec.imagePullSecrets, given.imagePullSecrets);
    assert.equal(spec.terminationGracePeriodSeconds, 120);
    assert.equal(spec.containers[0]?.env, given.env);
    assert.equal(metadata.labels['team'], 'shop');
    assert.equal(metadata.annotations['example.com/scrape'], 'yes');
  });

  it('keeps the labels by which Pods are found, whatever is given', () => {
    const labels = { 'app.kubernetes.io/instance': 'other', team: 'shop' };
    const { metadata } = podTemplate(aBlueprint({ podTemplate: { metadata: { labels } } }));
    assert.equal(metadata.labels['app.kubernetes.io/instance'], 'demo');
    assert.equal(metadata.labels['team'], 'shop');
  });

  it('spreads its Pods over nodes and zones, and never leaves one out for it', () => {
    const { affinity, topologySpreadConstraints } = podTemplate(aBlueprint()).spec;
    const text = JSON.stringify([affinity, topologySpreadConstraints]);
    assert.match(text, /preferredDuringScheduling/);
    assert.doesNotMatch(text, /requiredDuringScheduling|DoNotSchedule/);
  });
});
