/** The objects of a cluster on a real API server: applied, applied again, admitted, and enough for the agent. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import * as v from 'valibot';
import type { EtcdClusterSpec } from '../../src/api/etcd-cluster.ts';
import { createHttpClusterApi } from '../../src/kube/http-cluster-api.ts';
import type { Blueprint } from '../../src/resources/blueprint.ts';
import { clusterObjects } from '../../src/resources/cluster-objects.ts';
import { formationConfigMap, unformedRecord } from '../../src/resources/config-map.ts';
import type { ResourceSettings } from '../../src/resources/resource-settings.ts';
import { type SetWish, statefulSet } from '../../src/resources/stateful-set.ts';
import { systemClock } from '../../src/runtime/clock.ts';
import { createHttpClient } from '../../src/runtime/http-client.ts';
import { aBlueprint, aWish, FULL_SPEC } from '../resources/a-blueprint.ts';
import { apply, createPod, pathOfObject } from '../resources/apply-object.ts';
import { type RealApiServer, startRealApiServer } from '../support/real-api-server.ts';
import { createRealApiClient, type RealApiClient, valueAt } from '../support/real-api-server-client.ts';
import { START_TIMEOUT_MS } from '../support/real-api-server-kinds.ts';

const CASES: Readonly<Record<string, readonly [EtcdClusterSpec, Partial<ResourceSettings>?]>> = {
  defaults: [{}],
  full: [FULL_SPEC],
  ordinary: [{}, { sidecarMode: 'ordinary', kubernetesMinor: 28 }],
  ephemeral: [{ size: 1, storage: { medium: 'Ephemeral', size: '2Gi' } }],
  old: [{ version: '3.5.9' }, { sidecarMode: 'ordinary', kubernetesMinor: 22 }],
};

const templatesSchema = v.array(v.looseObject({}));

let server: RealApiServer;
let api: RealApiClient;
before(
  async () => {
    server = await startRealApiServer(AbortSignal.timeout(START_TIMEOUT_MS));
    api = createRealApiClient(server);
    const important = { metadata: { name: 'important' }, value: 1000 };
    await api.send('POST', '/apis/scheduling.k8s.io/v1/priorityclasses', important);
  },
  { timeout: START_TIMEOUT_MS },
);
after(async () => {
  await api[Symbol.asyncDispose]();
  await server[Symbol.asyncDispose]();
});

/** Nothing but Pods that Pod Security calls restricted is admitted there. */
async function aNamespace(name: string): Promise<string> {
  const levels = ['enforce', 'warn'].map((mode) => [`pod-security.kubernetes.io/${mode}`, 'restricted']);
  const metadata = { name, labels: Object.fromEntries(levels) };
  const { status } = await api.send('POST', '/api/v1/namespaces', { metadata });
  assert.equal(status, 201);
  return name;
}

async function aCluster(name: string, spec: EtcdClusterSpec = {}, settings: Partial<ResourceSettings> = {}) {
  return aBlueprint(spec, settings, { name, namespace: await aNamespace(`of-${name}`) });
}

async function applyAll(blueprint: Blueprint, wish: SetWish): Promise<ReadonlyMap<string, unknown>> {
  const versions = new Map<string, unknown>();
  for (const object of clusterObjects(blueprint, wish)) {
    const live = await apply(api, object);
    versions.set(`${object.kind} ${object.metadata.name}`, valueAt(live, 'metadata.resourceVersion'));
  }
  return versions;
}

for (const [name, [spec, settings]] of Object.entries(CASES)) {
  describe(`a cluster of the kind "${name}"`, () => {
    let blueprint: Blueprint;
    before(async () => {
      blueprint = await aCluster(name, spec, settings);
    });

    it('is applied, and a second time changes nothing', async () => {
      const first = await applyAll(blueprint, aWish());
      assert.ok([...first.values()].every((version) => typeof version === 'string'));
      assert.deepEqual(await applyAll(blueprint, aWish()), first);
    });

    it('has Pods that are admitted where Pod Security is restricted', async () => {
      const { template, volumeClaimTemplates } = statefulSet(blueprint, aWish()).spec;
      const hasClaim = volumeClaimTemplates !== undefined;
      const pod = await createPod(api, `of-${name}`, name, template, hasClaim);
      assert.equal(valueAt(pod, 'spec.containers.0.securityContext.readOnlyRootFilesystem'), true);
      const mode = blueprint.settings.sidecarMode === 'native' ? 'Always' : undefined;
      assert.equal(valueAt(pod, 'spec.initContainers.0.restartPolicy'), mode);
    });

    it('changes its size and nothing else', async () => {
      const before = await apply(api, statefulSet(blueprint, aWish()));
      for (const replicas of [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]) {
        const live = await apply(api, statefulSet(blueprint, aWish({ replicas })));
        assert.equal(valueAt(live, 'spec.replicas'), replicas);
        assert.deepEqual(valueAt(live, 'spec.template'), valueAt(before, 'spec.template'));
      }
    });
  });
}

