import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { EtcdClusterStatus, MemberStatus } from '../../../src/api/cluster-status.ts';
import {
  FIGURES_MS_MIN,
  ROWS_MS_MIN,
  statusChange,
  TEXT_MS_MIN,
} from '../../../src/operator/plan/status-change.ts';
import { anObservedCluster, NOW_MS } from '../../support/an-observed-cluster.ts';
import { aTroubledCluster } from './a-troubled-cluster.ts';

const fresh = anObservedCluster().status;
const written: EtcdClusterStatus = { ...fresh, lastUpdateTime: '2026-01-02T03:04:05Z' };

/** What is done about `after` so long after `written` was written. */
function changeAfter(ms: number, after: EtcdClusterStatus, before = written): string {
  const change = statusChange(before, after, NOW_MS + ms);
  return change.kind === 'later' ? `later ${change.afterMs}` : change.kind;
}

/** The same status, with the first member otherwise. */
function withMember(fields: Partial<MemberStatus>): EtcdClusterStatus {
  const [first = { name: 'demo-0' }, ...others] = fresh.members ?? [];
  return { ...fresh, members: [{ ...first, ...fields }, ...others] };
}

describe('a status', () => {
  it('is written the first time, and stamped', () => {
    assert.deepEqual(statusChange(undefined, fresh, NOW_MS), { kind: 'write', status: written });
  });

  it('is not written again while nothing changes', () => {
    assert.equal(changeAfter(0, fresh), 'none');
    assert.equal(changeAfter(10 * FIGURES_MS_MIN, fresh), 'none');
  });

  it('is written at once when what people wait for changes', () => {
    const { clusterID: _, ...formless } = fresh;
    for (const after of [
      { ...fresh, phase: 'Scaling' as const },
      { ...fresh, observedGeneration: 2 },
      { ...fresh, conditions: fresh.conditions?.map((each) => ({ ...each, reason: 'Other' })) ?? [] },
      formless,
    ]) {
      assert.equal(changeAfter(1, after), 'write');
    }
  });

  it('waits a moment where members come and go', () => {
    const { leader: _, ...leaderless } = fresh;
    for (const after of [
      { ...fresh, readyReplicas: 2 },
      withMember({ role: 'Voter' }),
      withMember({ reason: 'QuorumLost' }),
      { ...fresh, members: fresh.members?.slice(1) ?? [] },
      leaderless,
    ]) {
      assert.equal(changeAfter(100, after), `later ${ROWS_MS_MIN - 100}`);
      assert.equal(changeAfter(ROWS_MS_MIN, after), 'write');
    }
  });

  it('goes by when it was really written where that is known', () => {
    const after = { ...fresh, readyReplicas: 2 };
    assert.deepEqual(statusChange(written, after, NOW_MS + 900, NOW_MS + 800), {
      kind: 'later',
      afterMs: ROWS_MS_MIN - 100,
    });
  });

  it('waits a little where only sentences change', () => {
    for (const after of [
      { ...fresh, message: 'Another sentence.' },
      withMember({ message: '17 entries behind.' }),
      { ...fresh, conditions: fresh.conditions?.map((each) => ({ ...each, message: 'Other.' })) ?? [] },
    ]) {
      assert.equal(changeAfter(500, after), `later ${TEXT_MS_MIN - 500}`);
      assert.equal(changeAfter(TEXT_MS_MIN, after), 'write');
    }
  });

  it('waits long where only figures change', () => {
    for (const after of [withMember({ raftIndex: '1' }), withMember({ dbSizeBytes: 1 })]) {
      assert.equal(changeAfter(1_000, after), `later ${FIGURES_MS_MIN - 1_000}`);
      assert.equal(changeAfter(FIGURES_MS_MIN, after), 'write');
    }
  });

  it('is never written because agents were heard again, or words were of the same time', () => {
    const after = withMember({ observedAt: '2026-01-02T04:00:00Z', lagEntries: 7 });
    assert.equal(changeAfter(10 * FIGURES_MS_MIN, after), 'none');
  });

  it('carries all figures whenever it is written', () => {
    const after = { ...withMember({ raftIndex: '1', observedAt: 'then' }), phase: 'Scaling' as const };
    const change = statusChange(written, after, NOW_MS);
    assert.deepEqual(change.kind === 'write' ? change.status.members : undefined, after.members);
  });

  it('is compared without what others write, and in any order', () => {
    const others = {
      type: 'BackupReady',
      status: 'True',
      reason: 'Done',
      message: 'It is.',
      lastTransitionTime: '2026-01-01T00:00:00Z',
    } as const;
    const before = {
      lastBackupTime: '2026-01-01T00:00:00Z',
      ...written,
      members: fresh.members?.toReversed() ?? [],
      conditions: [others, ...(fresh.conditions?.toReversed() ?? [])],
    };
    assert.equal(changeAfter(0, fresh, before), 'none');
  });

  it('counts as old where it does not say when it was written, and as new where its clock is ahead', () => {
    const after = withMember({ raftIndex: '1' });
    assert.equal(changeAfter(0, after, fresh), 'write');
    assert.equal(changeAfter(-60_000, after), `later ${FIGURES_MS_MIN}`);
  });

  it('is written where the one before is not even complete', () => {
    assert.equal(changeAfter(0, fresh, {}), 'write');
    assert.equal(changeAfter(0, {}, {}), 'none');
  });

  it('is the same as itself for every cluster there can be', () => {
    fc.assert(
      fc.property(aTroubledCluster(), (cluster) => {
        const before = cluster.written();
        assert.equal(changeAfter(0, before.status, before.observed.cluster.status), 'none');
      }),
    );
  });
});
