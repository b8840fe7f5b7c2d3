/** Our way to the API server: reads and watches by the product's own client, and Pods through the server's proxy. */
import type { ApiTransport } from '../../../src/kube/api-transport.ts';
import { createHttpObjectApi } from '../../../src/kube/http-object-api.ts';
import { createHttpTransport } from '../../../src/kube/http-transport.ts';
import { findCredentials } from '../../../src/kube/kube-config-credentials.ts';
import type { ObjectReader } from '../../../src/kube/object-api.ts';
import { systemClock } from '../../../src/runtime/clock.ts';

/** A Pod and a port of it. */
export type PodPort = { readonly namespace: string; readonly pod: string; readonly port: number };

export type PodRequest = {
  readonly method: 'GET' | 'POST';
  /** Path and query. */
  readonly path: string;
  readonly json?: unknown;
  readonly timeoutMs?: number;
};

export type PodAnswer =
  | { readonly kind: 'answered'; readonly status: number; readonly body: string }
  | { readonly kind: 'unknown'; readonly why: string };

export type LogPlace = {
  readonly namespace: string;
  readonly pod: string;
  readonly container: string;
  /** That of the container's life before. */
  readonly previous?: boolean;
};

export type ClusterAccess = {
  readonly reader: ObjectReader;
  /** Asks a Pod through the API server, so that tests may run where no Pod can be reached. */
  readonly askPod: (place: PodPort, request: PodRequest, signal: AbortSignal) => Promise<PodAnswer>;
  /** A container's log from its start, until the container ends, `signal` fires, or the connection breaks. */
  readonly followLog: (
    place: LogPlace,
    signal: AbortSignal,
  ) => Promise<AsyncIterable<Uint8Array> | undefined>;
  readonly close: () => Promise<void>;
};

/** A member answers within milliseconds, or not at all. */
const ASK_MS_MAX = 5_000;
/** A page of a thousand keys has 200 KB. */
const ANSWER_BYTES_MAX = 4 * 1024 * 1024;

/** @throws Error when the kubeconfig cannot be used */
export async function openClusterAccess(): Promise<ClusterAccess> {
  const found = await findCredentials({ kind: 'usual' }, () => systemClock.nowMs());
  if (found.kind === 'unusable') {
    throw new Error(found.why);
  }
  const transport = createHttpTransport(found.credentials);
  return {
    reader: createHttpObjectApi({ transport, fieldManager: 'quorate-e2e' }),
    askPod: (place, request, signal) => askPod(transport, place, request, signal),
    followLog: async ({ namespace, pod, container, previous = false }, signal) => {
      const path = `/api/v1/namespaces/${namespace}/pods/${pod}/log?container=${container}&${previous ? 'previous' : 'follow'}=true`;
      const bounds = { timeoutMs: ASK_MS_MAX, bodyBytesMax: ANSWER_BYTES_MAX };
      const stream = await transport.stream({ method: 'GET', path, ...bounds }, signal);
      return stream.kind === 'streaming' ? stream.chunks : undefined;
    },
    close: () => transport.close(),
  };
}

async function askPod(
  transport: ApiTransport,
  { namespace, pod, port }: PodPort,
  { method, path, json, timeoutMs = ASK_MS_MAX }: PodRequest,
  signal: AbortSignal,
): Promise<PodAnswer> {
  const request = {
    method,
    path: `/api/v1/namespaces/${namespace}/pods/${pod}:${port}/proxy${path}`,
    timeoutMs,
    bodyBytesMax: ANSWER_BYTES_MAX,
    ...(json === undefined ? {} : { body: JSON.stringify(json), contentType: 'application/json' }),
  };
  return transport.exchange(request, signal);
}
