import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { MemberStatus } from '../../../src/api/cluster-status.ts';
import { formed } from '../../support/a-member-view.ts';
import { anAgentStatus } from '../../support/an-agent-status.ts';
import {
  type AnObservedCluster,
  anObservedCluster,
  aPod,
  aRow,
  heard,
  NOW_MS,
} from '../../support/an-observed-cluster.ts';

/** Such as `demo-0 a0 Leader ready`. */
function rowsOf({ status }: AnObservedCluster): readonly string[] {
  return (status.members ?? []).map(({ name, id, role, ready }) =>
    [name, id ?? '-', role ?? '-', ready === true ? 'ready' : 'unready'].join(' '),
  );
}

function rowOf({ status }: AnObservedCluster, name: string): MemberStatus | undefined {
  return status.members?.find((row) => row.name === name);
}

const WHOLE = ['demo-0 a0 Leader ready', 'demo-1 a1 Voter ready', 'demo-2 a2 Voter ready'];

describe('the members in status', () => {
  it('are what their agents say', () => {
    assert.deepEqual(rowsOf(anObservedCluster()), WHOLE);
    assert.deepEqual(rowOf(anObservedCluster(), 'demo-1'), {
      name: 'demo-1',
      id: 'a1',
      peerURL: 'http://demo-1.demo-peer.default.svc.cluster.local:2380',
      clientURL: 'http://demo-1.demo-peer.default.svc.cluster.local:2379',
      role: 'Voter',
      ready: true,
      observedAt: '2026-01-02T03:04:05.678Z',
      reason: 'Serving',
      message: 'Serving as leader.',
      version: '3.6.16',
      dbSizeBytes: 20_480,
      raftIndex: '18446744073709551615',
      lagEntries: 0,
    });
  });

  it('are not ready as learners, whatever their Pods say', () => {
    const learning = anObservedCluster()
      .word(2, { etcd: { isLearner: true } })
      .listing(aRow(0), aRow(1), aRow(2, 'Learner'));
    assert.equal(rowsOf(learning)[2], 'demo-2 a2 Learner unready');
    assert.equal(learning.status.readyReplicas, 2);
  });

  it('are not ready while their Pods are being deleted', () => {
    const shrinking = anObservedCluster(5)
      .set({ replicas: 3 })
      .pod(3, { deleting: true })
      .pod(4, { deleting: true });
    assert.equal(shrinking.status.readyReplicas, 3);
    assert.equal(shrinking.status.currentReplicas, 5);
  });

  it('are ready beside a silent agent, with its last word and how old it is', () => {
    const silent = anObservedCluster().silent(1).later(3_600_000);
    assert.equal(rowsOf(silent)[1], 'demo-1 a1 Voter ready');
    assert.equal(rowOf(silent, 'demo-1')?.observedAt, '2026-01-02T03:04:05.678Z');
    assert.equal(rowOf(silent, 'demo-1')?.lagEntries, undefined);
  });

  it('are shown without a Pod as they are listed, with when they were heard last', () => {
    const gone = anObservedCluster().written().withoutPod(2).later(1_000);
    assert.deepEqual(rowsOf(gone).at(-1), 'demo-2 a2 Voter unready');
    assert.equal(rowOf(gone, 'demo-2')?.observedAt, '2026-01-02T03:04:05.678Z');
    assert.equal(rowOf(gone, 'demo-2')?.version, '3.6.16');
    assert.equal(rowOf(gone, 'demo-2')?.reason, undefined);
  });

  it('have no age where nobody ever heard them', () => {
    const row = rowOf(anObservedCluster().withoutPod(2), 'demo-2');
    assert.deepEqual([row?.observedAt, row?.version], [undefined, undefined]);
  });

  it('say nothing of another member’s last word', () => {
    const replaced = anObservedCluster()
      .written()
      .withoutPod(2)
      .listing(aRow(0), aRow(1), { ...aRow(2, 'Unstarted'), id: 'b2' });
    assert.equal(rowsOf(replaced)[2], 'demo-2 b2 Unstarted unready');
    assert.equal(rowOf(replaced, 'demo-2')?.observedAt, undefined);
  });

  it('begin with their Pods, without a claim', () => {
    const starting = anObservedCluster(1).pod(1, { ready: false, agent: { kind: 'never' } });
    assert.deepEqual(rowOf(starting, 'demo-1'), { name: 'demo-1', ready: false });
  });

  it('tell why Kubernetes cannot run them', () => {
    const row = rowOf(anObservedCluster().stuck(2, 'ImagePullBackOff'), 'demo-2');
    assert.deepEqual([row?.reason, row?.message], ['ImagePullBackOff', 'It cannot run']);
  });

  it('tell why their agents wait, shortened where that is long', () => {
    const row = rowOf(
      anObservedCluster()
        .gated(2, 'QuorumLost')
        .word(2, { decision: { message: 'x'.repeat(5_000) } }),
      'demo-2',
    );
    assert.equal(row?.reason, 'QuorumLost');
    assert.equal(row?.message?.length, 1_024);
  });

  it('are remembered in hibernation, and nobody leads', () => {
    const stopped = anObservedCluster().written().wanting({ size: 0 }).set({ replicas: 0 }).withoutPods();
    const expected = ['demo-0 a0 Voter unready', 'demo-1 a1 Voter unready', 'demo-2 a2 Voter unready'];
    assert.deepEqual(rowsOf(stopped), expected);
    assert.deepEqual(rowsOf(stopped.written().later(3_600_000)), expected);
    assert.equal(stopped.status.leaderID, undefined);
  });

  it('are not those of an earlier cluster of that name', () => {
    const other = anObservedCluster().written().withoutPods().remembering({ clusterID: 'cf' });
    assert.deepEqual(rowsOf(other), []);
  });

  it('are remembered without a role where none was told, and are none without an ID', () => {
    const remembered = anObservedCluster()
      .remembering({ members: [{ name: 'demo-0', id: 'a0' }, { name: 'demo-1' }] })
      .withoutPods();
    assert.deepEqual(rowsOf(remembered), ['demo-0 a0 - unready']);
  });

  it('are known by the host of their peer URL before they have a name, or else by their ID', () => {
    const joining = anObservedCluster(1).listing(
      aRow(0),
      aRow(1, 'Unstarted'),
      { ...aRow(2, 'Unstarted'), peerUrl: 'http://127.0.0.1:2380' },
      { ...aRow(3, 'Unstarted'), peerUrl: 'nonsense' },
    );
    assert.deepEqual(rowsOf(joining).slice(0, 2), ['a2 a2 Unstarted unready', 'a3 a3 Unstarted unready']);
    assert.deepEqual(rowsOf(joining).at(-1), 'demo-1 a1 Unstarted unready');
  });

  it('keep apart what bears one name', () => {
    const twice = anObservedCluster(1).listing(aRow(0), { ...aRow(0, 'Voter'), id: 'af' });
    assert.deepEqual(rowsOf(twice), ['af af Voter unready', 'demo-0 a0 Leader ready']);
  });

  it('are not believed to be what an agent says at the address of another Pod', () => {
    const mistaken = anObservedCluster().pod(2, { uid: 'another' });
    assert.equal(rowOf(mistaken, 'demo-2')?.raftIndex, undefined);
  });
});

