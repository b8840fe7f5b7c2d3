import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { compareHashes } from '../../src/agent/hash-comparison.ts';
import type { Answer, HashKv, MaintenanceApi } from '../../src/etcd/member-api.ts';
import { aFakeEtcd } from '../support/fake-etcd.ts';

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
