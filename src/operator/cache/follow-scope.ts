import type { LiveObject } from '../../kube/kube-object.ts';
import type { ObjectReader, ObjectScope, WatchEnd } from '../../kube/object-api.ts';
import { failureText } from '../../kube/outcome.ts';
import type { ResourceType } from '../../kube/resource-type.ts';
import { type BackOffRule, backOffDelayMs } from '../queue/back-off.ts';
import { type Change, keyOfObject, type ObjectStore } from './object-store.ts';

/** How often and how patiently the API server is asked. */
export type FollowPace = {
  /** Objects in a page; halved, down to one, while lists fail. */
  readonly pageLimit: number;
  /** The server ends a watch after this time and up to half as much again. */
  readonly watchMs: number;
  /** A watch on which nothing is heard for so long is taken for dead. */
  readonly silenceMsMax: number;
  /** A watch that breaks sooner than this without a word has not been of any use. */
  readonly usefulWatchMs: number;
  /** After this time, a tenth more or less, everything is listed again, whatever the watches said. */
  readonly relistMs: number;
  readonly backOff: BackOffRule;
  /** No wait that the server asks for is longer than this. */
  readonly retryAfterMsMax: number;
};

/** What happened to the following itself, for metrics and logs. */
export type FollowNews =
  /** `corrections`: changes that a later list found and no watch had told. */
  | {
      readonly kind: 'listed';
      readonly objects: number;
      readonly corrections: number;
      readonly durationMs: number;
    }
  | {
      readonly kind: 'failed';
      readonly during: 'list' | 'watch';
      readonly why: string;
      readonly retryInMs: number;
    }
  /** A handler threw, or the object could not be kept; the object is as it was before to everybody else. */
  | { readonly kind: 'stumbled'; readonly key: string; readonly error: unknown };

export type FollowParts<T> = {
  readonly reader: ObjectReader;
  readonly type: ResourceType;
  readonly scope: ObjectScope;
  readonly store: ObjectStore<T>;
  readonly pace: FollowPace;
  readonly onChange: (change: Change<T>) => void;
  readonly onNews: (news: FollowNews) => void;
  /** The API server said something. */
  readonly onHeard: () => void;
  /** The store holds what a whole list said. */
  readonly onSynced: () => void;
  readonly nowMs: () => number;
  readonly random: () => number;
  readonly pause: (ms: number, signal: AbortSignal) => Promise<void>;
};

/**
 * Keeps a store as the API server has it, until `signal` fires; no error ends it. A list, then watches from
 * where the list or the last watch ended, and a list again when the server has forgotten that point, when
 * something was said that makes no sense, when watches keep failing, and from time to time in any case.
 */
export async function followScope<T>(parts: FollowParts<T>, signal: AbortSignal): Promise<void> {
  const follower = new Follower(parts, signal);
  while (!signal.aborted) {
    const resourceVersion = await follower.list();
    if (resourceVersion !== undefined) {
      await follower.watchFrom(resourceVersion);
    }
  }
}

/** So many failures in a row, and the point where the watches would go on is itself under suspicion. */
const WATCH_FAILURES_MAX = 3;

/** The server's clock starts when it has accepted, and it rounds. */
const WATCH_OVERTIME_MS = 10_000;

class Follower<T> {
  readonly #parts: FollowParts<T>;
  readonly #signal: AbortSignal;
  #pageLimit: number;
  #failures = 0;
  #isListed = false;

  constructor(parts: FollowParts<T>, signal: AbortSignal) {
    this.#parts = parts;
    this.#signal = signal;
    this.#pageLimit = parts.pace.pageLimit;
  }

