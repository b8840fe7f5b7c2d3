import { setTimeout as sleep } from 'node:timers/promises';

/** A signal that fires with `signal` or `timeoutMs` later, whichever is first. */
export function within(signal: AbortSignal, timeoutMs: number): AbortSignal {
  return AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]);
}

/** Resolves after `ms`, or as soon as `signal` fires; never rejects. */
export async function pause(ms: number, signal: AbortSignal): Promise<void> {
  try {
    await sleep(ms, undefined, { signal });
  } catch {
    // The signal fired: the caller looks at it next.
  }
}
