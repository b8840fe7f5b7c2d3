import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { KubeObject } from '../../src/kube/kube-object.ts';
import { parseFormationRecord } from '../../src/model/formation-record.ts';
import { agentRole } from '../../src/resources/agent-role.ts';
import type { AppliedObject } from '../../src/resources/applied-object.ts';
import { type Blueprint, blueprintOf } from '../../src/resources/blueprint.ts';
import { clusterObjects, surplusObjects } from '../../src/resources/cluster-objects.ts';
import { formationConfigMap, unformedRecord } from '../../src/resources/config-map.ts';
import { selectorLabelsOf, selectorTextOf } from '../../src/resources/labels.ts';
import { claimNameOf } from '../../src/resources/names.ts';
import { clientService, peerService } from '../../src/resources/services.ts';
import { statefulSet } from '../../src/resources/stateful-set.ts';
import { aBlueprint, aWish, FULL_SPEC } from './a-blueprint.ts';
import { anyIdentity, anySettings, anySpec } from './any-spec.ts';

function kindsOf(objects: readonly AppliedObject[]): readonly string[] {
  return objects.map(({ kind, metadata }) => `${kind} ${metadata.name}`);
}

describe('the objects of a cluster', () => {
  it('are what the operator’s client applies', () => {
    const objects: readonly KubeObject[] = clusterObjects(aBlueprint(), aWish());
    const set: KubeObject = statefulSet(aBlueprint(), aWish());
    assert.deepEqual(objects.at(-1), set);
  });

  it('come in an order in which nothing misses another', () => {
    assert.deepEqual(kindsOf(clusterObjects(aBlueprint(), aWish())), [
      'ServiceAccount demo-agent',
      'Role demo-agent',
      'RoleBinding demo-agent',
      'ConfigMap demo-config',
      'Service demo-peer',
      'Service demo-client',
      'PodDisruptionBudget demo',
      'StatefulSet demo',
    ]);
  });

  it('include a NetworkPolicy where it is wanted, and say where it is not', () => {
    const [wanted, unwanted] = [aBlueprint(FULL_SPEC), aBlueprint()];
    assert.ok(kindsOf(clusterObjects(wanted, aWish())).includes('NetworkPolicy demo'));
    assert.deepEqual(surplusObjects(wanted), []);
    assert.deepEqual(kindsOf(surplusObjects(unwanted)), ['NetworkPolicy demo']);
  });

  it('are owned by the EtcdCluster, and by nobody where there is none', () => {
    for (const { metadata } of clusterObjects(aBlueprint(FULL_SPEC), aWish())) {
      assert.deepEqual(
        metadata.ownerReferences?.map(({ kind, name, controller }) => [kind, name, controller]),
        [['EtcdCluster', 'demo', true]],
      );
      assert.equal(metadata.labels['app.kubernetes.io/managed-by'], 'quorate');
    }
    for (const { metadata } of clusterObjects(aBlueprint({}, {}, { uid: undefined }), aWish())) {
      assert.equal('ownerReferences' in metadata, false);
      assert.equal('app.kubernetes.io/managed-by' in metadata.labels, false);
    }
  });

  it('lie in the cluster’s namespace, or wherever they are applied', () => {
    const namespaces = clusterObjects(aBlueprint(), aWish()).map(({ metadata }) => metadata.namespace);
    assert.deepEqual(new Set(namespaces), new Set(['shop']));
    const anywhere = clusterObjects(aBlueprint({}, {}, { namespace: undefined }), aWish());
    assert.ok(anywhere.every(({ metadata }) => !('namespace' in metadata)));
  });
});

describe('the formation record', () => {
  it('begins as one that was never formed, with the learners of its version', () => {
    for (const [version, maxLearners] of [
      ['3.5.35', 1],
      ['3.6.16', 8],
    ] as const) {
      const blueprint = aBlueprint({ version });
      const { data } = formationConfigMap(blueprint, unformedRecord('its-uid', blueprint.version));
      assert.deepEqual(parseFormationRecord(data['record'] ?? ''), {
        phase: 'Unformed',
        clusterUid: 'its-uid',
        generation: 1,
        maxLearners,
      });
    }
  });

  it('is never among what is applied again and again', () => {
    const names = kindsOf(clusterObjects(aBlueprint(FULL_SPEC), aWish()));
    assert.ok(!names.includes('ConfigMap demo-formation'));
  });
});

