/** A pass over a cluster is a list of named steps; each says how it ended. */
import type { Failure, Outcome } from '../../kube/outcome.ts';
import { failureText } from '../../kube/outcome.ts';
import type { Hindrance } from '../plan/cluster-plan.ts';

export type StepEnd =
  | { readonly kind: 'continue' }
  /** What comes after it has to wait; somebody's change, or time, will bring the next pass. */
  | { readonly kind: 'wait'; readonly why: string; readonly afterMs: number }
  /** Tried again, a little later each time; with `hindrance` people are told, since time alone may not help. */
  | { readonly kind: 'failed'; readonly why: string; readonly hindrance?: Hindrance };

export type Step<T> = {
  readonly name: string;
  readonly run: (context: T, signal: AbortSignal) => Promise<StepEnd>;
};

export const CONTINUE: StepEnd = { kind: 'continue' };

/** Runs `steps` in order until one does not end with `continue`; which one that was, and how it ended. */
export async function runSteps<T>(
  steps: readonly Step<T>[],
  context: T,
  signal: AbortSignal,
): Promise<{ readonly step: string; readonly end: StepEnd }> {
  for (const step of steps) {
    const end = await step.run(context, signal);
    if (end.kind !== 'continue') {
      return { step: step.name, end };
    }
  }
  return { step: '', end: CONTINUE };
}

/**
 * The end of a change to an object that others may change or remove, too: where it is gone, or is not what was looked
 * at any more, the next pass looks again.
 */
export function unlessChanged(what: string, outcome: Outcome<unknown>): StepEnd {
  return outcome.kind === 'done' || outcome.kind === 'not-found' || outcome.kind === 'conflict'
    ? CONTINUE
    : failed(what, outcome);
}

/** A call to the API server that did not come to what was wanted. */
export function failed(what: string, failure: Failure): StepEnd {
  const why = `${what}: ${failureText(failure)}`;
  return failure.kind === 'refused' && !isPassing(failure.status)
    ? { kind: 'failed', why, hindrance: { reason: 'ObjectRefused', message: refusalText(what, failure) } }
    : { kind: 'failed', why };
}

/** Refusals of a server that is busy, or that has not read its own objects yet. */
function isPassing(status: number): boolean {
  return status === 408 || status === 429;
}

function refusalText(what: string, failure: Failure): string {
  return `Kubernetes refuses ${what}: ${failureText(failure)}. Tried again until it is accepted.`;
}
