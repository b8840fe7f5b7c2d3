import type { Clock } from '../../runtime/clock.ts';
import { type Attempt, LeaseLock, type LeaseLockOptions } from './lease-lock.ts';

/** As client-go's defaults (0.35), which every Kubernetes component uses, but for the renewals. */
export type ElectionTimes = {
  /** A Lease that did not change for so long may be taken by another. */
  readonly leaseDurationMs: number;
  /** A leader that could not renew for so long stops. Shorter than the Lease, so that it stops in time. */
  readonly renewDeadlineMs: number;
  /** Between two attempts, of which the last was not successful. */
  readonly retryPeriodMs: number;
  /** Between two renewals: client-go renews each retry period, which is most of what a quiet operator asks. */
  readonly renewPeriodMs: number;
};

export const ELECTION_TIMES: ElectionTimes = {
  leaseDurationMs: 15_000,
  renewDeadlineMs: 10_000,
  retryPeriodMs: 2_000,
  renewPeriodMs: 5_000,
};

/** Changes of who leads, and attempts that went wrong. */
export type ElectionNews =
  | { readonly kind: 'leading' }
  | { readonly kind: 'following'; readonly holder: string }
  | { readonly kind: 'attempt-failed'; readonly why: string }
  | { readonly kind: 'lost'; readonly why: string };

export type LeaseElectionOptions = Omit<LeaseLockOptions, 'durationMs' | 'clock'> & {
  readonly clock: Clock;
  readonly random: () => number;
  /** Resolves after `ms` of `clock`, or when the signal fires. */
  readonly pause: (ms: number, signal: AbortSignal) => Promise<void>;
  readonly times?: ElectionTimes;
  readonly onNews?: (news: ElectionNews) => void;
};

/** The time during which this process leads. */
export type Term = {
  /** Fires when the Lease is lost or the process stops: whoever works must stop at once. */
  readonly signal: AbortSignal;
  /** Whether nobody else can lead yet; for a last look before a write after a long pause of the process. */
  readonly isHeld: () => boolean;
};

/** How an election ended. After `lost` the process must do no more work: others may lead already. */
export type ElectionEnd = 'stopped' | 'lost';

/**
 * Waits for the Lease, leads, renews, and gives the Lease back when `signal` fires and `lead` has returned.
 * One that returns by itself stops the election too; what it throws is thrown on.
 */
export async function runLeaseElection(
  options: LeaseElectionOptions,
  lead: (term: Term) => Promise<void>,
  signal: AbortSignal,
): Promise<ElectionEnd> {
  const election = new Election(options);
  const heldUntilMs = await election.acquire(signal);
  return heldUntilMs === undefined ? 'stopped' : election.lead(lead, heldUntilMs, signal);
}

/** A candidate waits up to this much longer than the retry period (client-go's `JitterFactor`). */
const JITTER = 1.2;
/** The Lease is given back in this time or runs out by itself. */
const RELEASE_MS = 2_000;

class Election {
  readonly #options: LeaseElectionOptions;
  readonly #times: ElectionTimes;
  readonly #lock: LeaseLock;
  readonly #tell: (news: ElectionNews) => void;
  #holderTold: string | undefined;

  constructor(options: LeaseElectionOptions) {
    this.#options = options;
    this.#times = options.times ?? ELECTION_TIMES;
    this.#lock = new LeaseLock({ ...options, durationMs: this.#times.leaseDurationMs });
    this.#tell = options.onNews ?? (() => {});
  }

  /** Until when it is ours without further ado; undefined when `signal` fired first. */
  async acquire(signal: AbortSignal): Promise<number | undefined> {
    const { clock, random, pause } = this.#options;
    const { renewDeadlineMs, retryPeriodMs } = this.#times;
    while (!signal.aborted) {
      const startedMs = clock.nowMs();
      const attempt = await this.#attempt(renewDeadlineMs / 2, signal);
      if (attempt.kind === 'held') {
        // Counted from before the request: others count from after it was carried out.
        return startedMs + renewDeadlineMs;
      }
      this.#tellOf(attempt, signal);
      await pause(retryPeriodMs * (1 + JITTER * random()), signal);
    }
    return undefined;
  }

