import type { RecordKeeper } from '../../kube/object-api.ts';
import { failureText } from '../../kube/outcome.ts';
import { pause } from '../../runtime/abort.ts';
import type { Clock } from '../../runtime/clock.ts';
import { type BackOffRule, backOffDelayMs } from '../queue/back-off.ts';
import {
  EVENT,
  type EventNote,
  type EventSource,
  type EventSubject,
  eventName,
  writeEvent,
} from './event-record.ts';
import { type Bucket, type BucketRule, takeToken } from './token-bucket.ts';

export type EventRecorderOptions = {
  readonly events: Pick<RecordKeeper, 'create' | 'update'>;
  readonly source: EventSource;
  readonly clock: Clock;
  readonly random: () => number;
  readonly onNews?: (news: RecorderNews) => void;
  readonly rules?: RecorderRules;
};

/** What became of Events, for metrics. */
export type RecorderNews =
  | { readonly kind: 'written' }
  /** Counted, but not written now: the object had too many, or there is no room. */
  | { readonly kind: 'withheld'; readonly why: 'too-many' | 'no-room' }
  | { readonly kind: 'lost'; readonly why: string };

export type RecorderRules = {
  /** What is said again within this time is counted in the same Event. */
  readonly windowMs: number;
  /** Writes for one object. */
  readonly bucket: BucketRule;
  /** Events that wait to be written. */
  readonly pendingMax: number;
  /** Events remembered for counting. */
  readonly tallyMax: number;
  readonly backOff: BackOffRule;
};

/** Writes Events beside whoever records them. Losing one never fails anybody. */
export type EventRecorder = {
  /** Never throws, never waits. */
  record(subject: EventSubject, note: EventNote): void;
  /** Writes what is recorded until `signal` fires, and what was recorded by then for a second more. */
  run(signal: AbortSignal): Promise<void>;
};

/**
 * client-go counts repetitions over 10 minutes and allows an object 25 Events and then one in 5 minutes. Ours
 * tell the steps of a cluster's growth, so a little more flows in. There is room for all that a thousand clusters
 * say when they are created at once: some 6,000 Events of half a kilobyte.
 */
export const RECORDER_RULES: RecorderRules = {
  windowMs: 600_000,
  bucket: { tokens: 30, refillMs: 20_000 },
  pendingMax: 10_000,
  tallyMax: 10_000,
  backOff: { baseMs: 500, capMs: 10_000 },
};

/** Then it is given up; the next repetition tries anew. */
const ATTEMPTS_MAX = 4;
/** For the last words of a process that is told to stop. */
const LAST_WORDS_MS = 1_000;

/** The same thing said of the same object, and how often. */
type Tally = {
  readonly subject: EventSubject;
  readonly note: EventNote;
  readonly name: string;
  readonly first: string;
  last: string;
  lastAtMs: number;
  count: number;
  isWritten: boolean;
};

/** A recorder; nothing is written before `run`. */
export function createEventRecorder(options: EventRecorderOptions): EventRecorder {
  return new TallyingRecorder(options);
}

class TallyingRecorder implements EventRecorder {
  readonly #options: EventRecorderOptions;
  readonly #rules: RecorderRules;
  /** The least recently used first. */
  readonly #tallies = new Map<string, Tally>();
  readonly #buckets = new Map<string, Bucket>();
  readonly #pending = new Set<Tally>();
  #wake: () => void = () => {};

  constructor(options: EventRecorderOptions) {
    this.#options = options;
    this.#rules = options.rules ?? RECORDER_RULES;
  }

