import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import {
  type ElectionEnd,
  type ElectionNews,
  runLeaseElection,
  type Term,
} from '../../../src/operator/election/lease-election.ts';
import { readLease } from '../../../src/operator/election/lease-record.ts';
import { aManualTime, type ManualTime } from '../a-manual-time.ts';
import { type FakeMode, type FakeRecords, fakeRecords } from './fake-records.ts';

const NAME = 'quorate-operator';

/** A process that runs for leader. */
type Candidate = {
  readonly news: ElectionNews[];
  readonly term: () => Term | undefined;
  readonly stop: AbortController;
  /** Ends the work of a leader by itself. */
  readonly endWork: (error?: Error) => void;
  readonly end: Promise<ElectionEnd>;
  readonly ended: () => ElectionEnd | undefined;
};

type CandidateOptions = {
  readonly random?: number;
  /** Whether the work ends when its signal fires, as it should. */
  readonly isObedient?: boolean;
};

function aCandidate(
  t: TestContext,
  identity: string,
  leases: FakeRecords,
  time: ManualTime,
  options: CandidateOptions = {},
): Candidate {
  const news: ElectionNews[] = [];
  const stop = new AbortController();
  const work = Promise.withResolvers<void>();
  let term: Term | undefined;
  let ended: ElectionEnd | undefined;
  const { random = 0, isObedient = true } = options;
  const end = runLeaseElection(
    {
      leases,
      namespace: 'system',
      name: NAME,
      identity,
      clock: time,
      random: () => random,
      pause: time.pause,
      onNews: (each) => news.push(each),
    },
    (begun) => {
      term = begun;
      if (isObedient) {
        begun.signal.addEventListener('abort', () => work.resolve());
      }
      return work.promise;
    },
    stop.signal,
  ).then((how) => {
    ended = how;
    return how;
  });
  end.catch(() => {});
  t.after(() => {
    work.resolve();
    stop.abort();
  });
  return {
    news,
    stop,
    end,
    term: () => term,
    ended: () => ended,
    endWork: (error) => (error === undefined ? work.resolve() : work.reject(error)),
  };
}

function recordOf(leases: FakeRecords) {
  const lease = leases.get(NAME);
  return lease === undefined ? undefined : readLease(lease);
}

