import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ApiAnswer } from '../../src/kube/api-transport.ts';
import { untilServerMinor } from '../../src/operator/server-version.ts';

const DOWN: ApiAnswer = { kind: 'unknown', why: 'connect ECONNREFUSED' };
const BUSY = answered(503, 'not yet');
const UP = answered(200, JSON.stringify({ major: '1', minor: '34+' }));

function answered(status: number, body: string): ApiAnswer {
  return { kind: 'answered', status, body };
}

function asking(answers: readonly ApiAnswer[], onFailure: (why: string) => void = () => {}) {
  const left = [...answers];
  const pauses: number[] = [];
  return {
    pauses,
    ask: (signal: AbortSignal) =>
      untilServerMinor(
        { exchange: async () => left.shift() ?? DOWN },
        { random: () => 1, pause: async (ms) => void pauses.push(ms), onFailure },
        signal,
      ),
  };
}

describe('the version of the API server', () => {
  it('is asked for again, a little later each time, while the server is down', async (t) => {
    const seen: string[] = [];
    const { ask, pauses } = asking([DOWN, BUSY, UP], (why) => seen.push(why));
    assert.equal(await ask(t.signal), 34);
    assert.deepEqual(pauses, [500, 1_000]);
    assert.match(seen[0] ?? '', /ECONNREFUSED/);
    assert.match(seen[1] ?? '', /503/);
  });

  it('is given up when whoever hears of the failure says so', async (t) => {
    const { ask } = asking([DOWN], () => {
      throw new Error('in vain');
    });
    await assert.rejects(ask(t.signal), /in vain/);
  });

  it('is not asked for any more once that is not wanted', async () => {
    const { ask } = asking([DOWN]);
    await assert.rejects(ask(AbortSignal.abort()), { name: 'AbortError' });
  });
});