  record(subject: EventSubject, note: EventNote): void {
    const tally = this.#count(subject, note);
    if (this.#pending.has(tally)) {
      return;
    }
    if (this.#pending.size >= this.#rules.pendingMax) {
      this.#tell({ kind: 'withheld', why: 'no-room' });
      return;
    }
    const bucket = takeToken(this.#rules.bucket, this.#buckets.get(subject.uid), this.#options.clock.nowMs());
    if (bucket === undefined) {
      this.#tell({ kind: 'withheld', why: 'too-many' });
      return;
    }
    putLast(this.#buckets, subject.uid, bucket, this.#rules.tallyMax);
    this.#pending.add(tally);
    this.#wake();
  }

  async run(signal: AbortSignal): Promise<void> {
    const end = new AbortController();
    const onAbort = (): void => {
      this.#wake();
      setTimeout(() => end.abort(), LAST_WORDS_MS).unref();
    };
    signal.addEventListener('abort', onAbort, { once: true });
    if (signal.aborted) {
      onAbort();
    }
    while (!end.signal.aborted && !(signal.aborted && this.#pending.size === 0)) {
      const [tally] = this.#pending;
      if (tally === undefined) {
        await this.#waitForOne(signal);
      } else {
        this.#pending.delete(tally);
        await this.#write(tally, end.signal);
      }
    }
  }

  #count(subject: EventSubject, note: EventNote): Tally {
    const { clock, random } = this.#options;
    const key = JSON.stringify([subject.uid, note.type, note.reason, note.message]);
    const last = clock.timestamp();
    const lastAtMs = clock.nowMs();
    const known = this.#tallies.get(key);
    const isKnown = known !== undefined && lastAtMs - known.lastAtMs < this.#rules.windowMs;
    const suffix = Math.floor(random() * 2 ** 48).toString(16);
    const tally: Tally = isKnown
      ? known
      : {
          subject,
          note,
          name: eventName(subject, suffix),
          first: last,
          last,
          lastAtMs,
          count: 0,
          isWritten: false,
        };
    tally.last = last;
    tally.lastAtMs = lastAtMs;
    tally.count += 1;
    putLast(this.#tallies, key, tally, this.#rules.tallyMax);
    return tally;
  }

  async #write(tally: Tally, signal: AbortSignal): Promise<void> {
    const { random } = this.#options;
    for (let attempt = 1; !signal.aborted; attempt++) {
      const why = await this.#attempt(tally, signal);
      if (why === undefined) {
        this.#tell({ kind: 'written' });
        return;
      }
      if (why.isFinal || attempt === ATTEMPTS_MAX) {
        this.#tell({ kind: 'lost', why: why.text });
        return;
      }
      await pause(backOffDelayMs(this.#rules.backOff, attempt, random), signal);
    }
  }

  /** Undefined when it is written. */
  async #attempt(tally: Tally, signal: AbortSignal): Promise<Trouble | undefined> {
    const { events, source } = this.#options;
    const event = writeEvent(tally.name, tally.subject, tally.note, tally, source);
    // An Event lives for an hour; writing over one that is gone makes it anew (`AllowCreateOnUpdate`).
    const written = tally.isWritten
      ? await events.update(EVENT, event, signal)
      : await events.create(EVENT, event, signal);
    switch (written.kind) {
      case 'done':
        tally.isWritten = true;
        return undefined;
      case 'conflict':
        // An earlier attempt got through although no answer came back.
        tally.isWritten = true;
        return { isFinal: false, text: failureText(written) };
      case 'unknown':
        return { isFinal: false, text: failureText(written) };
      default: {
        const isBusy = written.kind === 'refused' && written.status === 429;
        return { isFinal: !isBusy, text: failureText(written) };
      }
    }
  }

  async #waitForOne(signal: AbortSignal): Promise<void> {
    const woken = Promise.withResolvers<void>();
    this.#wake = () => woken.resolve();
    if (!signal.aborted && this.#pending.size === 0) {
      await woken.promise;
    }
    this.#wake = () => {};
  }

  #tell(news: RecorderNews): void {
    this.#options.onNews?.(news);
  }
}

type Trouble = { readonly isFinal: boolean; readonly text: string };

/** Puts it last and drops the first of too many. */
function putLast<T>(map: Map<string, T>, key: string, value: T, sizeMax: number): void {
  map.delete(key);
  map.set(key, value);
  for (const first of map.keys()) {
    if (map.size <= sizeMax) {
      return;
    }
    map.delete(first);
  }
}
