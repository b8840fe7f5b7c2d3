import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { errorCode, errorText } from '../../src/runtime/error-text.ts';

function withCode(message: string, code: string, cause?: unknown): Error {
  return Object.assign(new Error(message, { cause }), { code });
}

describe('the text of an error', () => {
  it('is its message, and its code where the message does not have it', () => {
    assert.equal(errorText(new Error('out of order')), 'out of order');
    assert.equal(errorText(withCode('connect ECONNREFUSED', 'ECONNREFUSED')), 'connect ECONNREFUSED');
    assert.equal(errorText(withCode('fetch failed', 'ECONNRESET')), 'fetch failed (ECONNRESET)');
  });

  it('has the code that a library hid in its cause', () => {
    const hidden = new Error('fetch failed', {
      cause: new Error('socket', { cause: withCode('x', 'EPIPE') }),
    });
    assert.equal(errorText(hidden), 'fetch failed (EPIPE)');
    assert.equal(errorCode(withCode('outer', 'OUTER', withCode('inner', 'INNER'))), 'OUTER');
  });

  it('is whatever was thrown where that was no error', () => {
    assert.equal(errorText('no luck'), 'no luck');
    assert.equal(errorText(undefined), 'undefined');
    assert.equal(errorCode('no luck'), undefined);
  });

  it('comes to an end where causes go round in a circle, or a code is no text', () => {
    const circle = new Error('round');
    circle.cause = circle;
    assert.equal(errorText(circle), 'round');
    assert.equal(errorText(Object.assign(new Error('number'), { code: 7 })), 'number');
  });
});
