import type { EtcdClusterSpec, EtcdOptionsSpec } from '../../src/api/etcd-cluster.ts';
import type { AuthSpec, TlsSpec } from '../../src/api/security-spec.ts';
import type { VolumeClaimSpec } from '../../src/api/storage-spec.ts';
import { casesOf, changesOf, namesOf, type RuleCase, type TransitionCase } from './rule-case.ts';

const withTls = (tls: TlsSpec): EtcdClusterSpec => ({ security: { tls } });
const withAuth = (auth: AuthSpec): EtcdClusterSpec => ({ security: { auth } });
const withEtcd = (etcd: EtcdOptionsSpec): EtcdClusterSpec => ({ etcd });
const withArgs = (extraArgs: Readonly<Record<string, string>>): EtcdClusterSpec => withEtcd({ extraArgs });
const sized = (size: string | number): EtcdClusterSpec => ({ storage: { size } });
const claimed = (spec: VolumeClaimSpec): EtcdClusterSpec => ({ storage: { volumeClaimTemplate: { spec } } });
const requesting = (storage: string): EtcdClusterSpec => claimed({ resources: { requests: { storage } } });

export const CLUSTER_CASES: readonly RuleCase<EtcdClusterSpec>[] = [
  ...namesOf<EtcdClusterSpec>(
    'name-is-short',
    {},
    { broken: ['n'.repeat(53)], kept: ['n'.repeat(52), 'a', 'my-etcd-0'] },
  ),
  ...namesOf<EtcdClusterSpec>('name-of-services', {}, { broken: ['0-etcd', 'my.etcd'], kept: ['e0'] }),
  ...casesOf<EtcdClusterSpec>('odd-size', {
    broken: [{ size: 2 }, { size: 4 }, { size: 8 }],
    kept: [{}, { size: 0 }, { size: 1 }, { size: 3 }, { size: 5 }, { size: 7 }, { size: 9 }],
  }),
  ...casesOf<EtcdClusterSpec>('supported-version', {
    broken: [{ version: '3.4.30' }, { version: 'v3.3.0' }, { version: '3.8.0' }, { version: '3.50.1' }],
    kept: [{ version: '3.5.9' }, { version: 'v3.5.21' }, { version: 'v3.6.16' }, { version: '3.7.0' }],
  }),
  ...casesOf<EtcdClusterSpec>('repository-without-tag', {
    broken: [{ repository: 'quay.io/coreos/etcd:v3.5.21' }, { repository: 'etcd@sha256:abc' }],
    kept: [
      { repository: 'gcr.io/etcd-development/etcd' },
      { repository: 'localhost:5000/etcd' },
      { repository: 'etcd' },
    ],
  }),
  ...casesOf<EtcdClusterSpec>('volume-holds-etcd', {
    broken: [
      sized('255Mi'),
      sized(0),
      sized('0'),
      sized('-1Gi'),
      sized(1_000_000),
      sized('100m'),
      requesting('1Mi'),
    ],
    kept: [sized('256Mi'), sized('1Gi'), sized(268_435_456), sized('1.5Gi'), sized('.5Ti'), sized('3e8')],
  }),
  ...casesOf<EtcdClusterSpec>('quota-fits-volume', {
    broken: [
      { storage: { size: '2Gi' }, etcd: { quotaBackendBytes: '2Gi' } },
      { etcd: { quotaBackendBytes: '10Gi' } },
      { ...requesting('4Gi'), etcd: { quotaBackendBytes: 5_000_000_000 } },
    ],
    kept: [
      { storage: { size: '2Gi' }, etcd: { quotaBackendBytes: '1.9Gi' } },
      { etcd: { quotaBackendBytes: '8Gi' } },
      { storage: { size: '1Gi' } },
    ],
  }),
  ...casesOf<EtcdClusterSpec>('ephemeral-never-hibernates', {
    kept: [
      { size: 0 },
      { size: 0, storage: { medium: 'Persistent' } },
      { size: 1, storage: { medium: 'Ephemeral' } },
      { storage: { medium: 'Ephemeral' } },
    ],
    broken: [{ size: 0, storage: { medium: 'Ephemeral' } }],
  }),
  ...casesOf<EtcdClusterSpec>('ephemeral-has-no-claims', {
    broken: [
      { storage: { medium: 'Ephemeral', storageClassName: 'fast' } },
      { storage: { medium: 'Ephemeral', retentionPolicy: {} } },
      { storage: { medium: 'Ephemeral', volumeClaimTemplate: { spec: {} } } },
    ],
    kept: [
      { storage: { medium: 'Ephemeral', size: '1Gi' } },
      {
        storage: {
          medium: 'Persistent',
          storageClassName: 'fast',
          retentionPolicy: { whenScaled: 'Delete' },
        },
      },
      { storage: {} },
    ],
  }),
  ...tlsCases(),
  ...authCases(),
  ...casesOf<EtcdClusterSpec>('cpu-request-within-limit', {
    broken: [
      { resources: { requests: { cpu: 2 }, limits: { cpu: '1500m' } } },
      { resources: { requests: { cpu: '1.001' }, limits: { cpu: '1', memory: '1Gi' } } },
    ],
    kept: [
      { resources: { requests: { cpu: '100m' }, limits: { cpu: '0.1' } } },
      { resources: { requests: { cpu: '64' } } },
      { resources: { limits: { cpu: '1m' } } },
      { resources: { requests: { cpu: '5e-1' }, limits: { cpu: '500000u' } } },
    ],
  }),
  ...casesOf<EtcdClusterSpec>('memory-request-within-limit', {
    broken: [{ resources: { requests: { memory: '1Gi' }, limits: { memory: '1G' } } }],
    kept: [{ resources: { requests: { memory: '64Mi' }, limits: { memory: '128Mi' } } }],
  }),
  ...etcdCases(),
  ...casesOf<EtcdClusterSpec>('no-etcd-environment', {
    broken: [
      {
        podTemplate: {
          env: [
            { name: 'GOGC', value: '50' },
            { name: 'ETCD_NAME', value: 'x' },
          ],
        },
      },
    ],
    kept: [{ podTemplate: { env: [{ name: 'GOMAXPROCS', value: '2' }] } }],
  }),
  ...casesOf<EtcdClusterSpec>('labels-of-the-operator-podTemplate', {
    broken: [
      { podTemplate: { metadata: { labels: { 'app.kubernetes.io/name': 'x' } } } },
      { podTemplate: { metadata: { labels: { 'etcd.etcd.io/anything': 'x' } } } },
    ],
    kept: [{ podTemplate: { metadata: { labels: { 'app.kubernetes.io/part-of': 'x', team: '' } } } }],
  }),
  ...casesOf<EtcdClusterSpec>('labels-of-the-operator-storage', {
    broken: [
      {
        storage: {
          volumeClaimTemplate: { metadata: { labels: { 'app.kubernetes.io/instance': 'x' } }, spec: {} },
        },
      },
    ],
    kept: [{ storage: { volumeClaimTemplate: { metadata: { labels: { team: 'x' } }, spec: {} } } }],
  }),
];