describe('the agent’s role', () => {
  it('names every object, and lists or watches none', () => {
    const { rules } = agentRole(aBlueprint());
    assert.ok(rules.every(({ resourceNames }) => resourceNames.length > 0));
    const verbs = rules.flatMap((rule) => rule.verbs.map((verb) => `${verb} ${rule.resources}`));
    assert.deepEqual(verbs, ['get statefulsets', 'get configmaps', 'update configmaps', 'get pods']);
  });

  it('is the same for every size', () => {
    const rules = [0, 1, 9].map((size) => JSON.stringify(agentRole(aBlueprint({ size })).rules));
    assert.equal(new Set(rules).size, 1);
    assert.match(rules[0] ?? '', /demo-8/);
  });
});

describe('the Services', () => {
  it('publish members before they are ready, and clients only after', () => {
    const { spec: peers } = peerService(aBlueprint());
    const { spec: clients } = clientService(aBlueprint());
    assert.deepEqual([peers.clusterIP, peers.publishNotReadyAddresses], ['None', true]);
    assert.equal('publishNotReadyAddresses' in clients, false);
    assert.deepEqual(
      clients.ports.map(({ port }) => port),
      [2379],
    );
  });

  it('are of the given type and carry the given annotations, the clients’ alone', () => {
    const blueprint = aBlueprint(FULL_SPEC);
    assert.equal(clientService(blueprint).spec.type, 'NodePort');
    assert.deepEqual(clientService(blueprint).metadata.annotations, {
      'example.com/dns': 'etcd.shop.example',
    });
    assert.equal(peerService(blueprint).metadata.annotations, undefined);
  });
});

describe('whatever valid spec there is, its objects', () => {
  const anyBlueprint: fc.Arbitrary<Blueprint> = fc
    .tuple(anyIdentity, anySpec, anySettings)
    .map(([identity, spec, settings]) => {
      const blueprint = blueprintOf({ ...identity, spec }, settings, 'plain');
      assert.ok(!('refused' in blueprint), JSON.stringify(blueprint));
      return blueprint;
    });
  const holds = (judge: (blueprint: Blueprint, objects: readonly AppliedObject[]) => void): void => {
    const replicas = fc.integer({ min: 0, max: 9 });
    fc.assert(
      fc.property(anyBlueprint, replicas, (blueprint, count) =>
        judge(blueprint, clusterObjects(blueprint, aWish({ replicas: count }))),
      ),
    );
  };

  it('are plain JSON without gaps', () => {
    holds((_, objects) => assert.deepEqual(JSON.parse(JSON.stringify(objects)), objects));
  });

  it('select the Pods by labels that the Pods have and that nothing ever changes', () => {
    holds(({ names }, objects) => {
      const selector = selectorLabelsOf(names.cluster);
      assert.ok(Object.values(selector).every((value) => value.length <= 63));
      const set = objects.find(({ kind }) => kind === 'StatefulSet');
      assert.ok(set !== undefined && 'spec' in set);
      const { spec } = Object(set);
      assert.deepEqual(spec.selector.matchLabels, selector);
      const { labels } = spec.template.metadata;
      assert.deepEqual({ ...labels, ...selector }, labels);
      for (const claim of spec.volumeClaimTemplates ?? []) {
        assert.equal('app.kubernetes.io/version' in claim.metadata.labels, false);
      }
      assert.ok(selectorTextOf(names.cluster).includes(`app.kubernetes.io/instance=${names.cluster}`));
    });
  });

  it('have a template in which every mount has its volume, and every port and variable its own name', () => {
    holds((blueprint) => {
      const { volumes, initContainers, containers } = statefulSet(blueprint, aWish()).spec.template.spec;
      const claims = blueprint.spec.storage?.medium === 'Ephemeral' ? [] : ['data'];
      const known = new Set([...volumes.map(({ name }) => name), ...claims]);
      const all = [...initContainers, ...containers];
      for (const { volumeMounts, env = [] } of all) {
        assert.ok(volumeMounts.every(({ name }) => known.has(name)));
        assert.equal(new Set(env.map(({ name }) => name)).size, env.length);
      }
      const ports = all.flatMap(({ ports: own = [] }) => own.map(({ containerPort }) => containerPort));
      assert.equal(new Set(ports).size, ports.length);
    });
  });

  it('have the same template at every size', () => {
    holds((blueprint) => {
      const at = (replicas: number): string => {
        const resized = { ...blueprint, spec: { ...blueprint.spec, size: replicas } };
        return JSON.stringify(statefulSet(resized, aWish({ replicas })).spec.template);
      };
      assert.equal(new Set([0, 1, 3, 5, 7, 9].map(at)).size, 1);
    });
  });

  it('have names that Kubernetes takes', () => {
    holds(({ names }, objects) => {
      assert.ok(objects.every(({ metadata }) => /^[a-z]([-a-z0-9]{0,61}[a-z0-9])?$/.test(metadata.name)));
      assert.ok(claimNameOf(names.cluster, 8).length <= 63);
    });
  });
});
