import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { failureText, outcomeOf } from '../../src/kube/outcome.ts';
import { aStatus } from '../support/scripted-api-server.ts';

const answered = (status: number, body: unknown, retryAfterMs?: number) =>
  outcomeOf(
    {
      kind: 'answered',
      status,
      body: typeof body === 'string' ? body : JSON.stringify(body),
      ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    },
    (json) => (typeof json === 'number' ? json : undefined),
  );

describe('outcomeOf', () => {
  it('is done with what was read', () => {
    assert.deepEqual(answered(200, 5), { kind: 'done', value: 5 });
    assert.deepEqual(answered(201, 5), { kind: 'done', value: 5 });
  });

  it('is unknown when the answer makes no sense or none came', () => {
    assert.equal(answered(200, 'no json').kind, 'unknown');
    assert.equal(answered(200, '"text"').kind, 'unknown');
    const none = outcomeOf({ kind: 'unknown', why: 'reset' }, () => 1);
    assert.deepEqual(none, { kind: 'unknown', why: 'reset' });
  });

  it('believes in absence only by the API server’s own word', () => {
    assert.equal(answered(404, aStatus(404, 'NotFound')).kind, 'not-found');
    const proxy = answered(404, '404 page not found');
    assert.deepEqual(proxy, {
      kind: 'refused',
      status: 404,
      reason: '',
      message: 'the API server answered 404',
    });
  });

  it('tells conflicts, old versions and other refusals apart', () => {
    assert.deepEqual(answered(409, aStatus(409, 'AlreadyExists', 'taken')), {
      kind: 'conflict',
      reason: 'AlreadyExists',
      message: 'taken',
    });
    assert.deepEqual(answered(410, aStatus(410, 'Expired', 'old')), { kind: 'gone', message: 'old' });
    assert.deepEqual(answered(422, aStatus(422, 'Invalid', 'size')), {
      kind: 'refused',
      status: 422,
      reason: 'Invalid',
      message: 'size',
    });
  });

  it('hands on when to come back, from the header or from the explanation', () => {
    const busy = aStatus(429, 'TooManyRequests', 'busy');
    const byHeader = answered(429, busy, 3_000);
    assert.equal(byHeader.kind === 'refused' && byHeader.retryAfterMs, 3_000);
    const byBody = answered(503, { ...busy, details: { retryAfterSeconds: 2 } });
    assert.equal(byBody.kind === 'unknown' && byBody.retryAfterMs, 2_000);
  });

  it('is unknown after a server error: it may have been carried out', () => {
    const failed = answered(500, aStatus(500, 'InternalError', 'failed calling webhook'));
    assert.deepEqual(failed, { kind: 'unknown', why: 'failed calling webhook (500 InternalError)' });
  });
});

describe('failureText', () => {
  it('says each failure in one clause', () => {
    assert.equal(failureText({ kind: 'unknown', why: 'reset' }), 'reset');
    assert.equal(failureText({ kind: 'gone', message: 'old' }), 'old');
    const refused = { kind: 'refused', status: 403, reason: 'Forbidden', message: 'no' } as const;
    assert.equal(failureText(refused), 'no (403 Forbidden)');
  });
});
