/** What an object is told whose kind this release knows and does not carry out. */
import { BACKUP_RULES } from '../../api/backup-rules.ts';
import type { EtcdBackupSpec } from '../../api/etcd-backup.ts';
import { ETCD_BACKUP_SCHEMA } from '../../api/etcd-backup-schema.ts';
import type { EtcdRestoreSpec } from '../../api/etcd-restore.ts';
import { ETCD_RESTORE_SCHEMA } from '../../api/etcd-restore-schema.ts';
import type { Condition } from '../../api/kubernetes.ts';
import { fittingFields, type ObjectSchema } from '../../api/object-schema.ts';
import { RESTORE_RULES } from '../../api/restore-rules.ts';
import { brokenRule, type Judged } from '../../api/rule.ts';
import type { LiveObject } from '../../kube/kube-object.ts';
import type { ResourceType } from '../../kube/resource-type.ts';
import { ETCD_BACKUP, ETCD_RESTORE } from '../kinds.ts';
import { timestampOf } from './conditions.ts';

export type PendingKind = {
  readonly type: ResourceType;
  readonly schema: ObjectSchema;
  /** Of an object that the schema lets pass. */
  readonly brokenRule: (object: Judged<unknown>) => string | undefined;
};

export const PENDING_KINDS: readonly PendingKind[] = [
  {
    type: ETCD_BACKUP,
    schema: ETCD_BACKUP_SCHEMA,
    brokenRule: (object) => brokenRule(BACKUP_RULES, object as Judged<EtcdBackupSpec>)?.message,
  },
  {
    type: ETCD_RESTORE,
    schema: ETCD_RESTORE_SCHEMA,
    brokenRule: (object) => brokenRule(RESTORE_RULES, object as Judged<EtcdRestoreSpec>)?.message,
  },
];

/** A status that is to be written. */
export type PendingStatus = { readonly conditions: readonly Condition[] };

/** What is to be written to `object`; undefined when it stands there already. `nowMs` is of the wall clock. */
export function pendingAnswer(
  kind: PendingKind,
  object: LiveObject,
  nowMs: number,
): PendingStatus | undefined {
  const { generation = 1 } = object.metadata;
  const why = whyInvalid(kind, object);
  const finding =
    why === undefined
      ? {
          reason: 'NotYetSupported',
          message: `This release does not carry out an ${kind.type.kind} yet: nothing is done for this object.`,
        }
      : { reason: 'SpecInvalid', message: `${why}.` };
  const condition: Condition = {
    type: 'Ready',
    status: 'False',
    ...finding,
    observedGeneration: generation,
    lastTransitionTime: timestampOf(nowMs),
  };
  return isSaid(kind, object, condition) ? undefined : { conditions: [condition] };
}

function whyInvalid(kind: PendingKind, { metadata, spec = {} }: LiveObject): string | undefined {
  const { fault } = fittingFields(kind.schema, 'spec', spec);
  return fault === undefined
    ? kind.brokenRule({ metadata, spec })
    : `${fault.field} ${fault.message}; correct the spec`;
}

function isSaid(
  { schema }: PendingKind,
  { status }: LiveObject,
  { type, reason, observedGeneration }: Condition,
): boolean {
  const { conditions = [] } = fittingFields(schema, 'status', status).fields as Partial<PendingStatus>;
  return conditions.some(
    (said) => said.type === type && said.reason === reason && said.observedGeneration === observedGeneration,
  );
}
