import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { readAgentConfig } from '../../src/agent/config.ts';

const COMPLETE = {
  QUORATE_CLUSTER: 'demo',
  QUORATE_NAMESPACE: 'default',
  QUORATE_SERVICE: 'demo-peer',
  QUORATE_POD_NAME: 'demo-2',
  QUORATE_POD_UID: 'pod-2',
  QUORATE_POD_IP: '127.80.7.12',
  QUORATE_ETCD_VERSION: '3.6.16',
  QUORATE_API_URL: 'http://127.80.7.2:16443',
} as const;

type Variables = Readonly<Record<string, string | undefined>>;

function problemsOf(variables: Variables): readonly string[] {
  const finding = readAgentConfig({ ...COMPLETE, ...variables });
  return finding.ok ? [] : finding.problems;
}

describe('the agent’s configuration', () => {
  it('needs eight variables; everything else has the value a Pod needs', () => {
    assert.deepEqual(readAgentConfig(COMPLETE), {
      ok: true,
      config: {
        names: {
          cluster: 'demo',
          namespace: 'default',
          service: 'demo-peer',
          clusterDomain: 'cluster.local',
          hostTemplate: '{fqdn}',
          peerScheme: 'http',
          clientScheme: 'http',
          peerPort: 2380,
          clientPort: 2379,
        },
        ordinal: 2,
        podUid: 'pod-2',
        clusterUid: undefined,
        podAddress: '127.80.7.12',
        listenAddress: '127.80.7.12',
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
        etcdOptions: { extraArgs: {} },
        dnsServers: undefined,
        apiUrl: 'http://127.80.7.2:16443',
        apiTokenFile: undefined,
        apiCaFile: undefined,
        recordConfigMap: 'demo-formation',
        graceSeconds: 30,
        runtimeLagMs: 500,
        logLevel: 'info',
      },
    });
  });

  it('takes every variable there is', () => {
    const finding = readAgentConfig({
      ...COMPLETE,
      QUORATE_CLUSTER_DOMAIN: 'example.org',
      QUORATE_CLUSTER_UID: 'uid-1',
      QUORATE_LISTEN_ADDRESS: '::',
      QUORATE_HOST_TEMPLATE: '127.80.7.1{ordinal}',
      QUORATE_PEER_PORT: '12380',
      QUORATE_CLIENT_PORT: '12379',
      QUORATE_METRICS_PORT: '12381',
      QUORATE_AGENT_PORT: '65535',
      QUORATE_PEER_SCHEME: 'https',
      QUORATE_CLIENT_SCHEME: 'https',
      QUORATE_PLAIN_CLIENTS: 'true',
      QUORATE_TLS_CLIENT: '/tls/client',
      QUORATE_TLS_PEER: '/tls/peer',
      QUORATE_TLS_AGENT: '/tls/agent',
      QUORATE_TLS_CLIENT_TRUST: 'ab'.repeat(32),
      QUORATE_TLS_PEER_TRUST: 'cd'.repeat(32),
      QUORATE_TLS_PEER_NAME: 'etcd-peer',
      QUORATE_AGENT_CHANNEL: 'either',
      QUORATE_AGENT_TLS_PORT: '12383',
      QUORATE_VOLUME: '/data',
      QUORATE_GATE: '/data/gate',
      QUORATE_ETCD_OPTIONS: '{"quotaBackendBytes":8589934592,"extraArgs":{"log-level":"warn"}}',
      QUORATE_DNS_SERVERS: '127.80.7.2:5353,[fd00::a]:53',
      QUORATE_API_TOKEN_FILE: '/token',
      QUORATE_API_CA_FILE: '/ca',
      QUORATE_GRACE_SECONDS: '120',
      QUORATE_RUNTIME_LAG_MS: '0',
      QUORATE_LOG_LEVEL: 'debug',
    });
    assert.ok(finding.ok);
    const { config } = finding;
    assert.deepEqual(config.names, {
      ...config.names,
      clusterDomain: 'example.org',
      hostTemplate: '127.80.7.1{ordinal}',
      peerPort: 12_380,
      clientPort: 12_379,
      peerScheme: 'https',
      clientScheme: 'https',
    });
    assert.deepEqual(config.tls, {
      folders: { client: '/tls/client', peer: '/tls/peer', agent: '/tls/agent' },
      takesPlainClients: true,
      trust: { client: 'ab'.repeat(32), peer: 'cd'.repeat(32) },
      peerName: 'etcd-peer',
      channel: 'either',
      port: 12_383,
    });
    assert.deepEqual(
      [config.listenAddress, config.metricsPort, config.agentPort, config.volume, config.gate],
      ['::', 12_381, 65_535, '/data', '/data/gate'],
    );
    assert.equal(config.etcdOptions.quotaBackendBytes, 8_589_934_592);
    assert.deepEqual(config.dnsServers, [
      { address: '127.80.7.2', port: 5353 },
      { address: 'fd00::a', port: 53 },
    ]);
    assert.deepEqual(
      [config.clusterUid, config.apiTokenFile, config.apiCaFile, config.graceSeconds, config.runtimeLagMs],
      ['uid-1', '/token', '/ca', 120, 0],
    );
    assert.equal(config.logLevel, 'debug');
  });

  it('encrypts nothing with nothing', () => {
    for (const [variable, value, folder] of [
      ['QUORATE_PEER_SCHEME', 'https', 'QUORATE_TLS_PEER'],
      ['QUORATE_CLIENT_SCHEME', 'https', 'QUORATE_TLS_CLIENT'],
      ['QUORATE_AGENT_CHANNEL', 'tls', 'QUORATE_TLS_AGENT'],
    ] as const) {
      const wanted = `${variable} is "${value}" and ${folder} is not set; set it to where the certificates are mounted.`;
      assert.deepEqual(problemsOf({ [variable]: value }), [wanted]);
    }
  });

  it('finds the API server where every Pod is told it is', () => {
    const urlOf = (variables: Variables): string | undefined => {
      const finding = readAgentConfig({ ...COMPLETE, QUORATE_API_URL: undefined, ...variables });
      return finding.ok ? finding.config.apiUrl : undefined;
    };
    assert.equal(urlOf({ KUBERNETES_SERVICE_HOST: '10.96.0.1' }), 'https://10.96.0.1:443');
    const six = { KUBERNETES_SERVICE_HOST: 'fd00::1', KUBERNETES_SERVICE_PORT: '6443' };
    assert.equal(urlOf(six), 'https://[fd00::1]:6443');
    assert.equal(urlOf({ KUBERNETES_SERVICE_HOST: '' }), undefined);
  });

  it('cannot be changed after it was read', () => {
    const finding = readAgentConfig(COMPLETE);
    assert.ok(finding.ok && Object.isFrozen(finding.config));
  });

  it('says all that is wrong at once, one sentence each', () => {
    const finding = readAgentConfig({
      QUORATE_CLUSTER: 'demo',
      QUORATE_SERVICE: '',
      QUORATE_POD_NAME: 'other-0',
      QUORATE_POD_IP: 'localhost',
      QUORATE_PEER_PORT: '70000',
      QUORATE_ETCD_VERSION: '3.4.1',
      QUORATE_DNS_SERVERS: 'dns',
    });
    assert.ok(!finding.ok);
    assert.deepEqual(finding.problems, [
      'QUORATE_NAMESPACE must be set.',
      'QUORATE_SERVICE is ""; it must be set.',
      'QUORATE_POD_UID must be set.',
      'QUORATE_POD_IP is "localhost"; it must be an IP address.',
      'QUORATE_PEER_PORT is "70000"; it must be a port number from 1 to 65535.',
      'QUORATE_POD_NAME is "other-0"; it must be demo-0 to demo-8.',
      'QUORATE_ETCD_VERSION is "3.4.1"; etcd 3.5, 3.6, 3.7 are supported, such as 3.6.16.',
      'QUORATE_DNS_SERVERS is "dns": \'dns\' is not ADDRESS or ADDRESS:PORT.',
      'QUORATE_API_URL is not set and this is no Pod (KUBERNETES_SERVICE_HOST is not set); set it to the API server.',
    ]);
  });

  const bad: Readonly<Record<string, readonly string[]>> = {
    QUORATE_POD_NAME: ['demo', 'demo-9', 'demo-02'],
    QUORATE_POD_IP: ['', '1.2.3', '1.2.3.4:2380'],
    QUORATE_LISTEN_ADDRESS: ['', 'eth0'],
    QUORATE_HOST_TEMPLATE: ['', 'etcd.example.org'],
    QUORATE_PEER_PORT: ['', '0', '-1', '2380x', '65536', '1e3'],
    QUORATE_ETCD_VERSION: ['latest', '3.6', '4.0.0', '3.8.0'],
    QUORATE_ETCD_OPTIONS: ['', 'nope', '[]', '{"quota":1}', '{"quotaBackendBytes":"8GiB"}'],
    QUORATE_PEER_SCHEME: ['', 'ftp'],
    QUORATE_CLIENT_SCHEME: ['', 'tls'],
    QUORATE_PLAIN_CLIENTS: ['', 'yes'],
    QUORATE_TLS_CLIENT: [''],
    QUORATE_TLS_PEER: [''],
    QUORATE_TLS_AGENT: [''],
    QUORATE_TLS_CLIENT_TRUST: ['', 'abc'],
    QUORATE_TLS_PEER_TRUST: ['', 'abc'],
    QUORATE_TLS_PEER_NAME: [''],
    QUORATE_AGENT_CHANNEL: ['', 'http'],
    QUORATE_AGENT_TLS_PORT: ['', '0'],
    QUORATE_DNS_SERVERS: ['', '10.0.0.10:99999', '1.1.1.1,2.2.2.2,3.3.3.3,4.4.4.4'],
    QUORATE_API_URL: ['', 'api'],
    QUORATE_GRACE_SECONDS: ['', '0', '1.5', '30s'],
    QUORATE_RUNTIME_LAG_MS: ['', '-1', '0.5', '10000'],
    QUORATE_LOG_LEVEL: ['', 'verbose'],
  };
  for (const [variable, values] of Object.entries(bad)) {
    it(`refuses ${variable} in one sentence that names it and its value`, () => {
      for (const value of values) {
        const problems = problemsOf({ [variable]: value });
        assert.equal(problems.length, 1, `${variable}=${value}: ${problems.join(' | ')}`);
        assert.match(problems[0] ?? '', /^QUORATE_[A-Z_]+ .*\.$/);
        assert.ok(problems[0]?.startsWith(variable), problems[0]);
        assert.ok(!problems[0]?.includes('Invalid value'), problems[0]);
      }
    });
  }

  it('never throws, whatever the environment holds', () => {
    const name = fc.constantFrom(...Object.keys(COMPLETE), ...Object.keys(bad));
    fc.assert(
      fc.property(fc.dictionary(name, fc.string(), { maxKeys: 20 }), (variables) => {
        const finding = readAgentConfig(variables);
        assert.ok(finding.ok || finding.problems.every((problem) => /^QUORATE_/.test(problem)));
      }),
    );
  });
});
