import * as v from 'valibot';
import type { ApiTransport } from '../kube/api-transport.ts';

const versionSchema = v.object({ major: v.literal('1'), minor: v.pipe(v.string(), v.regex(/^[0-9]+/)) });

const VERSION_TIMEOUT_MS = 10_000;
/** The answer has a dozen short fields. */
const VERSION_BYTES_MAX = 64 * 1024;

/** Native sidecars are on by default since this minor (KEP-753). */
export const NATIVE_SIDECARS_SINCE = 29;

/** Minor version of the API server: 34 of 1.34; or why it is not known. */
export async function serverMinor(
  transport: ApiTransport,
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
