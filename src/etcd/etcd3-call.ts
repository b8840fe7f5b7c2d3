import type { CallOptions } from '@grpc/grpc-js';
import { within } from '../runtime/abort.ts';
import { errorText } from '../runtime/error-text.ts';

/** What one unary call came to; `failed` carries etcd's or gRPC's own words. */
export type CallResult<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly text: string };

/** `signal` fires at the deadline in `options` or when nobody waits any more: for what comes before the call itself. */
export type Call<T> = (options: CallOptions, signal: AbortSignal) => Promise<T>;

/**
 * Makes one call with a deadline, and gives up waiting when `signal` fires. gRPC is not told of the
 * abort: etcd3 has no way to, so the call ends by its deadline at the latest.
 */
export async function callOnce<T>(
  call: Call<T>,
  deadlineMs: number,
  signal: AbortSignal,
): Promise<CallResult<T>> {
  if (signal.aborted) {
    return { ok: false, text: 'given up before asking' };
  }
  const aborted = Promise.withResolvers<CallResult<T>>();
  const onAbort = (): void => aborted.resolve({ ok: false, text: 'given up waiting' });
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    return await Promise.race([settle(call, deadlineMs, signal), aborted.promise]);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}

async function settle<T>(call: Call<T>, deadlineMs: number, signal: AbortSignal): Promise<CallResult<T>> {
  try {
    const options = { deadline: Date.now() + deadlineMs };
    return { ok: true, value: await call(options, within(signal, deadlineMs)) };
  } catch (error) {
    return { ok: false, text: errorText(error) };
  }
}
