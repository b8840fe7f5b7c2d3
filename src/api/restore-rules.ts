/** All rules about an EtcdRestore. */
import { isDeepStrictEqual } from 'node:util';
import { CLUSTER_RULES } from './cluster-rules.ts';
import type { EtcdClusterSpec } from './etcd-cluster.ts';
import type { EtcdRestoreSpec } from './etcd-restore.ts';
import { nameIsShort, sameNamespace } from './name-rules.ts';
import type { Rule, Transition } from './rule.ts';
import { storeRules } from './store-rules.ts';

export const RESTORE_RULES: readonly Rule<EtcdRestoreSpec>[] = [
  nameIsShort('EtcdRestore'),
  sameNamespace('backupNamespace', (spec) => spec.backupNamespace),
  {
    name: 'one-backup',
    field: 'spec',
    cel: 'has(self.backupName) != has(self.source)',
    isKept: ({ spec }) => (spec.backupName !== undefined) !== (spec.source !== undefined),
    message:
      'name the backup either by backupName or by source, where it is stored: add the one or remove the other',
  },
  ...storeRules<EtcdRestoreSpec>('spec.source', (spec) => spec.source),
  {
    name: 'one-point-in-time',
    field: 'spec.pointInTime',
    cel: 'has(self.time) != has(self.revision)',
    isKept: ({ spec: { pointInTime } }) =>
      pointInTime === undefined || (pointInTime.time !== undefined) !== (pointInTime.revision !== undefined),
    message: 'pointInTime is either a time or a revision: add the one or remove the other',
  },
  {
    name: 'template-of-a-new-cluster',
    field: 'spec',
    cel: "!has(self.clusterTemplate) || !has(self.restoreType) || self.restoreType == 'New'",
    isKept: ({ spec }) => spec.clusterTemplate === undefined || spec.restoreType !== 'Replace',
    message:
      'clusterTemplate is for restoreType New; Replace keeps the spec of the cluster: remove clusterTemplate, or use New',
  },
  {
    name: 'folders-are-the-agents',
    field: 'spec',
    cel: "(!has(self.dataDir) || self.dataDir == '') && (!has(self.walDir) || self.walDir == '')",
    isKept: ({ spec }) => (spec.dataDir ?? '') === '' && (spec.walDir ?? '') === '',
    message: 'dataDir and walDir cannot be chosen, since the agent lays out its volume itself: remove them',
  },
  ...CLUSTER_RULES.flatMap(forTemplate),
];

export const RESTORE_TRANSITIONS: readonly Transition<EtcdRestoreSpec>[] = [
  {
    name: 'restore-stays',
    field: 'spec',
    cel: 'self == oldSelf',
    isKept: (next, before) => isDeepStrictEqual(next.spec, before.spec),
    message: 'a restore runs once and cannot be changed: create another EtcdRestore',
  },
];

/** A rule about a cluster's spec, as one about the template of a cluster. */
function forTemplate(rule: Rule<EtcdClusterSpec>): readonly Rule<EtcdRestoreSpec>[] {
  if (!/^spec(\.|$)/.test(rule.field)) {
    return [];
  }
  return [
    {
      ...rule,
      field: rule.field.replace(/^spec/, 'spec.clusterTemplate'),
      isKept: ({ metadata, spec }) =>
        spec.clusterTemplate === undefined || rule.isKept({ metadata, spec: spec.clusterTemplate }),
    },
  ];
}
