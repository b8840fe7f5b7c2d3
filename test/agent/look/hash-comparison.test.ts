import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { compareHashes, HashComparison } from '../../../src/agent/look/hash-comparison.ts';
import type { Answer, HashKv, MaintenanceApi } from '../../../src/etcd/member-api.ts';
import { aManualClock } from '../../support/a-clock.ts';
import { aFakeEtcd } from '../../support/fake-etcd.ts';

/** What one voter holds: the hash of each revision up to its latest. */
type Holding = {
  readonly latest: bigint;
  readonly hashes: (revision: bigint) => number;
  readonly compacted?: bigint;
};

const SAME = (revision: bigint): number => Number(revision) * 31;

function voters(holdings: Readonly<Record<string, Holding | 'silent'>>): MaintenanceApi {
  return {
    ...aFakeEtcd().maintenance,
    hashKv: async (url, revision): Promise<Answer<HashKv>> => {
      const holding = holdings[url];
      if (holding === undefined || holding === 'silent' || revision > holding.latest) {
        return { kind: 'unknown', why: 'no answer in time' };
      }
      const at = revision === 0n ? holding.latest : revision;
      return {
        kind: 'answered',
        value: {
          hash: holding.hashes(at),
          revision: holding.latest,
          compactRevision: holding.compacted ?? 1n,
        },
      };
    },
  };
}

describe('a comparison of hashes', () => {
  const verdictOf = (t: { signal: AbortSignal }, holdings: Parameters<typeof voters>[0]) =>
    compareHashes(voters(holdings), Object.keys(holdings), t.signal);

  it('is equal where all hold the same at the lowest revision all have', async (t) => {
    const holdings = {
      a: { latest: 9n, hashes: SAME },
      b: { latest: 7n, hashes: SAME },
      c: { latest: 8n, hashes: SAME },
    };
    assert.equal(await verdictOf(t, holdings), 'equal');
  });

  it('is unequal where one holds something else at that revision', async (t) => {
    const odd = { latest: 9n, hashes: () => 4 };
    assert.equal(await verdictOf(t, { a: { latest: 9n, hashes: SAME }, b: odd }), 'unequal');
  });

  it('is unknown while one voter is silent', async (t) => {
    assert.equal(await verdictOf(t, { a: { latest: 9n, hashes: SAME }, b: 'silent' }), 'unknown');
  });

  it('is unknown where they are compacted at different revisions', async (t) => {
    const compacted = { latest: 9n, hashes: () => 4, compacted: 5n };
    assert.equal(await verdictOf(t, { a: { latest: 9n, hashes: SAME }, b: compacted }), 'unknown');
  });

  it('is unknown where there is nobody to ask', async (t) => {
    assert.equal(await verdictOf(t, {}), 'unknown');
  });

  it('is unknown when it was given up between the two questions', async (t) => {
    const stop = new AbortController();
    const maintenance = voters({ a: { latest: 9n, hashes: SAME } });
    const impatient: MaintenanceApi = {
      ...maintenance,
      hashKv: async (url, revision, signal) => {
        const answer = await maintenance.hashKv(url, revision, signal);
        const late: Answer<HashKv> = { kind: 'unknown', why: 'given up' };
        const isLate = signal.aborted;
        stop.abort();
        return isLate ? late : answer;
      },
    };
    assert.equal(await compareHashes(impatient, ['a'], AbortSignal.any([stop.signal, t.signal])), 'unknown');
  });

  it('finds the lowest among revisions no number can hold', async (t) => {
    const huge = 2n ** 60n;
    const hashes = (revision: bigint): number => Number(revision - huge);
    assert.equal(
      await verdictOf(t, { a: { latest: huge + 1n, hashes }, b: { latest: huge, hashes } }),
      'equal',
    );
  });
});

describe('a comparison beside the loop', () => {
  function aComparison(maintenance: MaintenanceApi) {
    const clock = aManualClock();
    const ended = Promise.withResolvers<void>();
    const ends: string[] = [];
    const comparison: HashComparison = new HashComparison({
      maintenance,
      clock,
      onEnd: () => {
        ends.push(comparison.check.verdict);
        ended.resolve();
      },
    });
    return { clock, comparison, ends, ended: ended.promise };
  }

  const SAME_HELD = { a: { latest: 9n, hashes: SAME }, b: { latest: 7n, hashes: SAME } };
  const NEVER: MaintenanceApi = { ...voters({}), hashKv: () => new Promise(() => undefined) };

  it('is under way at once, and says later what came of it, and when', async (t) => {
    const { clock, comparison, ends, ended } = aComparison(voters(SAME_HELD));
    assert.deepEqual(comparison.check, { membershipKey: '', verdict: 'unknown', checkedAtMs: clock.nowMs() });
    comparison.start('a,b', ['a', 'b'], t.signal);
    assert.deepEqual([comparison.check.membershipKey, comparison.check.verdict], ['a,b', 'under-way']);
    clock.advance(5);
    await ended;
    const checkedAtMs = clock.nowMs();
    assert.deepEqual(comparison.check, { membershipKey: 'a,b', verdict: 'equal', checkedAtMs });
    assert.deepEqual(ends, ['equal']);
  });

  it('is as if it had never begun once it is given up', async (t) => {
    const { comparison, ends } = aComparison(NEVER);
    comparison.abandon();
    assert.deepEqual(ends, [], 'none was under way');
    comparison.start('a,b', ['a', 'b'], t.signal);
    comparison.abandon();
    assert.deepEqual([comparison.check.membershipKey, comparison.check.verdict], ['', 'unknown']);
    assert.deepEqual(ends, ['unknown']);
  });

  it('is of the voters asked for last, whatever the one before it still finds', async (t) => {
    const first = Promise.withResolvers<Answer<HashKv>>();
    const later = voters(SAME_HELD);
    const { comparison, ends, ended } = aComparison({
      ...later,
      hashKv: (url, revision, signal) =>
        url === 'slow' ? first.promise : later.hashKv(url, revision, signal),
    });
    comparison.start('slow', ['slow'], t.signal);
    comparison.start('a,b', ['a', 'b'], t.signal);
    await ended;
    first.resolve({ kind: 'unknown', why: 'given up' });
    await first.promise;
    assert.deepEqual([comparison.check.membershipKey, ends], ['a,b', ['equal']]);
  });

  it('is unknown when asking breaks', async (t) => {
    const broken: MaintenanceApi = { ...voters({}), hashKv: () => Promise.reject(new Error('a bug')) };
    const { comparison, ended } = aComparison(broken);
    comparison.start('a', ['a'], t.signal);
    await ended;
    assert.deepEqual([comparison.check.membershipKey, comparison.check.verdict], ['a', 'unknown']);
  });
});
