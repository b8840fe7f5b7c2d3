import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';

/** Attempts, for nothing here waits for a time; some 30 s where each is answered at once. */
const ATTEMPTS_MAX = 6_000;
const PAUSE_MS = 5;

/** Asks until something else than undefined is given. @throws AssertionError when it never is */
export async function untilGiven<T>(ask: () => Promise<T | undefined>): Promise<T> {
  for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt++) {
    const given = await ask();
    if (given !== undefined) {
      return given;
    }
    await delay(PAUSE_MS);
  }
  assert.fail('it never came about');
}

/** Asks until `holds` is true, as often. */
export async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  await untilGiven(async () => (await holds()) || undefined);
}
