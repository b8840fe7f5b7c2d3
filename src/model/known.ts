/**
 * A fact that may be missing. Unknown is a value of its own: an error, a time-out or an unreachable
 * API is never evidence of absence, so no rule may read `unknown` as "no".
 */
export type Known<T> =
  | { readonly known: true; readonly value: T; readonly observedAtMs: number }
  | { readonly known: false; readonly why: string };

/** A fact observed at `observedAtMs` (milliseconds on the observer's monotonic clock). */
export function known<T>(value: T, observedAtMs: number): Known<T> {
  return { known: true, value, observedAtMs };
}

/** A fact nobody could give; `why` is one clause for people, such as "the API server timed out". */
export function unknown(why: string): Known<never> {
  return { known: false, why };
}
