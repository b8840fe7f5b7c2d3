import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { blockToTry, namesOf, pathsOf } from '../../src/local/cluster-layout.ts';
import { agentCommand, etcdCommand, type PodTemplate } from '../../src/local/pod-commands.ts';
import { FRUGAL_ENVIRONMENT } from '../../src/runtime/frugal-process.ts';

const BLOCK = blockToTry(0, 0);

const TEMPLATE: PodTemplate = {
  names: namesOf('demo', 'default', BLOCK),
  clusterUid: 'set-1',
  block: BLOCK,
  paths: pathsOf('/state'),
  etcdVersion: '3.6.16',
  etcdPath: '/bin/etcd',
  agentEntry: ['/quorate.cjs'],
  agentEnv: { QUORATE_LOG_LEVEL: 'debug' },
  etcdOptions: { 'quota-backend-bytes': 1_000_000 },
  apiUrl: 'http://127.64.0.2:16443',
  graceSeconds: 30,
  supervisorMark: '1:2:/state',
  environment: { PATH: '/bin', QUORATE_API_TOKEN_FILE: '/token', ETCD_NAME: 'mine' },
};

describe('what a Pod runs', () => {
  it('is an agent that is told all of its contract', () => {
    const { args, env } = agentCommand(TEMPLATE, 3, 'uid');
    assert.deepEqual(args.slice(-2), ['/quorate.cjs', 'agent']);
    assert.deepEqual(env, {
      PATH: '/bin',
      ETCD_NAME: 'mine',
      ...FRUGAL_ENVIRONMENT,
      QUORATE_SUPERVISOR: '1:2:/state',
      QUORATE_CLUSTER: 'demo',
      QUORATE_CLUSTER_UID: 'set-1',
      QUORATE_NAMESPACE: 'default',
      QUORATE_SERVICE: 'demo-peer',
      QUORATE_CLUSTER_DOMAIN: 'cluster.local',
      QUORATE_POD_NAME: 'demo-3',
      QUORATE_POD_UID: 'uid',
      QUORATE_POD_IP: '127.64.0.13',
      QUORATE_HOST_TEMPLATE: '127.64.0.1{ordinal}',
      QUORATE_PEER_PORT: '2380',
      QUORATE_CLIENT_PORT: '2379',
      QUORATE_METRICS_PORT: '2381',
      QUORATE_AGENT_PORT: '2382',
      QUORATE_VOLUME: '/state/volumes/3',
      QUORATE_GATE: '/state/run/3/etcd.yaml',
      QUORATE_ETCD_VERSION: '3.6.16',
      QUORATE_ETCD_OPTIONS: '{"quota-backend-bytes":1000000}',
      QUORATE_DNS_SERVERS: '127.64.0.2:15353',
      QUORATE_API_URL: 'http://127.64.0.2:16443',
      QUORATE_GRACE_SECONDS: '30',
      QUORATE_RUNTIME_LAG_MS: '0',
      QUORATE_LOG_LEVEL: 'debug',
    });
  });

  it('is an etcd that is told only where its gate is, and nothing by the person who runs it', () => {
    assert.deepEqual(etcdCommand(TEMPLATE, 3), {
      file: '/bin/etcd',
      args: ['--config-file=/state/run/3/etcd.yaml'],
      cwd: '/proc',
      env: { PATH: '/bin', QUORATE_API_TOKEN_FILE: '/token', QUORATE_SUPERVISOR: '1:2:/state' },
    });
  });
});
