import type { LiveObject } from '../../kube/kube-object.ts';
import type { ObjectReader } from '../../kube/object-api.ts';
import type { ResourceType } from '../../kube/resource-type.ts';
import { pause } from '../../runtime/abort.ts';
import type { Clock } from '../../runtime/clock.ts';
import { type FollowNews, type FollowPace, followScope } from './follow-scope.ts';
import { type Change, type Kept, keyOf, ObjectStore } from './object-store.ts';

export type ReflectorOptions<T> = {
  readonly reader: ObjectReader;
  readonly type: ResourceType;
  /** All of them, with one watch, unless given; otherwise one watch each. */
  readonly namespaces?: readonly string[] | undefined;
  readonly labelSelector?: string | undefined;
  /** Reduces an object to what is worth memory. */
  readonly keep: (object: LiveObject) => T;
  /** Told after the store has changed, in the order of the changes of each namespace. */
  readonly onChange: (change: Change<T>) => void;
  readonly onNews?: (news: FollowNews) => void;
  readonly clock: Clock;
  readonly random: () => number;
  readonly pace?: FollowPace;
};

/** A copy in memory of what the API server has of one type, as old as the last word of the server. */
export type Reflector<T> = {
  /** Follows until `signal` fires; never rejects. */
  run(signal: AbortSignal): Promise<void>;
  get(namespace: string | undefined, name: string): Kept<T> | undefined;
  all(): readonly Kept<T>[];
  /** Whether everything was listed once: before that, what is not in the store is unknown, not absent. */
  isSynced(): boolean;
  /** Resolves when it is synced or `signal` fires. */
  whenSynced(signal: AbortSignal): Promise<void>;
  /** When the API server last said anything about it; of several namespaces the oldest. Undefined: never. */
  lastHeardMs(): number | undefined;
};

/**
 * Watches of 5 to 7.5 minutes (client-go's informers: 5 to 10) and a list every 20 minutes. The API server
 * (1.34) sends a bookmark about once a minute, so that three minutes without one are worth a new connection.
 */
export const REFLECTOR_PACE: FollowPace = {
  pageLimit: 250,
  watchMs: 300_000,
  silenceMsMax: 180_000,
  usefulWatchMs: 1_000,
  relistMs: 1_200_000,
  backOff: { baseMs: 200, capMs: 10_000 },
  retryAfterMsMax: 60_000,
};

/** A reflector that survives every error and loses no removal; see `followScope` for how. */
export function createReflector<T>(options: ReflectorOptions<T>): Reflector<T> {
  const { namespaces } = options;
  const parts = (namespaces ?? [undefined]).map((namespace) => createPart(options, namespace));
  const byNamespace = new Map(parts.map((part) => [part.namespace, part]));
  const partOf = (namespace: string | undefined): Part<T> | undefined =>
    byNamespace.get(namespaces === undefined ? undefined : namespace);
  const synced = Promise.all(parts.map((part) => part.synced));
  return {
    run: async (signal) => {
      await Promise.all(parts.map((part) => part.run(signal)));
    },
    get: (namespace, name) => partOf(namespace)?.store.get(keyOf(namespace, name)),
    all: () => parts.flatMap((part) => [...part.store.values()]),
    isSynced: () => parts.every((part) => part.isSynced()),
    whenSynced: (signal) => untilEither(synced, signal),
    lastHeardMs: () => oldestOf(parts.map((part) => part.lastHeardMs())),
  };
}

/** What one list and its watches cover: one namespace, or all. */
type Part<T> = {
  readonly namespace: string | undefined;
  readonly store: ObjectStore<T>;
  readonly run: (signal: AbortSignal) => Promise<void>;
  readonly synced: Promise<void>;
  readonly isSynced: () => boolean;
  readonly lastHeardMs: () => number | undefined;
};

function createPart<T>(options: ReflectorOptions<T>, namespace: string | undefined): Part<T> {
  const { clock, pace = REFLECTOR_PACE, onNews = () => {}, labelSelector } = options;
  const store = new ObjectStore(options.keep);
  const synced = Promise.withResolvers<void>();
  let isSynced = false;
  let lastHeardMs: number | undefined;
  return {
    namespace,
    store,
    synced: synced.promise,
    isSynced: () => isSynced,
    lastHeardMs: () => lastHeardMs,
    run: (signal) =>
      followScope(
        {
          reader: options.reader,
          type: options.type,
          scope: { namespace, labelSelector },
          store,
          pace,
          onChange: options.onChange,
          onNews,
          onHeard: () => {
            lastHeardMs = clock.nowMs();
          },
          onSynced: () => {
            isSynced = true;
            synced.resolve();
          },
          nowMs: () => clock.nowMs(),
          random: options.random,
          pause,
        },
        signal,
      ),
  };
}

function oldestOf(times: readonly (number | undefined)[]): number | undefined {
  const heard = times.filter((time) => time !== undefined);
  return heard.length === times.length && heard.length > 0 ? Math.min(...heard) : undefined;
}

async function untilEither(done: Promise<unknown>, signal: AbortSignal): Promise<void> {
  const stopped = Promise.withResolvers<void>();
  const stop = (): void => stopped.resolve();
  signal.addEventListener('abort', stop, { once: true });
  if (!signal.aborted) {
    await Promise.race([done, stopped.promise]);
  }
  signal.removeEventListener('abort', stop);
}
