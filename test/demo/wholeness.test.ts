import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { MemberBoard, SeenMember } from '../../src/demo/member-board.ts';
import { missingIn, proveWhole, type WantedMember } from '../../src/demo/wholeness.ts';
import type { Answer, MemberApi, MemberList } from '../../src/etcd/member-api.ts';
import type { Member } from '../../src/model/member.ts';
import { id } from '../support/a-member-view.ts';
import { anAgentStatus } from '../support/an-agent-status.ts';

function wanted(size: number): readonly WantedMember[] {
  return Array.from({ length: size }, (_, ordinal) => ({
    ordinal,
    name: `demo-${ordinal}`,
    clientUrl: `http://c${ordinal}`,
    peerUrl: `http://p${ordinal}`,
  }));
}

function serving(ordinal: number, change: Partial<SeenMember> = {}): SeenMember {
  return {
    ordinal,
    podUid: `uid-${ordinal}`,
    isDeleting: false,
    agentPid: 1,
    etcdPid: 2,
    etcdStartedAtMs: 0,
    etcdServesSinceMs: 0,
    status: anAgentStatus({ ordinal }),
    isStatusCurrent: true,
    ...change,
  };
}

function board(...members: readonly SeenMember[]): MemberBoard {
  return new Map(members.map((member) => [member.ordinal, member]));
}

test('nothing is missing where all wanted members serve and no other is left', () => {
  assert.deepEqual(missingIn(board(serving(0), serving(1)), wanted(2)), []);
  assert.deepEqual(missingIn(board(), []), []);
});

test('names each member that is missing, and why', () => {
  const cases: readonly (readonly [SeenMember | undefined, string])[] = [
    [undefined, 'there is no Pod'],
    [serving(0, { isDeleting: true }), 'the Pod is being deleted'],
    [serving(0, { agentPid: null }), 'its agent does not run'],
    [serving(0, { etcdPid: null }), 'its etcd does not run'],
    [serving(0, { isStatusCurrent: false }), 'its agent does not answer'],
    [serving(0, { status: null }), 'its agent does not answer'],
    [serving(0, { etcdStartedAtMs: Number.MAX_SAFE_INTEGER }), 'its etcd was started just now'],
    [
      serving(0, { status: anAgentStatus({ stage: 'catching-up' }) }),
      'settled (Serving): Serving as leader.',
    ],
  ];
  for (const [member, why] of cases) {
    assert.deepEqual(missingIn(member === undefined ? board() : board(member), wanted(1)), [
      `demo-0: ${why}`,
    ]);
  }
  assert.deepEqual(missingIn(board(serving(0), serving(3)), wanted(1)), ['member 3 is not gone yet']);
});

function member(ordinal: number, change: Partial<Member> = {}): Member {
  return {
    id: id(`${ordinal + 1}`),
    name: `demo-${ordinal}`,
    peerUrls: [`http://p${ordinal}`],
    clientUrls: [`http://c${ordinal}`],
    isLearner: false,
    ...change,
  };
}

function answering(lists: Readonly<Record<string, Answer<MemberList>>>): MemberApi {
  const refuse = (): never => {
    throw new Error('only lists are asked for');
  };
  return {
    listMembers: (clientUrl, linearizable) => {
      assert.equal(linearizable, true);
      return Promise.resolve(lists[clientUrl] ?? { kind: 'unknown', why: 'nobody there' });
    },
    addLearner: refuse,
    promote: refuse,
    remove: refuse,
    updatePeerUrl: refuse,
    moveLeader: refuse,
  };
}

function listed(members: readonly Member[], clusterId = id('c1')): Answer<MemberList> {
  return { kind: 'answered', value: { clusterId, members } };
}

test('proves a cluster whole that every member lists as exactly the wanted voters', async (t) => {
  const list = listed([member(0), member(1)]);
  const proof = await proveWhole(answering({ 'http://c0': list, 'http://c1': list }), wanted(2), t.signal);
  assert.deepEqual(proof, { kind: 'whole', clusterId: 'c1', voters: 2 });
});

test('does not take for whole what one member sees otherwise', async (t) => {
  const good = listed([member(0), member(1)]);
  const cases: readonly (readonly [Answer<MemberList>, RegExp])[] = [
    [{ kind: 'unknown', why: 'no leader' }, /^demo-1: no leader$/],
    [listed([member(0), member(1, { isLearner: true })]), /^demo-1: lists demo-1 as a learner$/],
    [listed([member(0), member(1), member(2)]), /^demo-1: lists 3 voters where 2 are wanted$/],
    [listed([member(0), member(1)], id('c2')), /^the members are of 2 clusters: c1, c2$/],
  ];
  for (const [odd, why] of cases) {
    const proof = await proveWhole(answering({ 'http://c0': good, 'http://c1': odd }), wanted(2), t.signal);
    assert.equal(proof.kind, 'not-yet');
    assert.match(proof.kind === 'not-yet' ? proof.why : '', why);
  }
});
