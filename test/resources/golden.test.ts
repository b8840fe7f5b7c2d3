/**
 * What the builders make, whole, in files to be read. After a wanted change:
 * `node --test --test-update-snapshots test/resources/golden.test.ts`, and read the difference.
 */
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { stringify } from 'yaml';
import type { EtcdClusterSpec } from '../../src/api/etcd-cluster.ts';
import { clusterObjects } from '../../src/resources/cluster-objects.ts';
import { formationConfigMap, unformedRecord } from '../../src/resources/config-map.ts';
import type { ResourceSettings } from '../../src/resources/resource-settings.ts';
import type { TlsBlueprint } from '../../src/resources/tls-mode.ts';
import { aBlueprint, aWish, FULL_SPEC, TLS } from './a-blueprint.ts';

const CASES: Readonly<Record<string, readonly [EtcdClusterSpec, Partial<ResourceSettings>?, TlsBlueprint?]>> =
  {
    'the defaults': [{}],
    'every field': [FULL_SPEC],
    'an ordinary sidecar': [{}, { sidecarMode: 'ordinary', kubernetesMinor: 28 }],
    'ephemeral data': [{ size: 1, storage: { medium: 'Ephemeral', size: '2Gi' } }],
    'TLS on both sides': [{ security: { tls: {}, networkPolicy: true } }, {}, TLS],
    'on the way to TLS with given certificates': [
      { security: { tls: { certificateSecret: 'own', caSecret: 'own-ca' } } },
      {},
      {
        client: 'both',
        peer: 'prepared',
        trust: TLS.trust,
        isPeerNamed: false,
      },
    ],
    'an old etcd on an old Kubernetes': [
      { version: '3.5.9', repository: 'docker.io/bitnami/etcd' },
      { sidecarMode: 'ordinary', kubernetesMinor: 22, operator: undefined },
    ],
  };

/** Anchors and folded lines make a difference hard to read. */
const YAML_STYLE = { lineWidth: 0, aliasDuplicateObjects: false };

describe('the objects of a cluster', () => {
  for (const [title, [spec, settings, tls]] of Object.entries(CASES)) {
    it(`are those in the file: ${title}`, (context) => {
      const blueprint = aBlueprint(spec, settings, {}, tls);
      const objects = [
        formationConfigMap(blueprint, unformedRecord('its-uid', blueprint.version)),
        ...clusterObjects(blueprint, aWish({ replicas: spec.size ?? 3 })),
      ];
      const path = join(import.meta.dirname, 'golden', `${title.replaceAll(' ', '-')}.yaml`);
      context.assert.fileSnapshot(objects, path, {
        serializers: [() => objects.map((object) => stringify(object, YAML_STYLE)).join('---\n')],
      });
    });
  }
});
