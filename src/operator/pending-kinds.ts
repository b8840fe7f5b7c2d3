/**
 * Kinds that this release knows and does not carry out. An object of theirs is told so in a condition: silence
 * would be taken for success.
 */
import type { ObjectReader, ObjectWriter } from '../kube/object-api.ts';
import { failureText } from '../kube/outcome.ts';
import type { ResourceType } from '../kube/resource-type.ts';
import type { Clock } from '../runtime/clock.ts';
import type { FollowNews } from './cache/follow-scope.ts';
import { createReflector } from './cache/reflector.ts';
import { PENDING_KINDS, type PendingKind, type PendingStatus, pendingAnswer } from './plan/pending-answer.ts';
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

/** Answers every such object once for each of its generations, until `signal` fires. */
export async function answerPendingKinds(options: PendingKindsOptions, signal: AbortSignal): Promise<void> {
  await Promise.all(PENDING_KINDS.map((kind) => answerKind(options, kind, signal)));
}

type Kept = {
  readonly name: string;
  readonly namespace: string;
  readonly uid: string;
  /** What is to be written; undefined when it stands there already. */
  readonly due: PendingStatus | undefined;
};

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
    keep: (object) => ({
      name: object.metadata.name,
      namespace: object.metadata.namespace ?? '',
      uid: object.metadata.uid,
      due: pendingAnswer(kind, object, Date.parse(clock.timestamp())),
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
