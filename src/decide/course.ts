import { CONFIRMED_KINDS, type Decision, isSameDecision } from '../model/decision.ts';

/** What becomes of a decision once it is taken. */
export type Course =
  /** Nothing to do; look again later. */
  | { readonly kind: 'rest' }
  /** It destroys or seizes something, or is news to others: gather every fact anew and decide once more before acting. */
  | { readonly kind: 'confirm' }
  | { readonly kind: 'perform' };

/**
 * The course of `decision`, given the decision that waits for confirmation. A view may have been true
 * when it was taken and be stale now (F66); only the same decision twice, the second on facts gathered
 * after the first, is carried out.
 */
export function courseOf(decision: Decision, toConfirm: Decision | undefined): Course {
  switch (decision.kind) {
    case 'wait':
    case 'stay-out':
    case 'settled':
      return { kind: 'rest' };
    default:
      if (!CONFIRMED_KINDS.has(decision.kind) && !isUnannounced(decision)) {
        return { kind: 'perform' };
      }
      return toConfirm !== undefined && isSameDecision(decision, toConfirm)
        ? { kind: 'perform' }
        : { kind: 'confirm' };
  }
}

function isUnannounced(decision: Decision): boolean {
  return 'unannounced' in decision && decision.unannounced === true;
}
