import type { ApiState } from './api-state.ts';

/** A way in which the API fails the agents; set and lifted at any time. */
export type ApiFault =
  | { readonly kind: 'none' }
  /** Every connection is reset without an answer, as when the API server is gone. */
  | { readonly kind: 'unreachable' }
  /** Every request is answered by this status and a Status object; nothing is read or written. */
  | { readonly kind: 'status'; readonly code: number }
  /** Every request waits this long before it is carried out. */
  | { readonly kind: 'slow'; readonly delayMs: number }
  /** Writes are carried out, then the connection is reset: the writer cannot know. Reads are answered. */
  | { readonly kind: 'lose-acks' }
  /** Reads are answered from the state as it was when the fault was set; writes meet the true state. */
  | { readonly kind: 'stale-reads' };

/** A fault together with what it needs to remember. */
export type ArmedFault = { readonly fault: ApiFault; readonly snapshot: ApiState };

/** No delay may be longer: the supervisor has to be able to stop. */
export const FAULT_DELAY_MS_MAX = 60_000;
