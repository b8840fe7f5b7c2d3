/** All rules about an EtcdBackup. */
import { isDeepStrictEqual } from 'node:util';
import { unchanged } from './cel.ts';
import type { EtcdBackupSpec } from './etcd-backup.ts';
import { nameIsShort, sameNamespace } from './name-rules.ts';
import type { Rule, Transition } from './rule.ts';
import { storeRules } from './store-rules.ts';

/** What of a single backup is settled once it runs. */
const SETTLED = [
  'clusterName',
  'schedule',
  'storageType',
  's3',
  'gcs',
  'azure',
  'local',
  'compression',
  'encryption',
] as const;

export const BACKUP_RULES: readonly Rule<EtcdBackupSpec>[] = [
  nameIsShort('EtcdBackup'),
  sameNamespace('clusterNamespace', (spec) => spec.clusterNamespace),
  ...storeRules<EtcdBackupSpec>('spec', (spec) => spec),
  {
    name: 'suspend-a-schedule',
    field: 'spec',
    cel: '!has(self.suspend) || !self.suspend || has(self.schedule)',
    isKept: ({ spec }) => spec.suspend !== true || spec.schedule !== undefined,
    message: 'suspend is about a schedule, and this backup has none: remove suspend, or add a schedule',
  },
  {
    name: 'retention-of-a-schedule',
    field: 'spec',
    cel: '!has(self.retentionPolicy) || has(self.schedule)',
    isKept: ({ spec }) => spec.retentionPolicy === undefined || spec.schedule !== undefined,
    message:
      'retentionPolicy is about the backups of a schedule, and this backup has none: remove retentionPolicy, or add a schedule',
  },
];

export const BACKUP_TRANSITIONS: readonly Transition<EtcdBackupSpec>[] = [
  {
    name: 'single-backup-stays',
    field: 'spec',
    cel: `has(oldSelf.schedule) || (${SETTLED.map(unchanged).join(' && ')})`,
    isKept: (next, before) =>
      before.spec.schedule !== undefined ||
      SETTLED.every((name) => isDeepStrictEqual(next.spec[name], before.spec[name])),
    message: 'a backup without a schedule is made once and cannot be changed: create another EtcdBackup',
  },
  {
    name: 'schedule-stays-one',
    field: 'spec',
    cel: `!has(oldSelf.schedule) || (has(self.schedule) && self.clusterName == oldSelf.clusterName)`,
    isKept: (next, before) =>
      before.spec.schedule === undefined ||
      (next.spec.schedule !== undefined && next.spec.clusterName === before.spec.clusterName),
    message:
      'a schedule stays one, and of the same cluster: set suspend to true to end it, or create another EtcdBackup',
  },
];
