import type { StepEnd } from './step.ts';

/** `what`: kind and name of an object that is somebody else's. */
export function nameTaken(what: string): StepEnd {
  const message = `${what} exists and was not made for this cluster, so it is not touched. Remove it, or give the cluster another name.`;
  return { kind: 'failed', why: message, hindrance: { reason: 'NameTaken', message } };
}
