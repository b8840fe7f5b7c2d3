import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type RenderInput, renderConfig, type TlsFiles } from '../../src/etcd/render-config.ts';
import { aRenderInput, versionOf } from '../support/a-render-input.ts';

const URLS = {
  'listen-peer-urls': 'http://127.0.0.10:2380',
  'initial-advertise-peer-urls': 'http://127.0.0.10:2380',
  'listen-client-urls': 'http://127.0.0.10:2379',
  'advertise-client-urls': 'http://127.0.0.10:2379',
  'listen-metrics-urls': 'http://127.0.0.10:2381',
};
const SEEDING = {
  'initial-cluster-state': 'new',
  'initial-cluster-token': 'uid-g1-a1',
  'initial-cluster': 'demo-0=http://127.0.0.10:2380',
};
const LOGGING = { logger: 'zap', 'log-outputs': ['stderr'] };

const SEED_DOCUMENTS = {
  '3.5.35': {
    name: 'demo-0',
    'data-dir': '/var/lib/etcd/data',
    ...URLS,
    ...SEEDING,
    'experimental-initial-corrupt-check': true,
    'experimental-compact-hash-check-enabled': true,
    ...LOGGING,
  },
  '3.6.16': {
    name: 'demo-0',
    'data-dir': '/var/lib/etcd/data',
    ...URLS,
    ...SEEDING,
    'max-learners': 8,
    'feature-gates': 'InitialCorruptCheck=true,CompactHashCheck=true',
    ...LOGGING,
  },
  '3.7.3': {
    name: 'demo-0',
    'data-dir': '/var/lib/etcd/data',
    ...URLS,
    ...SEEDING,
    'max-learners': 8,
    'feature-gates': 'InitialCorruptCheck=true,CompactHashCheck=true',
    ...LOGGING,
  },
} as const;

