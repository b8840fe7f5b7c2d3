/** Specs with a part of another type than the schema wants, and where that part is. */
import type { KindName } from '../../src/api/kind-rules.ts';

export type TypeCase = {
  readonly kind: KindName;
  readonly spec: unknown;
  /** Path of what is wrong, from the object. */
  readonly field: string;
  /** What is said of it. */
  readonly message: string;
};

/** What is no name cannot lead out of the namespace as part of a path either. */
const NO_SUBDOMAIN = 'must match ^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$';

const STORE = { storageType: 'S3', s3: { bucket: 'kept', region: 'r' } };

/** What an API server refuses that has our schema. */
export const TYPE_CASES: readonly TypeCase[] = [
  cluster({ size: '3' }, 'spec.size', 'must be a whole number, and is a text'),
  cluster({ size: 2.5 }, 'spec.size', 'must be a whole number, and is a fraction'),
  cluster({ size: 11 }, 'spec.size', 'must be at most 9, and is 11'),
  cluster({ size: -1 }, 'spec.size', 'must be at least 0, and is -1'),
  cluster({ version: 3.6 }, 'spec.version', 'must be a text, and is a fraction'),
  cluster({ pause: 'true' }, 'spec.pause', 'must be true or false, and is a text'),
  cluster({ podTemplate: true }, 'spec.podTemplate', 'must be an object, and is true'),
  cluster({ podTemplate: [] }, 'spec.podTemplate', 'must be an object, and is a list'),
  cluster({ podTemplate: { env: {} } }, 'spec.podTemplate.env', 'must be a list, and is an object'),
  cluster({ podTemplate: { env: [{ value: '1' }] } }, 'spec.podTemplate.env[0].name', 'is missing'),
  cluster(
    { podTemplate: { env: [{ name: 'A' }, { name: 7 }] } },
    'spec.podTemplate.env[1].name',
    'must be a text, and is a number',
  ),
  cluster(
    { podTemplate: { tolerations: ['all'] } },
    'spec.podTemplate.tolerations[0]',
    'must be an object, and is a text',
  ),
  cluster(
    { podTemplate: { nodeSelector: { disk: 1 } } },
    'spec.podTemplate.nodeSelector.disk',
    'must be a text, and is a number',
  ),
  cluster(
    { podTemplate: { terminationGracePeriodSeconds: 5 } },
    'spec.podTemplate.terminationGracePeriodSeconds',
    'must be at least 20, and is 5',
  ),
  cluster({ storage: { size: true } }, 'spec.storage.size', 'must be a whole number or a text, and is true'),
  cluster({ storage: { medium: 'Tape' } }, 'spec.storage.medium', 'must be one of Persistent, Ephemeral'),
  cluster(
    { etcd: { extraArgs: { 'max-txn-ops': 256 } } },
    'spec.etcd.extraArgs.max-txn-ops',
    'must be a text, and is a number',
  ),
  cluster(
    { etcd: { autoCompactionRetention: 'x'.repeat(33) } },
    'spec.etcd.autoCompactionRetention',
    'must be at most 32 characters long, and is 33',
  ),
  cluster({ recovery: {} }, 'spec.recovery.generation', 'is missing'),
  cluster(
    { security: { tls: { enabled: 1 } } },
    'spec.security.tls.enabled',
    'must be true or false, and is a number',
  ),
  ...['..', '.', '../other/secrets/theirs', 'other/theirs', 'Mine', ''].flatMap((name) => [
    cluster(
      { security: { tls: { certificateSecret: name, caSecret: 'ca' } } },
      'spec.security.tls.certificateSecret',
      NO_SUBDOMAIN,
    ),
    cluster(
      { security: { auth: { users: [{ name: 'app', passwordSecret: { name } }] } } },
      'spec.security.auth.users[0].passwordSecret.name',
      NO_SUBDOMAIN,
    ),
    {
      kind: 'EtcdBackup' as const,
      spec: { clusterName: 'demo', ...STORE, s3: { ...STORE.s3, caSecret: { name } } },
      field: 'spec.s3.caSecret.name',
      message: NO_SUBDOMAIN,
    },
  ]),
  {
    kind: 'EtcdBackup',
    spec: { clusterName: '..', ...STORE },
    field: 'spec.clusterName',
    message: 'must match ^[a-z]([-a-z0-9]*[a-z0-9])?$',
  },
  { kind: 'EtcdBackup', spec: {}, field: 'spec.clusterName', message: 'is missing' },
  {
    kind: 'EtcdBackup',
    spec: { clusterName: 'demo', ...STORE, s3: 'bucket' },
    field: 'spec.s3',
    message: 'must be an object, and is a text',
  },
  {
    kind: 'EtcdRestore',
    spec: { clusterName: 'demo', backupName: 'b', clusterTemplate: { size: '3' } },
    field: 'spec.clusterTemplate.size',
    message: 'must be a whole number, and is a text',
  },
];

function cluster(spec: unknown, field: string, message: string): TypeCase {
  return { kind: 'EtcdCluster', spec, field, message };
}
