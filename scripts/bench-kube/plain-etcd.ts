/**
 * The floor: what somebody writes by hand who knows how many members there will be. The official image, a static
 * member list, probes as etcd's own documentation has them, and everything else as our Pods have it.
 */
import { type EtcdVersion, formatEtcdVersion } from '../../src/model/etcd-version.ts';

export type PlainWish = {
  readonly name: string;
  readonly namespace: string;
  readonly size: number;
  readonly version: EtcdVersion;
};

const NON_ROOT_ID = 65_532;
const CLIENT_PORT = 2379;
const PEER_PORT = 2380;
const METRICS_PORT = 2381;

/** Two Services and a StatefulSet, in the order in which they are to be made. */
export function plainEtcd(wish: PlainWish): readonly Readonly<Record<string, unknown>>[] {
  const { name, namespace } = wish;
  const metadata = (suffix: string): unknown => ({ name: `${name}${suffix}`, namespace });
  const selector = { app: name };
  return [
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: metadata('-peer'),
      spec: {
        clusterIP: 'None',
        publishNotReadyAddresses: true,
        selector,
        ports: [port('peer', PEER_PORT), port('client', CLIENT_PORT)],
      },
    },
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: metadata('-client'),
      spec: { selector, ports: [port('client', CLIENT_PORT)] },
    },
    { apiVersion: 'apps/v1', kind: 'StatefulSet', metadata: metadata(''), spec: setSpec(wish) },
  ];
}

function setSpec(wish: PlainWish): unknown {
  const { name, size } = wish;
  return {
    replicas: size,
    serviceName: `${name}-peer`,
    podManagementPolicy: 'Parallel',
    selector: { matchLabels: { app: name } },
    template: {
      metadata: { labels: { app: name } },
      spec: {
        enableServiceLinks: false,
        automountServiceAccountToken: false,
        terminationGracePeriodSeconds: 60,
        securityContext: {
          runAsNonRoot: true,
          runAsUser: NON_ROOT_ID,
          fsGroup: NON_ROOT_ID,
          fsGroupChangePolicy: 'OnRootMismatch',
          seccompProfile: { type: 'RuntimeDefault' },
        },
        containers: [etcdContainer(wish)],
      },
    },
    volumeClaimTemplates: [
      {
        metadata: { name: 'data' },
        spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
      },
    ],
  };
}

function etcdContainer({ name, namespace, size, version }: PlainWish): unknown {
  const host = (pod: string): string => `${pod}.${name}-peer.${namespace}.svc.cluster.local`;
  const members = Array.from(
    { length: size },
    (_, ordinal) => `${name}-${ordinal}=http://${host(`${name}-${ordinal}`)}:${PEER_PORT}`,
  );
  const own = host('$(POD_NAME)');
  return {
    name: 'etcd',
    image: `quay.io/coreos/etcd:v${formatEtcdVersion(version)}`,
    command: [
      'etcd',
      '--name=$(POD_NAME)',
      '--data-dir=/var/lib/etcd/data',
      `--listen-peer-urls=http://0.0.0.0:${PEER_PORT}`,
      `--listen-client-urls=http://0.0.0.0:${CLIENT_PORT}`,
      `--listen-metrics-urls=http://0.0.0.0:${METRICS_PORT}`,
      `--initial-advertise-peer-urls=http://${own}:${PEER_PORT}`,
      `--advertise-client-urls=http://${own}:${CLIENT_PORT}`,
      `--initial-cluster=${members.join(',')}`,
      `--initial-cluster-token=${namespace}-${name}`,
      '--initial-cluster-state=new',
    ],
    env: [{ name: 'POD_NAME', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } }],
    resources: { requests: { cpu: '100m', memory: '128Mi' }, limits: { cpu: '1', memory: '1Gi' } },
    startupProbe: {
      httpGet: { path: '/livez', port: METRICS_PORT },
      periodSeconds: 1,
      failureThreshold: 600,
    },
    livenessProbe: {
      httpGet: { path: '/livez', port: METRICS_PORT },
      periodSeconds: 10,
      failureThreshold: 8,
    },
    readinessProbe: { httpGet: { path: '/readyz', port: METRICS_PORT }, periodSeconds: 1 },
    volumeMounts: [{ name: 'data', mountPath: '/var/lib/etcd' }],
    securityContext: {
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    },
  };
}

function port(name: string, number: number): unknown {
  return { name, port: number };
}
