/** The one table of everything that is refused: CRDs, policy, webhook, status and documentation are made of it. */
import { BACKUP_RULES, BACKUP_TRANSITIONS } from './backup-rules.ts';
import { CLUSTER_REQUEST_RULES } from './cluster-request-rules.ts';
import { CLUSTER_RULES, CLUSTER_TRANSITIONS } from './cluster-rules.ts';
import type { EtcdBackupSpec } from './etcd-backup.ts';
import type { EtcdClusterSpec } from './etcd-cluster.ts';
import type { EtcdRestoreSpec } from './etcd-restore.ts';
import type { KindRules } from './request-rule.ts';
import { RESTORE_RULES, RESTORE_TRANSITIONS } from './restore-rules.ts';

export type KindName = 'EtcdCluster' | 'EtcdBackup' | 'EtcdRestore';

export const KIND_RULES: {
  readonly EtcdCluster: KindRules<EtcdClusterSpec>;
  readonly EtcdBackup: KindRules<EtcdBackupSpec>;
  readonly EtcdRestore: KindRules<EtcdRestoreSpec>;
} = {
  EtcdCluster: { rules: CLUSTER_RULES, transitions: CLUSTER_TRANSITIONS, requests: CLUSTER_REQUEST_RULES },
  EtcdBackup: { rules: BACKUP_RULES, transitions: BACKUP_TRANSITIONS, requests: [] },
  EtcdRestore: { rules: RESTORE_RULES, transitions: RESTORE_TRANSITIONS, requests: [] },
};
