import assert from 'node:assert/strict';
import type { Ground, Space } from './ground.ts';
import type { Seen } from './namespace-view.ts';

/**
 * Watches for `ms` and fails if anything has happened meanwhile that `matters`. There is no event for nothing, so
 * this is the one wait that always takes its time.
 */
export async function assertNothingHappens(
  { signal }: Ground,
  { view }: Space,
  ms: number,
  matters: (seen: Seen) => boolean,
): Promise<void> {
  const news: string[] = [];
  const stop = view.onSeen((seen) => {
    if (matters(seen)) {
      const { atMs, kind, name, change } = seen;
      news.push(`${new Date(atMs).toISOString()} ${kind} ${name} ${change}`);
    }
  });
  const over = Promise.withResolvers<void>();
  const timer = setTimeout(over.resolve, ms);
  const onAbort = (): void => over.reject(new Error('the test ran out of time'));
  signal.addEventListener('abort', onAbort, { once: true });
  await over.promise.finally(() => {
    clearTimeout(timer);
    signal.removeEventListener('abort', onAbort);
    stop();
  });
  assert.deepEqual(news, [], `what happened within ${ms / 1000} s in which nothing may`);
}