  /** Takes over a whole list; its resourceVersion, or undefined after a failure and the wait for it. */
  async list(): Promise<string | undefined> {
    const { reader, type, scope, store, pace, nowMs } = this.#parts;
    const startedMs = nowMs();
    const keys = new Set<string>();
    let corrections = 0;
    let continueToken: string | undefined;
    for (;;) {
      const query = { ...scope, limit: this.#pageLimit, continueToken };
      const page = await reader.list(type, query, this.#signal);
      if (this.#signal.aborted) {
        return undefined;
      }
      if (page.kind !== 'done') {
        // It may have been too large or too slow; one object at a time always fits.
        this.#pageLimit = Math.max(1, Math.floor(this.#pageLimit / 2));
        await this.#fail('list', page);
        return undefined;
      }
      this.#parts.onHeard();
      for (const object of page.value.items) {
        keys.add(keyOfObject(object));
        corrections += this.#put(object);
      }
      continueToken = page.value.continueToken;
      if (continueToken === undefined) {
        corrections += this.#tell(store.dropAllBut(keys));
        this.#pageLimit = pace.pageLimit;
        this.#noteListed(keys.size, corrections, startedMs);
        return page.value.resourceVersion;
      }
    }
  }

  /** Watches until it is time for a list. */
  async watchFrom(resourceVersion: string): Promise<void> {
    const { pace, nowMs, random } = this.#parts;
    const relistAtMs = nowMs() + pace.relistMs * (0.9 + 0.2 * random());
    const point = { resourceVersion };
    let failures = 0;
    while (!this.#signal.aborted && nowMs() < relistAtMs) {
      const startedMs = nowMs();
      const watchMs = Math.min(relistAtMs - startedMs, pace.watchMs * (1 + random() / 2));
      const { how, heard } = await this.#watch(point, watchMs);
      if (this.#signal.aborted) {
        return;
      }
      if (heard || nowMs() - startedMs >= pace.usefulWatchMs) {
        this.#failures = 0;
        failures = 0;
        if (how.kind === 'closed') {
          continue;
        }
      }
      failures += 1;
      await this.#fail('watch', how);
      const isPointGood = how.kind === 'closed' || how.kind === 'unknown';
      if (!isPointGood || failures >= WATCH_FAILURES_MAX) {
        return;
      }
    }
  }

  async #watch(
    point: { resourceVersion: string },
    watchMs: number,
  ): Promise<{ how: WatchEnd; heard: boolean }> {
    const { reader, type, scope, store, pace, onHeard, nowMs } = this.#parts;
    // A server that forgets to end it must not put off the next list for ever.
    const untilMs = nowMs() + watchMs + WATCH_OVERTIME_MS;
    const timeoutSeconds = Math.max(1, Math.ceil(watchMs / 1_000));
    const query = { ...scope, ...point, timeoutSeconds, silenceMsMax: pace.silenceMsMax };
    let heard = false;
    for await (const event of reader.watch(type, query, this.#signal)) {
      if (event.kind === 'ended') {
        return { how: event.how, heard };
      }
      onHeard();
      if (nowMs() > untilMs) {
        return { how: { kind: 'closed' }, heard: true };
      }
      if (event.kind === 'bookmark') {
        point.resourceVersion = event.resourceVersion;
        heard = true;
      } else if (event.kind !== 'opened') {
        if (event.kind === 'deleted') {
          this.#tell(store.drop(event.object));
        } else {
          this.#put(event.object);
        }
        point.resourceVersion = event.object.metadata.resourceVersion;
        heard = true;
      }
    }
    return { how: { kind: 'closed' }, heard };
  }

  #put(object: LiveObject): number {
    try {
      return this.#tell(this.#parts.store.put(object));
    } catch (error) {
      this.#parts.onNews({ kind: 'stumbled', key: keyOfObject(object), error });
      return 0;
    }
  }

  #tell(changes: readonly Change<T>[]): number {
    for (const change of changes) {
      try {
        this.#parts.onChange(change);
      } catch (error) {
        this.#parts.onNews({ kind: 'stumbled', key: change.key, error });
      }
    }
    return changes.length;
  }

  #noteListed(objects: number, found: number, startedMs: number): void {
    const corrections = this.#isListed ? found : 0;
    this.#isListed = true;
    this.#parts.onSynced();
    const durationMs = this.#parts.nowMs() - startedMs;
    this.#parts.onNews({ kind: 'listed', objects, corrections, durationMs });
  }

  async #fail(during: 'list' | 'watch', how: WatchEnd): Promise<void> {
    const { pace, random, pause, onNews } = this.#parts;
    this.#failures += 1;
    const asked = 'retryAfterMs' in how ? Math.min(how.retryAfterMs ?? 0, pace.retryAfterMsMax) : 0;
    const retryInMs = Math.max(asked, backOffDelayMs(pace.backOff, this.#failures, random));
    onNews({ kind: 'failed', during, why: whyOf(how), retryInMs });
    await pause(retryInMs, this.#signal);
  }
}

function whyOf(how: WatchEnd): string {
  switch (how.kind) {
    case 'closed':
      return 'the watch ended at once';
    case 'unreadable':
      return how.why;
    default:
      return failureText(how);
  }
}
