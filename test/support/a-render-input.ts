import type { RenderInput } from '../../src/etcd/render-config.ts';
import { DEFAULT_ETCD_OPTIONS } from '../../src/model/etcd-options.ts';
import { type EtcdVersion, parseEtcdVersion } from '../../src/model/etcd-version.ts';

/** The release written in `text`; throws for anything else. */
export function versionOf(text: string): EtcdVersion {
  const version = parseEtcdVersion(text);
  if (version === undefined) {
    throw new Error(`"${text}" is no etcd version`);
  }
  return version;
}

/** The seed of the cluster `demo` at `127.0.0.1ORDINAL`, unless `changes` say otherwise. */
export function aRenderInput(changes: Partial<RenderInput> = {}): RenderInput {
  return {
    names: {
      cluster: 'demo',
      namespace: 'default',
      service: 'demo-peer',
      clusterDomain: 'cluster.local',
      hostTemplate: '127.0.0.1{ordinal}',
      peerScheme: 'http',
      clientScheme: 'http',
      peerPort: 2380,
      clientPort: 2379,
    },
    ordinal: 0,
    etcdVersion: versionOf('3.6.16'),
    dataDirectory: '/var/lib/etcd/data',
    listenAddress: '127.0.0.10',
    metricsPort: 2381,
    start: { kind: 'seed', token: 'uid-g1-a1', maxLearners: 8 },
    options: DEFAULT_ETCD_OPTIONS,
    tls: { takesPlainClients: false },
    ...changes,
  };
}

/** The same member of the cluster on the loopback network `prefix`, such as `127.141.7.`. */
export function aRenderInputAt(
  prefix: string,
  ordinal: number,
  dataDirectory: string,
  changes: Partial<RenderInput> = {},
): RenderInput {
  const input = aRenderInput(changes);
  return {
    ...input,
    ordinal,
    names: { ...input.names, hostTemplate: `${prefix}1{ordinal}` },
    listenAddress: `${prefix}1${ordinal}`,
    dataDirectory,
  };
}