function tlsCases(): readonly RuleCase<EtcdClusterSpec>[] {
  const own = { certificateSecret: 'members', caSecret: 'authority' };
  const issuerRef = { name: 'ours' };
  return [
    ...casesOf('one-certificate-source', {
      broken: [
        withTls({ autoTLS: true, ...own }),
        withTls({ autoTLS: true, issuerRef }),
        withTls({ issuerRef, ...own }),
      ],
      kept: [
        withTls({}),
        withTls({ enabled: true, autoTLS: true }),
        withTls({ enabled: true, clientTLSEnabled: true, peerTLSEnabled: true, autoTLS: true }),
        withTls({ autoTLS: false, ...own }),
        withTls({ enabled: true, ...own }),
        withTls({ issuerRef }),
        withTls({ autoTLS: true, caSecret: 'authority' }),
      ],
    }),
    ...casesOf('some-certificate-source', {
      broken: [
        withTls({ autoTLS: false }),
        withTls({ enabled: true, autoTLS: false, caSecret: 'authority' }),
      ],
      kept: [withTls({ enabled: false, autoTLS: false })],
    }),
    ...casesOf('certificate-with-authority', {
      broken: [withTls({ certificateSecret: 'members' })],
      kept: [withTls({ enabled: true })],
    }),
    ...casesOf('nothing-encrypted-by-halves', {
      broken: [
        withTls({ enabled: false, clientTLSEnabled: true }),
        withTls({ enabled: false, peerTLSEnabled: true, clientTLSEnabled: false }),
      ],
      kept: [withTls({ enabled: false, clientTLSEnabled: false }), withTls({ enabled: false })],
    }),
    ...casesOf('something-encrypted', {
      broken: [withTls({ clientTLSEnabled: false, peerTLSEnabled: false })],
      kept: [
        withTls({ clientTLSEnabled: false }),
        withTls({ peerTLSEnabled: false }),
        withTls({ enabled: false, clientTLSEnabled: false, peerTLSEnabled: false }),
      ],
    }),
    ...casesOf('rotation-of-issued-certificates', {
      broken: [
        withTls({ rotationPeriod: '720h', ...own }),
        withTls({ rotationPeriod: '720h', autoRotate: false }),
      ],
      kept: [withTls({ rotationPeriod: '720h0m0s' }), withTls({ autoRotate: false })],
    }),
  ];
}

