/** A pass over a cluster is a list of named steps; each says how it ended. */
import type { Failure } from '../../kube/outcome.ts';
import { failureText } from '../../kube/outcome.ts';

export type StepEnd =
  | { readonly kind: 'continue' }
  /** What comes after it has to wait; somebody's change, or time, will bring the next pass. */
  | { readonly kind: 'wait'; readonly why: string; readonly afterMs: number }
  | { readonly kind: 'failed'; readonly why: string };

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

/** A call to the API server that did not come to what was wanted. */
export function failed(what: string, failure: Failure): StepEnd {
  return { kind: 'failed', why: `${what}: ${failureText(failure)}` };
}