  async lead(
    lead: (term: Term) => Promise<void>,
    firstHeldUntilMs: number,
    signal: AbortSignal,
  ): Promise<ElectionEnd> {
    const { clock } = this.#options;
    const over = new AbortController();
    const held = { untilMs: firstHeldUntilMs };
    const termSignal = AbortSignal.any([signal, over.signal]);
    this.#tell({ kind: 'leading' });
    const term: Term = {
      signal: termSignal,
      isHeld: () => !over.signal.aborted && clock.nowMs() < held.untilMs,
    };
    const work = (signal.aborted ? Promise.resolve() : Promise.resolve(term).then(lead)).finally(() =>
      over.abort(),
    );
    // It is awaited below; until then it must not count as a rejection that nobody handles.
    work.catch(() => undefined);
    const end = await this.#renew(held, termSignal);
    if (end === 'lost') {
      over.abort();
      return 'lost';
    }
    return this.#finish(work, held);
  }

  /** Renews until the term's signal fires or the deadline has passed. */
  async #renew(held: { untilMs: number }, signal: AbortSignal): Promise<ElectionEnd> {
    const { clock, pause } = this.#options;
    const { renewDeadlineMs, retryPeriodMs, renewPeriodMs } = this.#times;
    for (let periodMs = renewPeriodMs; ; ) {
      await pause(Math.min(periodMs, Math.max(0, held.untilMs - clock.nowMs())), signal);
      if (signal.aborted) {
        return 'stopped';
      }
      const startedMs = clock.nowMs();
      const leftMs = held.untilMs - startedMs;
      const attempt: Attempt =
        leftMs > 0
          ? await this.#attempt(Math.min(leftMs, renewDeadlineMs / 2), signal)
          : { kind: 'failed', why: 'not renewed in time' };
      if (attempt.kind === 'held') {
        held.untilMs = startedMs + renewDeadlineMs;
        periodMs = renewPeriodMs;
      } else if (signal.aborted) {
        return 'stopped';
      } else if (attempt.kind === 'held-by-another' || clock.nowMs() >= held.untilMs) {
        this.#tell({ kind: 'lost', why: whyOf(attempt) });
        return 'lost';
      } else {
        this.#tellOf(attempt, signal);
        periodMs = retryPeriodMs;
      }
    }
  }

  /**
   * An attempt that ends with the deadline even if its request does not. Half of the renew deadline (as in
   * client-go's `NewFromKubeconfig`), so that one connection that hangs leaves time for another.
   */
  async #attempt(deadlineMs: number, signal: AbortSignal): Promise<Attempt> {
    const done = new AbortController();
    const bounded = AbortSignal.any([signal, done.signal]);
    const deadline = this.#options.pause(deadlineMs, bounded).then((): Attempt => {
      return { kind: 'failed', why: 'the API server did not answer before the deadline' };
    });
    const attempt = await Promise.race([this.#lock.hold(bounded), deadline]);
    done.abort();
    return attempt;
  }

  /** Waits for the work to end while nobody else can lead, then gives the Lease back. */
  async #finish(work: Promise<void>, held: { readonly untilMs: number }): Promise<ElectionEnd> {
    const { clock, pause } = this.#options;
    const waiting = new AbortController();
    const leftMs = Math.max(0, held.untilMs - clock.nowMs());
    const isOver = await Promise.race([
      work.then(
        () => true,
        () => true,
      ),
      pause(leftMs, waiting.signal).then(() => false),
    ]);
    waiting.abort();
    if (isOver) {
      const releasing = new AbortController();
      await Promise.race([this.#lock.release(releasing.signal), pause(RELEASE_MS, releasing.signal)]);
      releasing.abort();
      await work;
    }
    return 'stopped';
  }

  #tellOf(attempt: Exclude<Attempt, { kind: 'held' }>, signal: AbortSignal): void {
    if (attempt.kind === 'failed') {
      if (!signal.aborted) {
        this.#tell({ kind: 'attempt-failed', why: attempt.why });
      }
    } else if (attempt.holder !== this.#holderTold) {
      this.#holderTold = attempt.holder;
      this.#tell({ kind: 'following', holder: attempt.holder });
    }
  }
}

function whyOf(attempt: Exclude<Attempt, { kind: 'held' }>): string {
  return attempt.kind === 'failed' ? attempt.why : `${attempt.holder} holds the Lease`;
}
