import { courseOf } from '../decide/course.ts';
import { decide } from '../decide/decide.ts';
import { isComparisonOfUse } from '../decide/housekeeping.ts';
import { emptyHistory, remember } from '../decide/remember.ts';
import { type Decision, isSameDecision } from '../model/decision.ts';
import type { History, MemberView } from '../model/member-view.ts';
import type { Clock } from '../runtime/clock.ts';
import { errorText } from '../runtime/error-text.ts';
import type { Logger } from '../runtime/logger.ts';
import type { AgentMetrics } from './agent-metrics.ts';
import type { HashComparison } from './look/hash-comparison.ts';
import type { Observer } from './look/observer.ts';
import { paceOf, pauseAfterRefusal } from './pace.ts';
import type { Performed } from './perform.ts';
import type { Waker } from './waker.ts';

export type CycleDeps = {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: AgentMetrics;
  readonly observer: Observer;
  readonly waker: Waker;
  readonly hashes: Pick<HashComparison, 'check' | 'abandon'>;
  readonly perform: (view: MemberView, decision: Decision, signal: AbortSignal) => Promise<Performed>;
  readonly onDecision: (view: MemberView, decision: Decision, sinceMs: number) => void;
  readonly onGateAnswered: () => void;
  /** True while the preStop hook works: then nothing but looking is done here. */
  readonly isLeaving: () => boolean;
};

/**
 * A failed action is tried again this long after it began, at the earliest: a full disk does not empty in a
 * tick. A change that raft dropped has taken that long already, and is looked into at once.
 */
const FAILED_PAUSE_MS = 1_000;

/**
 * The agent's one loop: look, decide, do at most one thing, look again. Everything else in the process
 * only wakes it.
 */
export class Cycle {
  readonly #deps: CycleDeps;
  #history: History;
  #toConfirm: Decision | undefined;
  #current: { readonly decision: Decision; readonly sinceMs: number } | undefined;

  constructor(deps: CycleDeps) {
    this.#deps = deps;
    this.#history = emptyHistory(deps.clock.nowMs());
  }

  /** Turns until `signal` fires. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const pauseMs = await this.#turnSafely(signal);
      if (pauseMs > 0) {
        await this.#deps.waker.sleep(pauseMs, signal);
      }
    }
  }

  /** A bug in one turn must not end the process that holds the gate. */
  async #turnSafely(signal: AbortSignal): Promise<number> {
    try {
      return await this.#turn(signal);
    } catch (error) {
      if (!signal.aborted) {
        this.#deps.logger.error({ err: error }, `the turn failed: ${errorText(error)}`);
      }
      return FAILED_PAUSE_MS;
    }
  }

  /** One turn; returns how long to pause before the next. */
  async #turn(signal: AbortSignal): Promise<number> {
    const { observer, hashes, isLeaving } = this.#deps;
    const confirming = this.#toConfirm !== undefined;
    // What was seen before the hook ended may be what it has changed.
    const wasLeaving = isLeaving();
    const history = { ...this.#history, hashCheck: hashes.check };
    const view = await observer.observe(history, confirming, signal);
    if (signal.aborted) {
      // What was looked at while stopping was cut short, and would only mislead who reads the log.
      return 0;
    }
    const decision = decide(view);
    this.#history = remember(view, decision);
    const course = courseOf(decision, this.#toConfirm);
    this.#toConfirm = course.kind === 'confirm' ? decision : undefined;
    this.#note(view, decision);
    if (isLeaving() || !isComparisonOfUse(view)) {
      hashes.abandon();
    }
    if (course.kind === 'confirm') {
      return 0;
    }
    if (course.kind === 'rest' || wasLeaving || isLeaving()) {
      return paceOf(decision, view.nowMs - (this.#current?.sinceMs ?? view.nowMs));
    }
    return this.#act(view, decision, signal);
  }

  async #act(view: MemberView, decision: Decision, signal: AbortSignal): Promise<number> {
    const { logger, observer, clock, perform } = this.#deps;
    const startedMs = clock.nowMs();
    const performed = await perform(view, decision, signal);
    observer.noteVolumeTouched();
    switch (performed.kind) {
      case 'done':
        return 0;
      case 'answered-gate':
        this.#deps.onGateAnswered();
        return 0;
      case 'refused':
        return pauseAfterRefusal(performed.refusal);
      case 'failed':
        logger.warn(
          { decision: decision.kind, reason: decision.reason },
          `${decision.kind} failed: ${performed.why}`,
        );
        return Math.max(0, FAILED_PAUSE_MS - (clock.nowMs() - startedMs));
    }
  }

  /** A change of decision is news; a repetition is not, though its sentence may count something that moves. */
  #note(view: MemberView, decision: Decision): void {
    const { logger, metrics, onDecision } = this.#deps;
    const before = this.#current?.decision;
    if (before === undefined || !isSameDecision(before, decision)) {
      this.#current = { decision, sinceMs: view.nowMs };
      metrics.decisions.inc({ decision: decision.kind, reason: decision.reason });
      metrics.showStage(decision);
      logger.info(
        { decision: decision.kind, reason: decision.reason, stage: decision.stage },
        decision.message,
      );
    }
    onDecision(view, decision, this.#current?.sinceMs ?? view.nowMs);
  }
}
