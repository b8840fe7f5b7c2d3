import * as v from 'valibot';
import type { ApiTransport } from '../kube/api-transport.ts';
import { type BackOffRule, backOffDelayMs } from './queue/back-off.ts';

const versionSchema = v.object({ major: v.literal('1'), minor: v.pipe(v.string(), v.regex(/^[0-9]+/)) });

const VERSION_TIMEOUT_MS = 10_000;
/** The answer has a dozen short fields. */
const VERSION_BYTES_MAX = 64 * 1024;

/** Native sidecars are on by default since this minor (KEP-753). */
export const NATIVE_SIDECARS_SINCE = 29;

/** It may restart just now, and an operator should not come much later than it does. */
const ASK_AGAIN: BackOffRule = { baseMs: 500, capMs: 10_000 };

export type Asking = {
  readonly random: () => number;
  readonly pause: (ms: number, signal: AbortSignal) => Promise<void>;
  /** Gets why it is not known after each attempt; what it throws ends the asking. */
  readonly onFailure: (why: string) => void;
};

/** Minor version of the API server, 34 of 1.34, as soon as it tells. Rejects when `signal` fires. */
export async function untilServerMinor(
  transport: Pick<ApiTransport, 'exchange'>,
  { random, pause, onFailure }: Asking,
  signal: AbortSignal,
): Promise<number> {
  for (let failures = 1; ; failures++) {
    const minor = await serverMinor(transport, signal);
    if (typeof minor === 'number') {
      return minor;
    }
    signal.throwIfAborted();
    onFailure(minor.unknown);
    await pause(backOffDelayMs(ASK_AGAIN, failures, random), signal);
  }
}

async function serverMinor(
  transport: Pick<ApiTransport, 'exchange'>,
  signal: AbortSignal,
): Promise<number | { readonly unknown: string }> {
  const request = {
    method: 'GET',
    path: '/version',
    timeoutMs: VERSION_TIMEOUT_MS,
    bodyBytesMax: VERSION_BYTES_MAX,
  } as const;
  const answer = await transport.exchange(request, signal);
  if (answer.kind === 'unknown') {
    return { unknown: answer.why };
  }
  const parsed = v.safeParse(v.pipe(v.string(), v.parseJson(), versionSchema), answer.body);
  return parsed.success
    ? Number.parseInt(parsed.output.minor, 10)
    : { unknown: `/version answers ${answer.status} with no version of Kubernetes 1.x` };
}