function authCases(): readonly RuleCase<EtcdClusterSpec>[] {
  const passwordSecret = { name: 'password' };
  return [
    ...casesOf<EtcdClusterSpec>('auth-over-tls', {
      broken: [
        { security: { auth: { enabled: true } } },
        { security: { auth: { enabled: true, users: [{ name: 'app', passwordSecret }] } } },
        { security: { tls: { enabled: false }, auth: { enabled: true } } },
        { security: { tls: { clientTLSEnabled: false }, auth: { enabled: true } } },
      ],
      kept: [
        { security: { tls: {}, auth: { enabled: true } } },
        { security: { tls: { peerTLSEnabled: false }, auth: { enabled: true } } },
        { security: { auth: { enabled: false, users: [{ name: 'app' }] } } },
        { security: { tls: { clientTLSEnabled: false }, auth: {} } },
      ],
    }),
    ...casesOf<EtcdClusterSpec>('root-has-its-own-secret', {
      broken: [withAuth({ users: [{ name: 'root', passwordSecret }] })],
      kept: [withAuth({ rootPasswordSecret: passwordSecret })],
    }),
    ...casesOf<EtcdClusterSpec>('operator-is-no-user', {
      broken: [withAuth({ users: [{ name: 'app' }, { name: 'quorate-operator' }] })],
      kept: [withAuth({ users: [{ name: 'operator' }, { name: 'etcd-client' }] })],
    }),
    ...casesOf<EtcdClusterSpec>('root-role-is-etcds-own', {
      broken: [withAuth({ roles: [{ name: 'root', permissions: [] }] })],
      kept: [withAuth({ roles: [{ name: 'roots' }] })],
    }),
    ...casesOf<EtcdClusterSpec>('known-roles', {
      broken: [
        withAuth({ users: [{ name: 'app', passwordSecret, roles: ['reader'] }] }),
        withAuth({
          users: [{ name: 'app', passwordSecret, roles: ['reader', 'writer'] }],
          roles: [{ name: 'reader' }],
        }),
      ],
      kept: [
        withAuth({
          users: [{ name: 'app', passwordSecret, roles: ['reader', 'root'] }],
          roles: [{ name: 'reader', permissions: [{ access: 'Read', key: '/app/', prefix: true }] }],
        }),
      ],
    }),
    ...casesOf<EtcdClusterSpec>('permissions-name-keys', {
      broken: [
        withAuth({ roles: [{ name: 'reader', permissions: [{ access: 'Read', key: '' }] }] }),
        withAuth({ roles: [{ name: 'reader', permissions: [{ access: 'Read', key: '', prefix: false }] }] }),
      ],
      kept: [
        withAuth({
          roles: [
            { name: 'reader', permissions: [{ access: 'Read', key: '', prefix: true }] },
            { name: 'writer', permissions: [{ access: 'Write', key: '/app' }] },
          ],
        }),
      ],
    }),
  ];
}