describe('a change of a living cluster', () => {
  it('is taken wherever the API lets a spec change, volumes that grow included', async () => {
    const before = await aCluster('changed');
    await applyAll(before, aWish());
    const { body } = await api.send('GET', pathOfObject(statefulSet(before, aWish())));
    const claimTemplates = v.parse(templatesSchema, valueAt(body, 'spec.volumeClaimTemplates'));
    const storage = { ...FULL_SPEC.storage, size: '50Gi' };
    const next = aBlueprint({ ...FULL_SPEC, storage }, {}, { name: 'changed', namespace: 'of-changed' });
    const first = await applyAll(next, aWish({ claimTemplates }));
    assert.deepEqual(await applyAll(next, aWish({ claimTemplates })), first);
    const live = (await api.send('GET', pathOfObject(statefulSet(next, aWish())))).body;
    assert.deepEqual(valueAt(live, 'spec.volumeClaimTemplates'), claimTemplates);
    assert.equal(valueAt(live, 'spec.template.spec.containers.0.image'), next.image);
  });

  it('of its Service goes to every type and back', async () => {
    await aNamespace('of-exposed');
    for (const type of ['ClusterIP', 'NodePort', 'LoadBalancer', 'ClusterIP'] as const) {
      const blueprint = aBlueprint(
        { clientService: { type } },
        {},
        { name: 'exposed', namespace: 'of-exposed' },
      );
      const versions = await applyAll(blueprint, aWish());
      assert.deepEqual(await applyAll(blueprint, aWish()), versions);
    }
  });
});

describe('the agent’s permissions', () => {
  it('suffice for everything it asks of Kubernetes', async () => {
    const blueprint = await aCluster('asked');
    await applyAll(blueprint, aWish());
    const record = unformedRecord('its-uid', blueprint.version);
    const created = formationConfigMap(blueprint, record);
    const path = pathOfObject(created);
    assert.equal((await api.send('POST', path.slice(0, path.lastIndexOf('/')), created)).status, 201);
    const { template } = statefulSet(blueprint, aWish()).spec;
    await createPod(api, 'of-asked', 'asked', template, true);
    const agent = await anAgentsApi(blueprint);

    const { signal } = new AbortController();
    const [set, found, pod, absent] = await Promise.all([
      agent.readWantedSet(signal),
      agent.readRecord(signal),
      agent.readPod('asked-0', signal),
      agent.readPod('asked-8', signal),
    ]);
    assert.ok(set.known && set.value.replicas === 3);
    assert.ok(found.known && found.value !== 'absent');
    assert.deepEqual(found.value.record, record);
    assert.ok(pod.known && pod.value.kind === 'present');
    assert.ok(absent.known && absent.value.kind === 'absent');
    const { resourceVersion } = found.value;
    const seed = { ordinal: 0, podUid: 'p', volumeId: 'v', attempt: 1 };
    const next = { ...record, phase: 'Forming', seed } as const;
    assert.equal(await agent.swapRecord(next, resourceVersion, signal), 'written');
    assert.equal(await agent.swapRecord(next, resourceVersion, signal), 'conflict');
  });

  it('end there', async () => {
    const blueprint = await aCluster('bounded');
    await applyAll(blueprint, aWish());
    const asked = [
      ['get', '', 'pods', 'bounded-8', true],
      ['get', '', 'pods', 'bounded-9', false],
      ['get', '', 'pods', 'other-0', false],
      ['list', '', 'pods', '', false],
      ['delete', '', 'pods', 'bounded-0', false],
      ['update', '', 'configmaps', 'bounded-config', false],
      ['create', '', 'configmaps', '', false],
      ['delete', '', 'configmaps', 'bounded-formation', false],
      ['update', 'apps', 'statefulsets', 'bounded', false],
      ['get', '', 'secrets', 'bounded', false],
      ['get', 'etcd.etcd.io', 'etcdclusters', 'bounded', false],
    ] as const;
    for (const [verb, group, resource, name, allowed] of asked) {
      const namespace = 'of-bounded';
      const { body } = await api.send('POST', '/apis/authorization.k8s.io/v1/subjectaccessreviews', {
        apiVersion: 'authorization.k8s.io/v1',
        kind: 'SubjectAccessReview',
        spec: {
          user: `system:serviceaccount:${namespace}:bounded-agent`,
          resourceAttributes: { verb, group, resource, name, namespace },
        },
      });
      assert.equal(valueAt(body, 'status.allowed'), allowed, `${verb} ${resource} ${name}`);
    }
  });
});

/** The agent's own adapter, with a token of its ServiceAccount and nothing more. */
async function anAgentsApi({ names, namespace = '' }: Blueprint) {
  const account = `/api/v1/namespaces/${namespace}/serviceaccounts/${names.agent}/token`;
  const { body } = await api.send('POST', account, {
    apiVersion: 'authentication.k8s.io/v1',
    kind: 'TokenRequest',
    spec: { expirationSeconds: 600 },
  });
  const token = v.parse(v.string(), valueAt(body, 'status.token'));
  return createHttpClusterApi({
    http: createHttpClient({ ca: server.ca }),
    clock: systemClock,
    apiUrl: server.url,
    readToken: async () => token,
    namespace,
    statefulSet: names.cluster,
    recordConfigMap: names.formation,
  });
}