describe('the list of members', () => {
  it('is that of the voter that has applied most', () => {
    const ahead = anObservedCluster()
      .word(0, { etcd: { raftAppliedIndex: '10' } })
      .word(1, { etcd: { raftAppliedIndex: '12' }, members: [aRow(0), aRow(1)] })
      .word(2, { etcd: { raftAppliedIndex: '11' } })
      .withoutPod(2);
    assert.deepEqual(rowsOf(ahead), WHOLE.slice(0, 2));
  });

  it('is the latest where nobody serves, and never an empty one', () => {
    const late = (ordinal: number, ageMs: number) => ({
      agent: { ...heard(anAgentStatus({ ordinal })), heardAtMs: NOW_MS - ageMs },
    });
    const down = anObservedCluster(2)
      .pod(0, late(0, 9_000))
      .pod(1, late(1, 5_000))
      .gated(0, 'QuorumLost', { members: [aRow(0), aRow(1), aRow(2)] })
      .gated(1, 'QuorumLost', { members: [aRow(0), aRow(1)] })
      .pod(2, { ...aPod(2) })
      .gated(2, 'QuorumLost', { members: [] });
    assert.equal(rowsOf(down).length, 3);
    assert.equal(rowsOf(down)[2], 'demo-2 - - unready');
  });

  it('is not that of a member in another cluster', () => {
    const foreign = anObservedCluster()
      .word(2, { etcd: { clusterId: 'cf', raftAppliedIndex: '99999999999999999999' }, members: [aRow(2)] })
      .withoutPod(1);
    assert.equal(rowsOf(foreign)[1], 'demo-1 a1 Voter unready');
  });
});