function etcdCases(): readonly RuleCase<EtcdClusterSpec>[] {
  return [
    ...casesOf('election-over-heartbeat', {
      broken: [
        withEtcd({ electionTimeoutMs: 499 }),
        withEtcd({ heartbeatIntervalMs: 201 }),
        withEtcd({ heartbeatIntervalMs: 300, electionTimeoutMs: 1_400 }),
      ],
      kept: [withEtcd({}), withEtcd({ heartbeatIntervalMs: 200 }), withEtcd({ electionTimeoutMs: 500 })],
    }),
    ...casesOf('some-quota', {
      broken: [
        withEtcd({ quotaBackendBytes: 0 }),
        withEtcd({ quotaBackendBytes: '-1' }),
        withEtcd({ quotaBackendBytes: '1023Ki' }),
      ],
      kept: [withEtcd({ quotaBackendBytes: '1Mi' }), withEtcd({ quotaBackendBytes: 2_147_483_648 })],
    }),
    ...casesOf('compaction-with-retention', {
      broken: [withEtcd({ autoCompactionMode: 'periodic' })],
      kept: [withEtcd({ autoCompactionRetention: '1' })],
    }),
    ...casesOf('retention-of-the-mode', {
      broken: [
        withEtcd({ autoCompactionMode: 'revision', autoCompactionRetention: '30m' }),
        withEtcd({ autoCompactionMode: 'periodic', autoCompactionRetention: '1d' }),
        withEtcd({ autoCompactionRetention: '' }),
      ],
      kept: [
        withEtcd({ autoCompactionMode: 'revision', autoCompactionRetention: '10000' }),
        withEtcd({ autoCompactionMode: 'periodic', autoCompactionRetention: '1h30m' }),
      ],
    }),
    ...casesOf('known-extra-args', {
      broken: [
        withArgs({ 'data-dir': '/tmp' }),
        withArgs({ 'initial-cluster': 'a=b' }),
        withArgs({ 'no-such-option': '1' }),
        withArgs({ 'max-learners': '3' }),
      ],
      kept: [withArgs({}), withArgs({ 'max-request-bytes': '3145728', 'max-txn-ops': '1024' })],
    }),
    ...casesOf('extra-args-of-type-boolean', {
      broken: [withArgs({ 'enable-pprof': 'yes' }), withArgs({ 'enable-grpc-gateway': '' })],
      kept: [withArgs({ 'enable-pprof': 'true' })],
    }),
    ...casesOf('extra-args-of-type-integer', {
      broken: [withArgs({ 'max-request-bytes': '3Mi' }), withArgs({ 'max-txn-ops': '-1' })],
      kept: [withArgs({ 'bcrypt-cost': '10' })],
    }),
    ...casesOf('extra-args-of-type-duration', {
      broken: [withArgs({ 'corrupt-check-time': '1d' }), withArgs({ 'grpc-keepalive-timeout': '20' })],
      kept: [withArgs({ 'corrupt-check-time': '1h30m', 'grpc-keepalive-timeout': '0.5s' })],
    }),
    ...casesOf('extra-args-of-type-text', {
      broken: [withArgs({ cors: 'a\nb' }), withArgs({ 'host-whitelist': '' })],
      kept: [withArgs({ cors: '*' })],
    }),
    ...casesOf('extra-args-of-type-list', {
      broken: [withArgs({ 'cipher-suites': 'é' })],
      kept: [withArgs({ 'cipher-suites': 'TLS_AES_128_GCM_SHA256,TLS_AES_256_GCM_SHA384' })],
    }),
    ...casesOf('extra-args-of-choices', {
      broken: [withArgs({ 'log-level': 'trace' }), withArgs({ metrics: 'some' })],
      kept: [withArgs({ 'log-level': 'debug', metrics: 'extensive' })],
    }),
    ...casesOf<EtcdClusterSpec>('extra-args-of-the-version', {
      broken: [{ version: 'v3.5.35', ...withArgs({ 'log-format': 'json' }) }],
      kept: [
        { version: '3.6.16', ...withArgs({ 'log-format': 'json' }) },
        { version: '3.5.35', ...withArgs({ 'log-level': 'info' }) },
      ],
    }),
  ];
}

