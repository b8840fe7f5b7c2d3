import type { Decision, DecisionOf, Stage } from '../model/decision.ts';
import type { Reason } from '../model/reason.ts';

/** A decision to do nothing yet. */
export function wait(stage: Stage, reason: Reason, message: string): DecisionOf<'wait'> {
  return { kind: 'wait', stage, reason, message };
}

/** A decision not to be a member. */
export function stayOut(reason: Reason, message: string): Decision {
  return { kind: 'stay-out', stage: 'out', reason, message };
}
