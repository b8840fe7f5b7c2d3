/** An API server that answers anything, and notes what it was asked. */
import fc from 'fast-check';
import type { ApiAnswer, ApiRequest, ApiTransport } from '../../src/kube/api-transport.ts';
import { resourceInPath } from './resource-in-path.ts';

/** What becomes of a request; `new`: nothing is there yet, and everything can be made. */
export type Fate = 'done' | 'new' | 'not-found' | 'conflict' | 'forbidden' | 'silent';

/** One after another, over and over. */
export const anyFates: fc.Arbitrary<readonly Fate[]> = fc.array(
  fc.oneof(
    { weight: 6, arbitrary: fc.constant<Fate>('done') },
    { weight: 1, arbitrary: fc.constant<Fate>('not-found') },
    { weight: 3, arbitrary: fc.constant<Fate>('new') },
    { weight: 1, arbitrary: fc.constantFrom<Fate>('conflict', 'forbidden', 'silent') },
  ),
  { minLength: 1, maxLength: 20 },
);

const STATUSES = {
  'not-found': [404, 'NotFound'],
  conflict: [409, 'Conflict'],
  forbidden: [403, 'Forbidden'],
} as const;

/** Answers with these fates; what is done is answered with the object that was sent, or one of `labels`. */
export function answering(
  fates: readonly Fate[],
  labels: Readonly<Record<string, string>>,
  requests: ApiRequest[],
): ApiTransport {
  return {
    exchange: async (request) => {
      const fate = fates[requests.length % fates.length] ?? 'done';
      requests.push(request);
      return answerTo(request, fate, labels);
    },
    stream: async () => ({ kind: 'unknown', why: 'nothing is watched here' }),
    close: async () => {},
  };
}

function answerTo(request: ApiRequest, drawn: Fate, labels: Readonly<Record<string, string>>): ApiAnswer {
  const fate = drawn === 'new' ? (request.method === 'GET' ? 'not-found' : 'done') : drawn;
  if (fate === 'silent') {
    return { kind: 'unknown', why: 'no answer in time' };
  }
  if (fate !== 'done') {
    const [status, reason] = STATUSES[fate];
    return { kind: 'answered', status, body: JSON.stringify({ kind: 'Status', reason, message: fate }) };
  }
  const { name, namespace } = resourceInPath(request.path);
  const sent = request.body === undefined ? {} : JSON.parse(request.body);
  const metadata = { uid: 'any', resourceVersion: '8', labels, name, namespace, ...sent.metadata };
  const body =
    name === undefined && request.method === 'GET' ? { metadata, items: [] } : { ...sent, metadata };
  return { kind: 'answered', status: 200, body: JSON.stringify(body) };
}