describe('a lease election', () => {
  it('makes the first one leader, who renews every five seconds', async (t) => {
    const [leases, time] = [fakeRecords(), aManualTime()];
    const a = aCandidate(t, 'a', leases, time);
    await time.advance(0);
    assert.deepEqual(a.news, [{ kind: 'leading' }]);
    assert.equal(a.term()?.isHeld(), true);
    const first = recordOf(leases);
    assert.partialDeepStrictEqual(first, { holder: 'a', durationSeconds: 15, transitions: 0 });
    assert.match(first?.renewTime ?? '', /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/);
    leases.calls.length = 0;
    await time.advance(10_000);
    assert.deepEqual(leases.calls, Array(2).fill(`update ${NAME}`), 'no reads while all is well');
    assert.equal(recordOf(leases)?.acquireTime, first?.acquireTime);
  });

  it('keeps the others waiting while the leader renews', async (t) => {
    const [leases, time] = [fakeRecords(), aManualTime()];
    const a = aCandidate(t, 'a', leases, time);
    await time.advance(0);
    const b = aCandidate(t, 'b', leases, time);
    await time.advance(120_000);
    assert.equal(b.term(), undefined);
    assert.deepEqual(b.news, [{ kind: 'following', holder: 'a' }]);
    assert.equal(a.term()?.signal.aborted, false);
  });

  it('hands over at once when the leader stops: work first, then the Lease', async (t) => {
    const [leases, time] = [fakeRecords(), aManualTime()];
    const a = aCandidate(t, 'a', leases, time, { isObedient: false });
    await time.advance(0);
    const b = aCandidate(t, 'b', leases, time);
    await time.advance(0);
    a.stop.abort();
    assert.equal(a.term()?.signal.aborted, true, 'the work is told at once');
    await time.advance(1);
    assert.equal(recordOf(leases)?.holder, 'a', 'it is not over yet');
    a.endWork();
    await time.advance(0);
    assert.equal(await a.end, 'stopped');
    assert.partialDeepStrictEqual(recordOf(leases), { holder: '', durationSeconds: 1 });
    await time.advance(2_000);
    assert.deepEqual(b.news.at(-1), { kind: 'leading' });
    assert.equal(recordOf(leases)?.transitions, 1);
  });

  it('does not hand over while the work goes on in spite of being told', async (t) => {
    const [leases, time] = [fakeRecords(), aManualTime()];
    const a = aCandidate(t, 'a', leases, time, { isObedient: false });
    await time.advance(0);
    a.stop.abort();
    await time.advance(10_000);
    assert.equal(a.ended(), 'stopped');
    assert.equal(recordOf(leases)?.holder, 'a', 'the Lease runs out by itself');
  });

  it('hands over a dead leader’s Lease when it has not changed for its duration by our own clock', async (t) => {
    const [leases, time] = [fakeRecords(), aManualTime()];
    await aliveOnce(t, leases, time);
    // However wrong the dead one's clock was, its times mean nothing.
    const lease = leases.get(NAME);
    assert.ok(lease !== undefined);
    const spec = { ...Object(lease['spec']), renewTime: '2099-01-01T00:00:00.000000Z' };
    leases.put(NAME, { ...lease, spec });
    const b = aCandidate(t, 'b', leases, time);
    await time.advance(14_000);
    assert.equal(b.term(), undefined);
    await time.advance(2_000);
    assert.equal(b.term()?.isHeld(), true);
  });

  it('ends when the work ends by itself, and hands on what it throws', async (t) => {
    const [leases, time] = [fakeRecords(), aManualTime()];
    const a = aCandidate(t, 'a', leases, time);
    await time.advance(0);
    a.endWork(new Error('a bug'));
    await assert.rejects(Promise.all([a.end, time.advance(0)]), /a bug/);
    assert.equal(recordOf(leases)?.holder, '');
  });

  it('does not begin when it was told to stop before', async (t) => {
    const [leases, time] = [fakeRecords(), aManualTime()];
    const a = aCandidate(t, 'a', leases, time);
    a.stop.abort();
    await time.advance(0);
    assert.equal(await a.end, 'stopped');
    assert.equal(a.term(), undefined);
  });
});