describe('the leader', () => {
  it('is whom the words of the highest term name, although its own agent is silent', () => {
    const elected = anObservedCluster()
      .silent(2)
      .word(0, { etcd: { leaderId: 'a0', raftTerm: '2' } })
      .word(1, { etcd: { leaderId: 'a2', raftTerm: '3' } });
    assert.deepEqual([elected.status.leaderID, elected.status.leader], ['a2', 'demo-2']);
    assert.deepEqual(
      rowsOf(elected).map((row) => row.split(' ')[2]),
      ['Voter', 'Voter', 'Leader'],
    );
  });

  it('is nobody while no word names one', () => {
    const electing = anObservedCluster(1).word(0, { etcd: { leaderId: null } });
    assert.deepEqual([electing.status.leaderID, electing.status.leader], [undefined, undefined]);
  });

  it('has no name where it has neither Pod nor row', () => {
    const alone = anObservedCluster(1).word(0, { etcd: { leaderId: 'af', raftTerm: 'none' } });
    assert.deepEqual([alone.status.leaderID, alone.status.leader], ['af', undefined]);
  });
});

describe('the lag of a member', () => {
  const behind = anObservedCluster(2)
    .word(0, { etcd: { raftIndex: '1000' } })
    .word(1, { etcd: { raftIndex: '990' } });
  const heardAt = (ageMs: number): AnObservedCluster => {
    const agent = behind.observed.pods[1]?.agent;
    return agent?.kind === 'heard'
      ? behind.pod(1, { agent: { ...agent, heardAtMs: NOW_MS - ageMs } })
      : behind;
  };

  it('is counted in raft entries, and never less than none', () => {
    assert.equal(rowOf(behind, 'demo-1')?.lagEntries, 10);
    assert.equal(rowOf(behind.word(1, { etcd: { raftIndex: '1001' } }), 'demo-1')?.lagEntries, 0);
  });

  it('is not told from words of different times, unless both say the same', () => {
    assert.equal(rowOf(heardAt(20_000), 'demo-1')?.lagEntries, undefined);
    assert.equal(rowOf(heardAt(20_000).word(1, { etcd: { raftIndex: '1000' } }), 'demo-1')?.lagEntries, 0);
  });

  it('is not told where an index is no number, or nobody leads', () => {
    assert.equal(rowOf(behind.word(1, { etcd: { raftIndex: '' } }), 'demo-1')?.lagEntries, undefined);
    assert.equal(
      rowOf(behind.silent(0).word(1, { etcd: { leaderId: null } }), 'demo-1')?.lagEntries,
      undefined,
    );
  });
});

describe('an operator that has just started', () => {
  const before = anObservedCluster().written();
  const unheard = [0, 1, 2].reduce(
    (cluster, ordinal) => cluster.pod(ordinal, { agent: { kind: 'never' } }),
    before,
  );

  it('says of members that serve what was written last, until it has asked', () => {
    assert.deepEqual(unheard.status, before.status);
  });

  it('claims nothing more of agents that were asked in vain', () => {
    const asked = [0, 1, 2].reduce(
      (cluster, ordinal) => cluster.pod(ordinal, { agent: { kind: 'never', askedSinceMs: NOW_MS } }),
      unheard,
    );
    assert.equal(asked.later(5_000).status.leaderID, 'a0');
    assert.equal(asked.later(5_001).status.leaderID, undefined);
    assert.equal(asked.later(5_001).condition('Degraded'), 'True AgentsSilent');
    assert.equal(rowOf(asked.later(5_001), 'demo-0')?.reason, undefined);
  });

  it('does not repeat what was said of a Pod that does not serve any more', () => {
    const row = rowOf(unheard.pod(1, { ready: false }), 'demo-1');
    assert.deepEqual([row?.ready, row?.reason], [false, undefined]);
  });

  it('starts from nothing where nothing was written for this cluster', () => {
    assert.deepEqual(rowsOf(unheard.unwritten().recorded(formed())), [
      'demo-0 - - ready',
      'demo-1 - - ready',
      'demo-2 - - ready',
    ]);
  });
});
