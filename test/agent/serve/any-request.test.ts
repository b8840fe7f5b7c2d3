/** Whatever is asked of an agent is answered, and the next one, too; what makes no sense is refused. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { Agent, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { describe, it, type TestContext } from 'node:test';
import fc from 'fast-check';
import { createAgentMetrics } from '../../../src/agent/agent-metrics.ts';
import { StatusBoard } from '../../../src/agent/serve/status-board.ts';
import { createStatusServer } from '../../../src/agent/serve/status-server.ts';
import { aManualClock } from '../../support/a-clock.ts';
import { aSelf } from '../../support/a-member-view.ts';
import { captureLog } from '../../support/captured-log.ts';

/** A few hundred requests over one connection take half a second. */
const RUNS = { numRuns: 300 } as const;

type Ask = (path: string) => Promise<{ readonly status: number; readonly body: string }>;

/** `dialled` takes the ordinals that the agent was made to dial. */
async function served(t: TestContext, dialled: number[]): Promise<Ask> {
  const server = createStatusServer({
    board: new StatusBoard(aSelf(), aManualClock()),
    registry: createAgentMetrics().registry,
    logger: captureLog().logger,
    isReady: async () => ({ ready: true, why: 'voter' }),
    canReach: async (ordinal) => {
      dialled.push(ordinal);
      return true;
    },
    hasServed: () => true,
    leave: () => assert.fail('nobody asked for that'),
    signal: t.signal,
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  t.after(() => {
    agent.destroy();
    server.close();
    server.closeAllConnections();
  });
  const { port } = server.address() as AddressInfo;
  return async (path) => {
    const asked = request({ host: '127.0.0.1', port, path, agent });
    asked.end();
    const [response] = await once(asked, 'response');
    return { status: response.statusCode, body: await text(response) };
  };
}

/** A value in a query, written as it is where HTTP lets it pass, or in percents. */
const aValue = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 60 }).map((value) => encodeURIComponent(value.toWellFormed())),
  fc.stringMatching(/^[!"$%'-~]{0,60}$/),
  fc.integer().map(String),
  fc.double().map(String),
  fc.constantFrom('%', '%zz', '%00', '0x1', '1e0', '١', '+1', ' 1', '1s', '60s', '-0').map(encodeURI),
);

describe('an agent that is asked anything', () => {
  it('answers, whatever the page', async (t) => {
    const ask = await served(t, []);
    const aPath = fc.stringMatching(/^[!-~]{0,80}$/).map((path) => `/${path}`);
    await fc.assert(
      fc.asyncProperty(aPath, async (path) => {
        const { status } = await ask(path);
        assert.ok([200, 400, 404].includes(status), `${status} for ${path}`);
      }),
      RUNS,
    );
  });

  it('waits for as long as is asked of it, or says what it cannot make of that', async (t) => {
    const ask = await served(t, []);
    await fc.assert(
      fc.asyncProperty(aValue, aValue, async (since, wait) => {
        // Of a status that is known the request would be held; "0" is the first one's name.
        const { status, body } = await ask(`/status?since=x${since}&wait=${wait}`);
        const given = new URLSearchParams(`wait=${wait}`).get('wait') ?? '';
        assert.equal(status, /^[0-9]{1,4}s?$/.test(given) ? 200 : 400, given);
        assert.ok(status === 400 ? body.startsWith('wait is "') : JSON.parse(body).etag === '0');
      }),
      RUNS,
    );
  });

  it('dials nobody but the member that one digit names', async (t) => {
    const dialled: number[] = [];
    const ask = await served(t, dialled);
    await fc.assert(
      fc.asyncProperty(fc.oneof(aValue, fc.nat({ max: 12 }).map(String)), async (value) => {
        dialled.length = 0;
        const { status } = await ask(`/reach?ordinal=${value}`);
        const given = new URLSearchParams(`ordinal=${value}`).get('ordinal') ?? '';
        assert.deepEqual(dialled, status === 200 ? [Number(given)] : []);
        assert.equal(status === 200, /^[0-8]$/.test(given));
      }),
      RUNS,
    );
  });
});
