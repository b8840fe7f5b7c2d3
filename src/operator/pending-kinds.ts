/**
 * Kinds that this release knows and does not carry out. An object of theirs is told so in a condition: silence
 * would be taken for success.
 */
import { BACKUP_RULES } from '../api/backup-rules.ts';
import type { EtcdBackupSpec } from '../api/etcd-backup.ts';
import type { EtcdRestoreSpec } from '../api/etcd-restore.ts';
import type { Condition } from '../api/kubernetes.ts';
import { RESTORE_RULES } from '../api/restore-rules.ts';
import { brokenRule, type Judged } from '../api/rule.ts';
import type { LiveObject } from '../kube/kube-object.ts';
import type { ObjectReader, ObjectWriter } from '../kube/object-api.ts';
import { failureText } from '../kube/outcome.ts';
import type { ResourceType } from '../kube/resource-type.ts';
import type { Clock } from '../runtime/clock.ts';
import type { FollowNews } from './cache/follow-scope.ts';
import { createReflector } from './cache/reflector.ts';
import { ETCD_BACKUP, ETCD_RESTORE } from './kinds.ts';
import { timestampOf } from './plan/conditions.ts';
import { createWorkQueue, type WorkResult } from './queue/work-queue.ts';

export type PendingKindsOptions = {
  readonly reader: ObjectReader;
  readonly writer: Pick<ObjectWriter, 'applyStatus'>;
  /** Undefined: all. */
  readonly namespaces: readonly string[] | undefined;
  readonly clock: Clock;
  readonly random: () => number;
  readonly onNews: (type: ResourceType, news: FollowNews) => void;
};

type PendingKind = {
  readonly type: ResourceType;
  readonly brokenRule: (object: LiveObject) => string | undefined;
};

const PENDING_KINDS: readonly PendingKind[] = [
  {
    type: ETCD_BACKUP,
    brokenRule: (object) => brokenRule(BACKUP_RULES, object as unknown as Judged<EtcdBackupSpec>)?.message,
  },
  {
    type: ETCD_RESTORE,
    brokenRule: (object) => brokenRule(RESTORE_RULES, object as unknown as Judged<EtcdRestoreSpec>)?.message,
  },
];

/** Answers every such object once for each of its generations, until `signal` fires. */
export async function answerPendingKinds(options: PendingKindsOptions, signal: AbortSignal): Promise<void> {
  await Promise.all(PENDING_KINDS.map((kind) => answerKind(options, kind, signal)));
}

type Kept = { readonly name: string; readonly namespace: string; readonly uid: string; readonly due: Due };
/** What is to be written; undefined when it stands there already. */
type Due = { readonly conditions: readonly Condition[] } | undefined;

async function answerKind(
  options: PendingKindsOptions,
  kind: PendingKind,
  signal: AbortSignal,
): Promise<void> {
  const { reader, writer, namespaces, clock, random } = options;
  const { type } = kind;
  const reflector = createReflector<Kept>({
    reader,
    type,
    namespaces,
    clock,
    random,
    keep: ({ metadata, ...object }) => ({
      name: metadata.name,
      namespace: metadata.namespace ?? '',
      uid: metadata.uid,
      due: dueOf(kind, { metadata, ...object }, Date.parse(clock.timestamp())),
    }),
    onChange: ({ key }) => void queue.add(key),
    onNews: (news) => options.onNews(type, news),
  });
  const queue = createWorkQueue({
    workers: 1,
    clock,
    random,
    work: async (key, working): Promise<WorkResult> => {
      const [namespace, name = ''] = key.split('/');
      const kept = reflector.get(namespace, name)?.value;
      if (kept?.due === undefined) {
        return { kind: 'done' };
      }
      const metadata = { name: kept.name, namespace: kept.namespace, uid: kept.uid };
      const outcome = await writer.applyStatus(type, { metadata, status: kept.due }, working);
      return outcome.kind === 'done' || outcome.kind === 'not-found' || outcome.kind === 'conflict'
        ? { kind: 'done' }
        : { kind: 'failed', why: failureText(outcome) };
    },
  });
  await Promise.all([reflector.run(signal), queue.run(signal)]);
}

function dueOf({ type, brokenRule: broken }: PendingKind, object: LiveObject, nowMs: number): Due {
  const { generation = 1 } = object.metadata;
  const rule = broken(object);
  const finding =
    rule === undefined
      ? {
          reason: 'NotYetSupported',
          message: `This release does not carry out an ${type.kind} yet: nothing is done for this object.`,
        }
      : { reason: 'SpecInvalid', message: `${rule}.` };
  const condition: Condition = {
    type: 'Ready',
    status: 'False',
    ...finding,
    observedGeneration: generation,
    lastTransitionTime: timestampOf(nowMs),
  };
  return isSaid(object, condition) ? undefined : { conditions: [condition] };
}

function isSaid({ status }: LiveObject, { type, reason, observedGeneration }: Condition): boolean {
  const conditions = (status as { readonly conditions?: readonly Condition[] } | undefined)?.conditions ?? [];
  return conditions.some(
    (said) => said.type === type && said.reason === reason && said.observedGeneration === observedGeneration,
  );
}
