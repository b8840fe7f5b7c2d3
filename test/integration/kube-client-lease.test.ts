import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { createHttpObjectApi } from '../../src/kube/http-object-api.ts';
import { createHttpTransport } from '../../src/kube/http-transport.ts';
import { type ElectionEnd, runLeaseElection, type Term } from '../../src/operator/election/lease-election.ts';
import { LEASE, readLease } from '../../src/operator/election/lease-record.ts';
import { pause } from '../../src/runtime/abort.ts';
import { systemClock } from '../../src/runtime/clock.ts';
import { aRealServer, credentialsOf } from './kube-client-kit.ts';

const real = aRealServer();
const TIMES = { leaseDurationMs: 3_000, renewDeadlineMs: 2_000, retryPeriodMs: 200, renewPeriodMs: 500 };

/** A process that runs for leader on the real server. */
type Candidate = {
  /** Its time as leader, once it leads. */
  readonly leading: Promise<Term>;
  readonly isLeader: () => boolean;
  /** Ends it in order. */
  readonly stop: () => void;
  /** Cuts it off from the API server for good. */
  readonly cutOff: () => Promise<void>;
  readonly end: Promise<ElectionEnd>;
};

async function aCandidate(t: TestContext, namespace: string, identity: string): Promise<Candidate> {
  const transport = createHttpTransport(await credentialsOf(t, real.server()));
  const stop = new AbortController();
  const leading = Promise.withResolvers<Term>();
  let term: Term | undefined;
  const end = runLeaseElection(
    {
      leases: createHttpObjectApi({ transport, fieldManager: 'quorate' }),
      namespace,
      name: 'quorate-operator',
      identity,
      clock: systemClock,
      random: Math.random,
      pause,
      times: TIMES,
    },
    async (begun) => {
      term = begun;
      leading.resolve(begun);
      await new Promise<void>((resolve) => begun.signal.addEventListener('abort', () => resolve()));
    },
    stop.signal,
  );
  t.after(async () => {
    stop.abort();
    await end;
    await transport.close();
  });
  return {
    leading: leading.promise,
    isLeader: () => term?.isHeld() === true,
    stop: () => stop.abort(),
    cutOff: () => transport.close(),
    end,
  };
}

describe('a lease election on a real API server', () => {
  it('has one leader at a time: one that stops hands over, one that is cut off loses', async (t) => {
    const [api, namespace] = [await real.api(t), await real.namespace(t)];
    const record = async () => {
      const lease = await api.read(LEASE, { namespace, name: 'quorate-operator' }, t.signal);
      return lease.kind === 'done' ? readLease(lease.value) : undefined;
    };
    const a = await aCandidate(t, namespace, 'a');
    await a.leading;
    const b = await aCandidate(t, namespace, 'b');
    a.stop();
    const bTerm = await b.leading;
    assert.deepEqual([await a.end, a.isLeader()], ['stopped', false]);
    assert.partialDeepStrictEqual(await record(), { holder: 'b', durationSeconds: 3, transitions: 1 });

    const c = await aCandidate(t, namespace, 'c');
    await b.cutOff();
    const lost = new Promise<string>((resolve) =>
      bTerm.signal.addEventListener('abort', () => resolve('b stops working')),
    );
    const first = await Promise.race([lost, c.leading.then(() => 'c leads')]);
    assert.equal(first, 'b stops working');
    assert.deepEqual([await b.end, b.isLeader()], ['lost', false]);
    await c.leading;
    assert.partialDeepStrictEqual(await record(), { holder: 'c', transitions: 2 });
  });

  it('lets two that come at once not both lead', async (t) => {
    const namespace = await real.namespace(t);
    const candidates = await Promise.all(['a', 'b', 'c'].map((name) => aCandidate(t, namespace, name)));
    for (let left = [...candidates]; left.length > 0; ) {
      await Promise.race(left.map((each) => each.leading));
      const leaders = left.filter((each) => each.isLeader());
      assert.equal(leaders.length, 1);
      leaders[0]?.stop();
      assert.equal(await leaders[0]?.end, 'stopped');
      left = left.filter((each) => each !== leaders[0]);
    }
  });
});
