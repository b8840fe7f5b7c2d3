/**
 * How long an answer is used again. The TTL says more (CoreDNS: 5 s, with its cache 30 s), but after a
 * Pod moved, a stale address is worse than a question (F34, F57).
 */
export const CACHE_TTL_MS_MAX = 1000;

/** Nine members asked for by name, service and address are 27; the rest is room. */
export const CACHE_ENTRIES_MAX = 64;

/** Answers of one kind, by canonical name. Only what was found is kept, never an absence (F7). */
export type AnswerCache<F> = {
  find(name: string): F | undefined;
  keep(name: string, answer: F): void;
};

/** An empty cache; `nowMs` is a monotonic clock in milliseconds. */
export function answerCache<F extends { readonly ttlSeconds: number }>(nowMs: () => number): AnswerCache<F> {
  const entries = new Map<string, { readonly answer: F; readonly usableUntilMs: number }>();
  return {
    find(name) {
      const entry = entries.get(name);
      return entry !== undefined && nowMs() < entry.usableUntilMs ? entry.answer : undefined;
    },
    keep(name, answer) {
      const usableMs = Math.min(answer.ttlSeconds * 1000, CACHE_TTL_MS_MAX);
      entries.delete(name);
      if (usableMs > 0) {
        entries.set(name, { answer, usableUntilMs: nowMs() + usableMs });
      }
      const [oldest] = entries.keys();
      if (entries.size > CACHE_ENTRIES_MAX && oldest !== undefined) {
        entries.delete(oldest);
      }
    },
  };
}
