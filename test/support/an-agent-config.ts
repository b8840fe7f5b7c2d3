import type { AgentConfig } from '../../src/agent/config.ts';
import { DEFAULT_ETCD_OPTIONS } from '../../src/model/etcd-options.ts';
import { NAMES } from './a-member-view.ts';

/** The configuration of ordinal 1's agent. */
export function anAgentConfig(fields: Partial<AgentConfig> = {}): AgentConfig {
  return {
    names: NAMES,
    ordinal: 1,
    podUid: 'pod-1',
    clusterUid: undefined,
    podAddress: '127.80.0.11',
    listenAddress: '127.80.0.11',
    metricsPort: 2381,
    agentPort: 2382,
    tls: {
      folders: {},
      takesPlainClients: false,
      trust: {},
      peerName: undefined,
      channel: 'plain',
      port: 2383,
    },
    volume: '/var/lib/etcd',
    gate: '/run/quorate/etcd.yaml',
    etcdVersion: { major: 3, minor: 6, patch: 16 },
    etcdOptions: DEFAULT_ETCD_OPTIONS,
    dnsServers: undefined,
    apiUrl: 'http://127.80.0.2:16443',
    apiTokenFile: undefined,
    apiCaFile: undefined,
    recordConfigMap: 'demo-formation',
    graceSeconds: 30,
    runtimeLagMs: 0,
    logLevel: 'info',
    ...fields,
  };
}