describe('renderConfig', () => {
  for (const [version, expected] of Object.entries(SEED_DOCUMENTS)) {
    it(`lets the seed of etcd ${version} start a new cluster alone`, () => {
      assert.deepEqual(rendered({ etcdVersion: versionOf(version) }), expected);
    });
  }

  it('has a start of its own number of entries to a snapshot, in place of the configured one', () => {
    const start = { kind: 'resume', maxLearners: 8, initialCorruptCheck: false } as const;
    const options = { snapshotCount: 5_000, extraArgs: {} };
    assert.equal(rendered({ start, options })['snapshot-count'], 5_000);
    assert.equal(rendered({ start: { ...start, snapshotCount: 11 }, options })['snapshot-count'], 11);
    assert.equal(rendered({ start: { ...start, snapshotCount: 11 } })['snapshot-count'], 11);
  });

  it('lets a registered member join the members that are listed', () => {
    const document = rendered({
      ordinal: 1,
      start: {
        kind: 'join',
        token: 'uid-g1-a1',
        maxLearners: 8,
        initialCluster: [
          { name: 'demo-0', peerUrl: 'http://127.0.0.10:2380' },
          { name: 'demo-1', peerUrl: 'http://127.0.0.11:2380' },
        ],
      },
    });
    assert.equal(document['name'], 'demo-1');
    assert.equal(document['initial-advertise-peer-urls'], 'http://127.0.0.11:2380');
    assert.equal(document['initial-cluster-state'], 'existing');
    assert.equal(document['initial-cluster'], 'demo-0=http://127.0.0.10:2380,demo-1=http://127.0.0.11:2380');
    assert.equal(document['max-learners'], 8);
  });

  it('never lets a member that resumes start a new cluster', () => {
    const document = rendered({ start: { kind: 'resume', maxLearners: 8, initialCorruptCheck: true } });
    assert.equal(document['initial-cluster-state'], 'existing');
    assert.equal('initial-cluster-token' in document, false);
    assert.equal(document['max-learners'], 8);
    assert.equal(document['feature-gates'], 'InitialCorruptCheck=true,CompactHashCheck=true');
  });

  it('leaves the comparison with the peers out of a resume on demand', () => {
    const start = { kind: 'resume', maxLearners: 1, initialCorruptCheck: false } as const;
    assert.equal(rendered({ start })['feature-gates'], 'InitialCorruptCheck=false,CompactHashCheck=true');
    const on35 = rendered({ start, etcdVersion: versionOf('3.5.35') });
    assert.equal(on35['experimental-initial-corrupt-check'], false);
    assert.equal(on35['experimental-compact-hash-check-enabled'], true);
  });

  it('advertises names while it listens on addresses', () => {
    const { names } = aRenderInput();
    const document = rendered({ names: { ...names, hostTemplate: '{fqdn}' }, listenAddress: '::' });
    assert.equal(document['listen-peer-urls'], 'http://[::]:2380');
    const host = 'demo-0.demo-peer.default.svc.cluster.local';
    assert.equal(document['initial-advertise-peer-urls'], `http://${host}:2380`);
    assert.equal(document['advertise-client-urls'], `http://${host}:2379`);
  });

  it('renders the options, and no others', () => {
    const document = rendered({
      options: {
        quotaBackendBytes: 4_294_967_296,
        autoCompactionRetention: '1h',
        snapshotCount: 5_000,
        heartbeatIntervalMs: 50,
        electionTimeoutMs: 500,
        extraArgs: { 'grpc-keepalive-min-time': '5s', 'enable-pprof': 'true', 'cipher-suites': 'A,B' },
      },
    });
    assert.deepEqual(Object.fromEntries(Object.entries(document).slice(-9)), {
      'quota-backend-bytes': 4_294_967_296,
      'auto-compaction-mode': 'periodic',
      'auto-compaction-retention': '1h',
      'snapshot-count': 5_000,
      'heartbeat-interval': 50,
      'election-timeout': 500,
      'grpc-keepalive-min-time': 5_000_000_000,
      'enable-pprof': true,
      'cipher-suites': ['A', 'B'],
    });
  });

  it('refuses options that were not parsed for this version', () => {
    const options = { extraArgs: { 'initial-cluster-state': 'new' } };
    assert.throws(() => renderConfig(aRenderInput({ options })), TypeError);
  });

  it('asks for certificates on both sides under https, and leaves the probes in plain HTTP', () => {
    const document = rendered({ names: HTTPS, tls: { ...TLS, takesPlainClients: false } });
    assert.deepEqual(
      [document['listen-peer-urls'], document['listen-client-urls'], document['listen-metrics-urls']],
      ['https://127.0.0.10:2380', 'https://127.0.0.10:2379', 'http://127.0.0.10:2381'],
    );
    assert.deepEqual(document['peer-transport-security'], {
      'cert-file': '/tls/peer/tls.crt',
      'key-file': '/tls/peer/tls.key',
      'trusted-ca-file': '/tls/peer/ca.crt',
      'client-cert-auth': true,
    });
  });

  it('on the way to TLS takes both kinds of clients, and has what it shows to peers that are there already', () => {
    const document = rendered({ tls: { ...TLS, takesPlainClients: false } });
    assert.equal(document['listen-client-urls'], 'http://127.0.0.10:2379,https://127.0.0.10:2379');
    assert.equal(document['advertise-client-urls'], 'http://127.0.0.10:2379');
    assert.equal(document['listen-peer-urls'], 'http://127.0.0.10:2380');
    assert.ok('peer-transport-security' in document);
  });

  it('lets plain clients in beside the others for as long as that is wanted', () => {
    const document = rendered({ names: HTTPS, tls: { ...TLS, takesPlainClients: true } });
    assert.equal(document['listen-client-urls'], 'http://127.0.0.10:2379,https://127.0.0.10:2379');
    assert.equal(document['advertise-client-urls'], 'https://127.0.0.10:2379');
  });

  it('speaks https on no side that has no files', () => {
    const { client, peer } = TLS;
    for (const files of [{}, { client }, { peer }]) {
      const tls = { ...files, takesPlainClients: false };
      assert.throws(() => renderConfig(aRenderInput({ names: HTTPS, tls })), /has no TLS files/);
    }
  });
});

const HTTPS = { ...aRenderInput().names, peerScheme: 'https', clientScheme: 'https' } as const;
const TLS = { client: filesOf('client'), peer: filesOf('peer') };

function filesOf(side: string): TlsFiles {
  const folder = `/tls/${side}`;
  return { certFile: `${folder}/tls.crt`, keyFile: `${folder}/tls.key`, trustedCaFile: `${folder}/ca.crt` };
}

function rendered(changes: Partial<RenderInput>): Record<string, unknown> {
  return JSON.parse(renderConfig(aRenderInput(changes)));
}
