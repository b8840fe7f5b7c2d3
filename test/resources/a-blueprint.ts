/** What the builders are tried on. */
import type { EtcdClusterSpec } from '../../src/api/etcd-cluster.ts';
import { type Blueprint, blueprintOf, type ClusterSource } from '../../src/resources/blueprint.ts';
import type { ResourceSettings } from '../../src/resources/resource-settings.ts';
import type { SetWish } from '../../src/resources/stateful-set.ts';
import type { TlsBlueprint } from '../../src/resources/tls-mode.ts';

export function someSettings(fields: Partial<ResourceSettings> = {}): ResourceSettings {
  return {
    agent: {
      image: 'registry.example/quorate:0.1.0',
      pullPolicy: 'IfNotPresent',
      command: ['node', '--lite-mode', '/app/quorate.cjs', 'agent'],
      environment: { MALLOC_ARENA_MAX: '1' },
    },
    clusterDomain: 'cluster.local',
    sidecarMode: 'native',
    kubernetesMinor: 34,
    operator: { namespace: 'quorate-system', labels: { 'app.kubernetes.io/name': 'quorate' } },
    ...fields,
  };
}

export function aSource(spec: EtcdClusterSpec = {}, fields: Partial<ClusterSource> = {}): ClusterSource {
  const uid = '9d3c1c3e-5f0a-4e0e-9c57-0c1c0f0e5a11';
  return { name: 'demo', namespace: 'shop', uid, spec, ...fields };
}

/** A blueprint that can be built, or an assertion's error with the reason why not. */
export function aBlueprint(
  spec: EtcdClusterSpec = {},
  settings: Partial<ResourceSettings> = {},
  source: Partial<ClusterSource> = {},
  tls?: TlsBlueprint,
): Blueprint {
  const blueprint = blueprintOf(aSource(spec, source), someSettings(settings), tls ?? 'plain');
  if ('refused' in blueprint) {
    throw new Error(`${blueprint.refused}: ${blueprint.message}`);
  }
  return blueprint;
}

/** Both sides over TLS, with certificates that the operator issues. */
export const TLS: TlsBlueprint = {
  client: 'tls',
  peer: 'tls',
  trust: { client: 'ab'.repeat(32), peer: 'cd'.repeat(32) },
  isPeerNamed: true,
};

export function aWish(fields: Partial<SetWish> = {}): SetWish {
  return { replicas: 3, claimTemplates: undefined, ...fields };
}

/** A spec in which every field says something other than the default. */
export const FULL_SPEC: EtcdClusterSpec = {
  size: 5,
  version: 'v3.7.3',
  repository: 'registry.example:5000/mirror/etcd',
  storage: {
    size: '20Gi',
    retentionPolicy: { whenDeleted: 'Delete', whenScaled: 'Delete' },
    volumeClaimTemplate: {
      metadata: { labels: { team: 'shop' }, annotations: { 'example.com/backup': 'no' } },
      spec: {
        accessModes: ['ReadWriteOncePod'],
        storageClassName: 'fast',
        selector: { matchLabels: { disk: 'nvme' } },
        resources: { requests: { storage: '5Gi' }, limits: { storage: '40Gi' } },
      },
    },
  },
  security: { networkPolicy: true },
  resources: { requests: { memory: '2Gi' }, limits: { cpu: 4 } },
  etcd: {
    quotaBackendBytes: '4Gi',
    autoCompactionMode: 'periodic',
    autoCompactionRetention: '30m',
    snapshotCount: 5000,
    heartbeatIntervalMs: 200,
    electionTimeoutMs: 2000,
    extraArgs: { 'max-request-bytes': '3145728', 'log-level': 'warn' },
  },
  podTemplate: {
    metadata: { labels: { team: 'shop' }, annotations: { 'example.com/scrape': 'yes' } },
    nodeSelector: { disk: 'nvme' },
    affinity: { nodeAffinity: {} },
    tolerations: [{ key: 'etcd', operator: 'Exists', effect: 'NoSchedule' }],
    topologySpreadConstraints: [],
    priorityClassName: 'important',
    imagePullSecrets: [{ name: 'registry' }],
    securityContext: { runAsUser: 1001, fsGroup: 1001 },
    terminationGracePeriodSeconds: 120,
    env: [{ name: 'GOGC', value: '50' }],
  },
  clientService: { type: 'NodePort', annotations: { 'example.com/dns': 'etcd.shop.example' } },
};