describe('a leader in trouble', () => {
  it('stops working ten seconds after its last renewal when nobody answers, before others may lead', async (t) => {
    const [leases, time] = [fakeRecords(), aManualTime()];
    const a = aCandidate(t, 'a', leases, time);
    await time.advance(1_999);
    leases.mode = 'silent';
    await time.advance(8_000);
    assert.equal(a.term()?.signal.aborted, false);
    await time.advance(1);
    assert.equal(a.term()?.signal.aborted, true);
    assert.equal(a.term()?.isHeld(), false);
    assert.equal(await a.end, 'lost');
    assert.equal(a.news.at(-1)?.kind, 'lost');
  });

  it('goes on when the API server comes back in time', async (t) => {
    const [leases, time] = [fakeRecords(), aManualTime()];
    const a = aCandidate(t, 'a', leases, time);
    await time.advance(0);
    leases.mode = { kind: 'unknown', why: 'connection refused' };
    await time.advance(7_900);
    leases.mode = 'well';
    await time.advance(60_000);
    assert.equal(a.term()?.isHeld(), true);
    assert.ok(a.news.some((each) => each.kind === 'attempt-failed' && each.why === 'connection refused'));
  });

  it('goes on when its write was done and no answer came', async (t) => {
    const [leases, time] = [fakeRecords(), aManualTime()];
    const a = aCandidate(t, 'a', leases, time);
    await time.advance(0);
    leases.mode = 'done-unheard';
    await time.advance(3_000);
    leases.mode = 'well';
    await time.advance(30_000);
    assert.equal(a.term()?.isHeld(), true);
    assert.equal(recordOf(leases)?.transitions, 0);
  });

  it('stops at once when it sees that another leads', async (t) => {
    const [leases, time] = [fakeRecords(), aManualTime()];
    const a = aCandidate(t, 'a', leases, time);
    await time.advance(0);
    const lease = leases.get(NAME);
    assert.ok(lease !== undefined);
    leases.put(NAME, { ...lease, spec: { ...Object(lease['spec']), holderIdentity: 'b' } });
    await time.advance(5_000);
    assert.equal(a.term()?.signal.aborted, true);
    assert.equal(await a.end, 'lost');
    assert.equal(recordOf(leases)?.holder, 'b');
  });

  it('keeps a Lease that somebody edited or deleted meanwhile', async (t) => {
    const [leases, time] = [fakeRecords(), aManualTime()];
    const a = aCandidate(t, 'a', leases, time);
    await time.advance(0);
    const lease = leases.get(NAME);
    assert.ok(lease !== undefined);
    const metadata = { ...lease.metadata, labels: { by: 'hand' } };
    leases.put(NAME, {
      ...lease,
      metadata,
      spec: { ...Object(lease['spec']), strategy: 'OldestEmulationVersion' },
    });
    await time.advance(2_000);
    assert.deepEqual(leases.get(NAME)?.metadata.labels, { by: 'hand' });
    assert.partialDeepStrictEqual(leases.get(NAME)?.['spec'], { strategy: 'OldestEmulationVersion' });
    leases.put(NAME, undefined);
    await time.advance(4_000);
    assert.equal(recordOf(leases)?.holder, 'a');
    assert.equal(a.term()?.isHeld(), true);
  });
});

describe('two candidates', () => {
  it('never lead at the same time, whatever the API server does', async (t) => {
    let terms = 0;
    for (let seed = 1; seed <= 20; seed++) {
      terms += await contend(t, generator(seed));
    }
    assert.ok(terms > 20, 'leaders lost the Lease and others took it');
  });
});

/** Two candidates under a random API server; how many elections ended. Fails if both ever lead. */
async function contend(t: TestContext, random: () => number): Promise<number> {
  const [leases, time] = [fakeRecords(), aManualTime()];
  const candidates = [aCandidate(t, 'a', leases, time), aCandidate(t, 'b', leases, time, { random: 0.9 })];
  let ended = 0;
  for (let step = 0; step < 150; step++) {
    leases.mode = aMode(random());
    await time.advance(Math.floor(random() * 6_000));
    const leaders = candidates.filter((each) => each.term()?.isHeld() === true);
    assert.ok(leaders.length <= 1, `step ${step}`);
    for (const index of candidates.keys()) {
      if (candidates[index]?.ended() !== undefined) {
        ended += 1;
        candidates[index] = aCandidate(t, `${index}-${step}`, leases, time);
      }
    }
  }
  return ended;
}

function aMode(dice: number): FakeMode {
  if (dice < 0.6) {
    return 'well';
  }
  if (dice < 0.75) {
    return 'silent';
  }
  return dice < 0.9 ? 'done-unheard' : { kind: 'unknown', why: 'connection refused' };
}

/** A process that took the Lease and died. */
async function aliveOnce(t: TestContext, leases: FakeRecords, time: ManualTime): Promise<void> {
  const dead = aCandidate(t, 'dead', leases, time);
  await time.advance(0);
  leases.mode = { kind: 'unknown', why: 'dead' };
  dead.stop.abort();
  await time.advance(0);
  assert.equal(await dead.end, 'stopped');
  leases.mode = 'well';
  assert.equal(recordOf(leases)?.holder, 'dead');
}

/** mulberry32: a small generator of numbers in [0, 1) that the seed determines. */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
