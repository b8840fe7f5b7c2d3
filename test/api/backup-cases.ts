import type { S3Store } from '../../src/api/backup-store.ts';
import type { EtcdBackupSpec } from '../../src/api/etcd-backup.ts';
import { casesOf, changesOf, namesOf, type RuleCase, type TransitionCase } from './rule-case.ts';

const s3 = { bucket: 'backups' };
const SINGLE: EtcdBackupSpec = { clusterName: 'demo', storageType: 'S3', s3 };
const SCHEDULE: EtcdBackupSpec = { ...SINGLE, schedule: '0 2 * * *' };
const withS3 = (more: Partial<S3Store>): EtcdBackupSpec => ({ ...SINGLE, s3: { ...s3, ...more } });
const onVolume = (path: string): EtcdBackupSpec => ({
  clusterName: 'demo',
  storageType: 'Local',
  local: { claimName: 'backups', path },
});

export const BACKUP_CASES: readonly RuleCase<EtcdBackupSpec>[] = [
  ...namesOf('name-is-short', SINGLE, { broken: ['n'.repeat(53)], kept: ['n'.repeat(52), '0.nightly'] }),
  ...casesOf<EtcdBackupSpec>('store-of-the-type', {
    broken: [
      { clusterName: 'demo', storageType: 'S3' },
      { ...SINGLE, storageType: 'GCS' },
      { ...SINGLE, local: { claimName: 'backups' } },
    ],
    kept: [
      SINGLE,
      { clusterName: 'demo', storageType: 'GCS', gcs: { bucket: 'backups' } },
      { clusterName: 'demo', storageType: 'Azure', azure: { account: 'ours', container: 'backups' } },
      { clusterName: 'demo', storageType: 'Local', local: { claimName: 'backups' } },
    ],
  }),
  ...casesOf<EtcdBackupSpec>('one-kind-of-credentials', {
    broken: [
      withS3({ accessKeySecret: 'a' }),
      withS3({ secretKeySecret: 'a' }),
      withS3({ accessKeySecret: 'a', secretKeySecret: 'b', credentialsSecret: { name: 'c' } }),
    ],
    kept: [
      withS3({ accessKeySecret: 'a', secretKeySecret: 'a' }),
      withS3({ credentialsSecret: { name: 'c' }, endpoint: 'https://minio:9000', forcePathStyle: true }),
    ],
  }),
  ...casesOf<EtcdBackupSpec>('path-on-the-volume', {
    broken: [onVolume('../other'), onVolume('a/../../b'), onVolume('..')],
    kept: [onVolume('a/..b/c..'), onVolume('')],
  }),
  ...casesOf<EtcdBackupSpec>('suspend-a-schedule', {
    broken: [{ ...SINGLE, suspend: true }],
    kept: [
      { ...SINGLE, suspend: false },
      { ...SCHEDULE, suspend: true },
    ],
  }),
  ...casesOf<EtcdBackupSpec>('retention-of-a-schedule', {
    broken: [{ ...SINGLE, retentionPolicy: { maxBackups: 3 } }],
    kept: [
      { ...SCHEDULE, retentionPolicy: { maxBackups: 30, maxAge: '30d' } },
      { ...SINGLE, ttl: '72h' },
    ],
  }),
];

export const BACKUP_CHANGES: readonly TransitionCase<EtcdBackupSpec>[] = [
  ...changesOf<EtcdBackupSpec>('single-backup-stays', {
    broken: [
      [SINGLE, { ...SINGLE, clusterName: 'other' }],
      [SINGLE, withS3({ path: 'elsewhere' })],
      [SINGLE, { ...SINGLE, compression: true }],
      [SINGLE, SCHEDULE],
    ],
    kept: [
      [SINGLE, { ...SINGLE, ttl: '72h' }],
      [SINGLE, SINGLE],
    ],
  }),
  ...changesOf<EtcdBackupSpec>('schedule-stays-one', {
    broken: [
      [SCHEDULE, SINGLE],
      [SCHEDULE, { ...SCHEDULE, clusterName: 'other' }],
    ],
    kept: [
      [SCHEDULE, { ...SCHEDULE, schedule: '@daily', suspend: true, compression: true }],
      [SCHEDULE, { ...SCHEDULE, s3: { bucket: 'other' } }],
    ],
  }),
];
