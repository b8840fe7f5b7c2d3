/** An API server that answers anything, and notes what it was asked. */
import { once } from 'node:events';
import fc from 'fast-check';
import type { ApiAnswer, ApiRequest, ApiTransport } from '../../src/kube/api-transport.ts';
import { resourceInPath } from './resource-in-path.ts';

/** What becomes of a request; `new`: nothing is there yet, and everything can be made. */
export type Fate = 'done' | 'new' | 'not-found' | 'conflict' | 'forbidden' | 'silent';

/** A request, and the status that it was answered with; 0 where no answer came. */
export type Asked = ApiRequest & { readonly status: number };

/** One after another, over and over. */
export const anyFates: fc.Arbitrary<readonly Fate[]> = fc.array(
  fc.oneof(
    { weight: 6, arbitrary: fc.constant<Fate>('done') },
    { weight: 3, arbitrary: fc.constant<Fate>('new') },
    { weight: 1, arbitrary: fc.constant<Fate>('not-found') },
    { weight: 1, arbitrary: fc.constantFrom<Fate>('conflict', 'forbidden', 'silent') },
  ),
  { minLength: 1, maxLength: 20 },
);

/** Answers with these fates; what is done is answered with the object that was sent, or one of `labels`, as are lists. */
export function answering(
  fates: readonly Fate[],
  labels: Readonly<Record<string, string>>,
  asked: Asked[],
): ApiTransport {
  return {
    exchange: async (request) => {
      const fate = fates[asked.length % fates.length] ?? 'done';
      const answer = answerTo(request, fate, labels);
      asked.push({ ...request, status: answer.kind === 'answered' ? answer.status : 0 });
      return answer;
    },
    stream: async (request, signal) => {
      asked.push({ ...request, status: 200 });
      return { kind: 'streaming', chunks: silenceUntil(signal) };
    },
    close: async () => {},
  };
}

function silenceUntil(signal: AbortSignal): AsyncIterable<Uint8Array> {
  const next = async (): Promise<IteratorReturnResult<undefined>> => {
    if (!signal.aborted) {
      await once(signal, 'abort');
    }
    return { done: true, value: undefined };
  };
  return { [Symbol.asyncIterator]: () => ({ next }) };
}

const REFUSALS = {
  'not-found': [404, 'NotFound'],
  conflict: [409, 'Conflict'],
  forbidden: [403, 'Forbidden'],
} as const;

function answerTo(request: ApiRequest, drawn: Fate, labels: Readonly<Record<string, string>>): ApiAnswer {
  const isNew = drawn === 'new';
  const fate = isNew ? (request.method === 'GET' ? 'not-found' : 'done') : drawn;
  if (fate === 'silent') {
    return { kind: 'unknown', why: 'no answer in time' };
  }
  if (fate !== 'done') {
    const [status, reason] = REFUSALS[fate];
    return { kind: 'answered', status, body: JSON.stringify({ kind: 'Status', reason, message: fate }) };
  }
  const { name, namespace, subresource } = resourceInPath(request.path);
  const sent = request.body === undefined ? {} : JSON.parse(request.body);
  const metadata = { uid: 'any', resourceVersion: '8', labels, name, namespace, ...sent.metadata };
  const isList = name === undefined && request.method === 'GET';
  const item = { metadata: { ...metadata, name: 'one', namespace: namespace ?? 'anywhere' } };
  const body = isList ? { metadata, items: [item] } : { ...sent, metadata };
  // What says a uid, or is about a part of an object, makes none.
  const isMade = isNew && sent.metadata?.uid === undefined && subresource === undefined;
  return { kind: 'answered', status: isMade ? 201 : 200, body: JSON.stringify(body) };
}