export const CLUSTER_CHANGES: readonly TransitionCase<EtcdClusterSpec>[] = [
  ...changesOf<EtcdClusterSpec>('volumes-only-grow', {
    broken: [
      [sized('20Gi'), sized('10Gi')],
      [sized('20Gi'), {}],
      [{}, sized('9.9Gi')],
      [sized('1.5Gi'), sized('1535Mi')],
      [requesting('20Gi'), requesting('19Gi')],
      [requesting('20Gi'), sized('19Gi')],
    ],
    kept: [
      [sized('1Gi'), sized('2Gi')],
      [sized('1Gi'), sized('1024Mi')],
      [sized('1Gi'), sized(1_073_741_824)],
      [sized('1e10'), sized('10G')],
      [{}, sized('10Gi')],
      [sized('5Gi'), {}],
      [requesting('1Gi'), requesting('2Gi')],
    ],
  }),
  ...changesOf<EtcdClusterSpec>('medium-stays', {
    broken: [
      [{}, { storage: { medium: 'Ephemeral' } }],
      [{ storage: { medium: 'Ephemeral' } }, {}],
    ],
    kept: [
      [{}, { storage: { medium: 'Persistent' } }],
      [{ storage: { medium: 'Ephemeral' } }, { storage: { medium: 'Ephemeral', size: '20Gi' } }],
    ],
  }),
  ...changesOf<EtcdClusterSpec>('storage-class-stays', {
    broken: [
      [{}, { storage: { storageClassName: 'fast' } }],
      [{ storage: { storageClassName: 'fast' } }, { storage: { storageClassName: 'slow' } }],
      [claimed({ storageClassName: 'fast' }), claimed({})],
    ],
    kept: [
      [{ storage: { storageClassName: 'fast' } }, { storage: { storageClassName: 'fast', size: '20Gi' } }],
      [claimed({ storageClassName: 'fast' }), { storage: { storageClassName: 'fast' } }],
    ],
  }),
  ...changesOf<EtcdClusterSpec>('claim-template-stays', {
    broken: [
      [claimed({ accessModes: ['ReadWriteOnce'] }), claimed({ accessModes: ['ReadWriteOncePod'] })],
      [{}, claimed({ volumeMode: 'Filesystem' })],
      [
        claimed({ selector: { matchLabels: { a: 'b' } } }),
        claimed({ selector: { matchLabels: { a: 'c' } } }),
      ],
    ],
    kept: [
      [claimed({ accessModes: ['ReadWriteOnce'] }), claimed({ accessModes: ['ReadWriteOnce'] })],
      [{}, claimed({})],
    ],
  }),
  ...changesOf<EtcdClusterSpec>('recovery-only-grows', {
    broken: [
      [{ recovery: { generation: 3, from: 'Survivor' } }, { recovery: { generation: 2, from: 'Survivor' } }],
    ],
    kept: [
      [{ recovery: { generation: 2, from: 'Survivor' } }, { recovery: { generation: 2, from: 'Snapshot' } }],
      [{ recovery: { generation: 2, from: 'Survivor' } }, { recovery: { generation: 3, from: 'Survivor' } }],
      [{ recovery: { generation: 9, from: 'Survivor' } }, {}],
      [{}, { recovery: { generation: 2, from: 'Snapshot' } }],
    ],
  }),
];
