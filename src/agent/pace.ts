import type { Refusal } from '../etcd/member-api.ts';
import type { Decision } from '../model/decision.ts';

/** A settled member looks once a second, so that its status is never older than that. */
const SETTLED_MS = 1_000;
/** While things move, the next look follows closely: joins take tenths of a second in all. */
const MOVING_MS = 20;
/** A wait that lasts is looked at less and less often. */
const WAITING_MS_MAX = 250;
const LONG_WAITING_MS = 1_000;
const LONG_WAIT_AFTER_MS = 10_000;
const ENDLESS_WAITING_MS = 2_000;
const ENDLESS_WAIT_AFTER_MS = 120_000;

/** How long to pause before the next look, in ms, when `decision` has stood for `sinceMs`. */
export function paceOf(decision: Decision, sinceMs: number): number {
  if (decision.kind === 'settled') {
    return SETTLED_MS;
  }
  if (decision.stage === 'serving') {
    return SETTLED_MS;
  }
  if (decision.stage === 'starting') {
    return Math.min(WAITING_MS_MAX, MOVING_MS + sinceMs / 8);
  }
  if (sinceMs >= ENDLESS_WAIT_AFTER_MS) {
    return ENDLESS_WAITING_MS;
  }
  if (sinceMs >= LONG_WAIT_AFTER_MS) {
    return LONG_WAITING_MS;
  }
  return Math.min(WAITING_MS_MAX, MOVING_MS + sinceMs / 8);
}

/** A learner that just started is in sync within a few tens of ms. */
const NOT_READY_MS = 40;
/** An ID removed and added again within one second is the same ID, which etcd buries (measured). */
const TOMBSTONE_MS = 400;
/** etcd refuses to add or remove until its connections are 5 s old. */
const REFUSED_MS = 500;

/** What was asked for is so already, and this member's own etcd learns of it within a few tens of ms. */
const APPLIED_MS = 20;

/** How long to pause after etcd refused, in ms; never 0, so that no refusal is asked for in a tight loop. */
export function pauseAfterRefusal(refusal: Refusal): number {
  switch (refusal) {
    case 'learner-not-ready':
      return NOT_READY_MS;
    case 'not-found':
      return TOMBSTONE_MS;
    case 'not-a-learner':
    case 'already-listed':
      return APPLIED_MS;
    default:
      return REFUSED_MS;
  }
}
