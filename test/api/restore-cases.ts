import type { EtcdRestoreSpec } from '../../src/api/etcd-restore.ts';
import { casesOf, changesOf, namesOf, type RuleCase, type TransitionCase } from './rule-case.ts';

const PLAIN: EtcdRestoreSpec = { clusterName: 'demo', backupName: 'nightly' };
const clusterName = 'demo';

export const RESTORE_CASES: readonly RuleCase<EtcdRestoreSpec>[] = [
  ...namesOf('name-is-short', PLAIN, { broken: ['n'.repeat(53)], kept: ['n'.repeat(52)] }),
  ...casesOf<EtcdRestoreSpec>('one-backup', {
    broken: [
      { clusterName },
      { ...PLAIN, source: { storageType: 'S3', s3: { bucket: 'backups' }, path: 'nightly/1.db' } },
    ],
    kept: [
      PLAIN,
      { clusterName, source: { storageType: 'S3', s3: { bucket: 'backups' }, path: 'nightly/1.db' } },
    ],
  }),
  ...casesOf<EtcdRestoreSpec>('store-of-the-type', {
    broken: [{ clusterName, source: { storageType: 'GCS', s3: { bucket: 'backups' }, path: 'x' } }],
    kept: [{ clusterName, source: { storageType: 'Local', local: { claimName: 'backups' }, path: 'x' } }],
  }),
  ...casesOf<EtcdRestoreSpec>('one-kind-of-credentials', {
    broken: [
      {
        clusterName,
        source: { storageType: 'S3', s3: { bucket: 'backups', accessKeySecret: 'a' }, path: 'x' },
      },
    ],
    kept: [],
  }),
  ...casesOf<EtcdRestoreSpec>('path-on-the-volume', {
    broken: [
      { clusterName, source: { storageType: 'Local', local: { claimName: 'c', path: '..' }, path: 'x' } },
    ],
    kept: [],
  }),
  ...casesOf<EtcdRestoreSpec>('one-point-in-time', {
    broken: [
      { ...PLAIN, pointInTime: {} },
      { ...PLAIN, pointInTime: { time: '2026-01-02T03:04:05Z', revision: 7 } },
    ],
    kept: [
      { ...PLAIN, pointInTime: { time: '2026-01-02T03:04:05Z' } },
      { ...PLAIN, pointInTime: { revision: 7 } },
    ],
  }),
  ...casesOf<EtcdRestoreSpec>('template-of-a-new-cluster', {
    broken: [{ ...PLAIN, restoreType: 'Replace', clusterTemplate: {} }],
    kept: [
      { ...PLAIN, restoreType: 'New', clusterTemplate: { size: 3 } },
      { ...PLAIN, clusterTemplate: {} },
      { ...PLAIN, restoreType: 'Replace' },
    ],
  }),
  ...casesOf<EtcdRestoreSpec>('folders-are-the-agents', {
    broken: [
      { ...PLAIN, dataDir: '/data' },
      { ...PLAIN, walDir: '/wal' },
    ],
    kept: [{ ...PLAIN, dataDir: '' }],
  }),
  ...casesOf<EtcdRestoreSpec>('odd-size', {
    broken: [{ ...PLAIN, clusterTemplate: { size: 4 } }],
    kept: [{ ...PLAIN, clusterTemplate: { size: 5 } }],
  }),
  ...casesOf<EtcdRestoreSpec>('volume-holds-etcd', {
    broken: [{ ...PLAIN, clusterTemplate: { storage: { size: '1Mi' } } }],
    kept: [],
  }),
];

export const RESTORE_CHANGES: readonly TransitionCase<EtcdRestoreSpec>[] = changesOf<EtcdRestoreSpec>(
  'restore-stays',
  {
    broken: [
      [PLAIN, { ...PLAIN, backupName: 'other' }],
      [PLAIN, { ...PLAIN, clusterTemplate: { size: 3 } }],
    ],
    kept: [[PLAIN, PLAIN]],
  },
);
