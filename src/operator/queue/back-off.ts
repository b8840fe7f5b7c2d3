/** How long to wait after failures in a row. */
export type BackOffRule = {
  /** The longest wait after the first failure; it doubles with each further one. */
  readonly baseMs: number;
  readonly capMs: number;
};

/**
 * The wait after this many failures in a row, at least 1. The upper half of it is left to chance, so that
 * many who failed together do not come back together.
 */
export function backOffDelayMs(rule: BackOffRule, failures: number, random: () => number): number {
  // 2^30 times any base is beyond every cap; beyond 2^1023 numbers end.
  const wholeMs = Math.min(rule.capMs, rule.baseMs * 2 ** Math.min(Math.max(failures, 1) - 1, 30));
  return wholeMs / 2 + (random() * wholeMs) / 2;
}
