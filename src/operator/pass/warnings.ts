/** What Kubernetes has warned of in Events, looked up only for objects that do not get on. */
import * as v from 'valibot';
import type { LiveObject } from '../../kube/kube-object.ts';
import type { ObjectReader } from '../../kube/object-api.ts';
import type { Clock } from '../../runtime/clock.ts';
import { EVENT } from '../events/event-record.ts';
import type { PodTrouble } from '../plan/observed-cluster.ts';
import type { Suspect } from '../plan/suspects.ts';

/** What is stuck is looked at again after half the time it has been so: soon at first, then seldom. */
const LOOK_MS_MIN = 2_000;
const LOOK_MS_MAX = 30_000;
/** Kubernetes may have warned a moment before anybody here saw that something was amiss. */
const WARNED_BEFORE_MS_MAX = 5_000;
/** Of one object; the newest counts. */
const EVENTS_MAX = 50;

/** Probes fail while etcd waits, and restarts are told by the container's own state. */
const NO_NEWS: ReadonlySet<string> = new Set(['Unhealthy', 'BackOff', 'ProbeWarning']);

type Looked = {
  /** When something was first amiss, on the monotonic clock. */
  readonly sinceMs: number;
  readonly dueMs: number;
  readonly troubles: ReadonlyMap<string, PodTrouble>;
};

export class Warnings {
  readonly #reader: Pick<ObjectReader, 'list'>;
  readonly #clock: Clock;
  /** By cluster. */
  readonly #looked = new Map<string, Looked>();

  constructor(reader: Pick<ObjectReader, 'list'>, clock: Clock) {
    this.#reader = reader;
    this.#clock = clock;
  }

  /** What the object with this UID was warned of when it was last looked up. */
  of(cluster: string, uid: string): PodTrouble | undefined {
    return this.#looked.get(cluster)?.troubles.get(uid);
  }

  /** Looks up the suspects of `cluster`, unless that was done a moment ago. @returns when to look again */
  async lookUp(
    cluster: string,
    namespace: string,
    suspects: readonly Suspect[],
    signal: AbortSignal,
  ): Promise<{ readonly againAfterMs: number | undefined }> {
    const before = this.#looked.get(cluster);
    if (suspects.length === 0) {
      this.#looked.delete(cluster);
      return { againAfterMs: undefined };
    }
    const nowMs = this.#clock.nowMs();
    if (before !== undefined && nowMs < before.dueMs) {
      return { againAfterMs: before.dueMs - nowMs };
    }
    const sinceMs = before?.sinceMs ?? nowMs;
    const stuckMs = nowMs - sinceMs;
    const oldestMs = Date.parse(this.#clock.timestamp()) - stuckMs - WARNED_BEFORE_MS_MAX;
    const found = await Promise.all(
      suspects.map(async ({ uid }) => [uid, await this.#newest(namespace, uid, oldestMs, signal)] as const),
    );
    const againAfterMs = Math.min(LOOK_MS_MAX, Math.max(LOOK_MS_MIN, stuckMs / 2));
    const troubles = new Map(
      found.flatMap(([uid, trouble]) => (trouble === undefined ? [] : [[uid, trouble]])),
    );
    this.#looked.set(cluster, { sinceMs, dueMs: nowMs + againAfterMs, troubles });
    return { againAfterMs };
  }

  /** For a cluster that is gone. */
  forget(cluster: string): void {
    this.#looked.delete(cluster);
  }

  async #newest(
    namespace: string,
    uid: string,
    oldestMs: number,
    signal: AbortSignal,
  ): Promise<PodTrouble | undefined> {
    const fieldSelector = `involvedObject.uid=${uid},type=Warning`;
    const page = await this.#reader.list(EVENT, { namespace, fieldSelector, limit: EVENTS_MAX }, signal);
    if (page.kind !== 'done') {
      return undefined;
    }
    const [newest] = page.value.items
      .flatMap((item) => warningIn(item) ?? [])
      .filter(({ reason, atMs }) => !NO_NEWS.has(reason) && atMs >= oldestMs)
      .toSorted((a, b) => b.atMs - a.atMs);
    return newest === undefined
      ? undefined
      : { reason: newest.reason, message: newest.message, warned: true };
  }
}

const eventSchema = v.object({
  reason: v.optional(v.string(), 'Warning'),
  message: v.optional(v.string(), ''),
  lastTimestamp: v.nullish(v.string()),
  eventTime: v.nullish(v.string()),
  series: v.nullish(v.object({ lastObservedTime: v.nullish(v.string()) })),
});

type Warning = Pick<PodTrouble, 'reason' | 'message'> & { readonly atMs: number };

function warningIn(item: LiveObject): Warning | undefined {
  const parsed = v.safeParse(eventSchema, item);
  if (!parsed.success) {
    return undefined;
  }
  const { reason, message, lastTimestamp, eventTime, series } = parsed.output;
  const at = series?.lastObservedTime ?? lastTimestamp ?? eventTime ?? item.metadata.creationTimestamp ?? '';
  return { reason, message, atMs: Date.parse(at) };
}
