/** How requests reach the API server: the port between what is asked and the HTTP it is asked by. */

export type ApiRequest = {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Path and query. */
  readonly path: string;
  /** JSON; `contentType` says of which kind. */
  readonly body?: string;
  readonly contentType?: string;
  /** For `exchange` the whole of it, for `stream` the time until the answer begins. */
  readonly timeoutMs: number;
  /** A larger answer is no answer. */
  readonly bodyBytesMax: number;
};

export type ApiAnswer =
  | {
      readonly kind: 'answered';
      readonly status: number;
      /** What the header `Retry-After` asks for. */
      readonly retryAfterMs?: number;
      readonly body: string;
    }
  /** No whole answer came: the request may or may not have been carried out. */
  | { readonly kind: 'unknown'; readonly why: string };

/** A body that goes on for minutes; reading on rejects when the connection breaks or the signal fires. */
export type ApiStream = { readonly kind: 'streaming'; readonly chunks: AsyncIterable<Uint8Array> };

export type ApiTransport = {
  /** One question, one answer; never rejects. */
  exchange(request: ApiRequest, signal: AbortSignal): Promise<ApiAnswer>;
  /** A stream if the answer is a 200, otherwise the answer; never rejects. It lasts until `signal` fires. */
  stream(request: ApiRequest, signal: AbortSignal): Promise<ApiStream | ApiAnswer>;
  /** Breaks off whatever is under way. */
  close(): Promise<void>;
};
