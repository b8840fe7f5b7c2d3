import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { inspect } from 'node:util';
import type { ChangeOutcome, MaintenanceApi, MemberApi, MemberList } from '../../src/etcd/member-api.ts';
import type { EtcdStatus } from '../../src/model/local-etcd.ts';
import { type EtcdId, learnersOf } from '../../src/model/member.ts';
import { until } from '../support/until-given.ts';

/** A cluster that the two ports are tried on: ordinal 0 runs alone, as a new cluster. */
export type EtcdUnderContract = {
  readonly members: MemberApi;
  readonly maintenance: MaintenanceApi;
  readonly clientUrl: (ordinal: number) => string;
  readonly peerUrl: (ordinal: number) => string;
  /** Of ordinal 0. */
  readonly name: string;
  /** Starts the registered member of `ordinal` and waits until its process is up. */
  readonly join: (ordinal: number) => Promise<void>;
  /** From now on the process of `ordinal` accepts and says nothing, until it is thawed. */
  readonly freeze: (ordinal: number) => void;
  readonly thaw: (ordinal: number) => void;
};

/** What every etcd does, whichever way it is asked. */
export function etcdApiContract(label: string, start: (t: TestContext) => Promise<EtcdUnderContract>): void {
  describe(`${label} keeps the contract of MemberApi and MaintenanceApi: it`, () => {
    it('says who it is and whom it lists, under one cluster ID', async (t) => {
      const etcd = await start(t);
      const list = await listOf(t, etcd, 0);
      const status = await statusOf(t, etcd, 0);
      assert.equal(list.clusterId, status.clusterId);
      assert.deepEqual(list.members, [
        {
          id: status.memberId,
          name: etcd.name,
          peerUrls: [etcd.peerUrl(0)],
          clientUrls: [etcd.clientUrl(0)],
          isLearner: false,
        },
      ]);
      assert.equal(status.leaderId, status.memberId);
      assert.equal(status.isLearner, false);
      assert.deepEqual(status.errors, []);
      assert.ok(status.raftIndex >= status.raftAppliedIndex && status.raftAppliedIndex > 0n);
      assert.ok(status.dbSizeBytes >= status.dbSizeInUseBytes && status.dbSizeInUseBytes > 0);
      const local = await etcd.members.listMembers(etcd.clientUrl(0), false, t.signal);
      assert.deepEqual(local, { kind: 'answered', value: list });
    });

    it('registers one learner, and refuses what cannot be', async (t) => {
      const etcd = await start(t);
      const { members } = etcd;
      const url = etcd.clientUrl(0);
      const self = (await statusOf(t, etcd, 0)).memberId;
      assert.deepEqual(await members.addLearner(url, etcd.peerUrl(1), t.signal), { kind: 'done' });
      const [learner] = learnersOf((await listOf(t, etcd, 0)).members);
      assert.ok(learner !== undefined);
      assert.deepEqual([learner.name, learner.peerUrls, learner.clientUrls], ['', [etcd.peerUrl(1)], []]);
      assert.equal(refusalOf(await members.addLearner(url, etcd.peerUrl(1), t.signal)), 'already-listed');
      assert.equal(refusalOf(await members.addLearner(url, etcd.peerUrl(2), t.signal)), 'too-many-learners');
      assert.equal(refusalOf(await members.promote(url, learner.id, t.signal)), 'learner-not-ready');
      assert.equal(refusalOf(await members.promote(url, self, t.signal)), 'not-a-learner');
      assert.equal(refusalOf(await members.moveLeader(url, learner.id, t.signal)), 'bad-transferee');
      assert.deepEqual(await members.remove(url, learner.id, t.signal), { kind: 'done' });
      assert.equal(refusalOf(await members.remove(url, learner.id, t.signal)), 'not-found');
      assert.equal(refusalOf(await members.promote(url, learner.id, t.signal)), 'not-found');
      assert.equal((await listOf(t, etcd, 0)).members.length, 1);
    });

    it('promotes a learner that is in sync, and lets leadership move to it', async (t) => {
      const etcd = await start(t);
      const { members } = etcd;
      const first = (await statusOf(t, etcd, 0)).memberId;
      const second = await joinedLearner(t, etcd, 1);
      assert.equal((await statusOf(t, etcd, 1)).isLearner, true);
      const early = await members.addLearner(etcd.clientUrl(1), etcd.peerUrl(2), t.signal);
      assert.equal(refusalOf(early), 'learner-cannot');
      assert.equal(
        (await members.listMembers(etcd.clientUrl(1), true, t.signal)).kind,
        'unknown',
        'a learner answers no linearizable list',
      );
      await promoted(t, etcd, second);
      const door = await members.addLearner(etcd.clientUrl(0), etcd.peerUrl(2), t.signal);
      assert.equal(refusalOf(door), 'unhealthy-cluster', 'the door is shut for 5 s');
      assert.deepEqual(await members.moveLeader(etcd.clientUrl(0), second, t.signal), { kind: 'done' });
      assert.equal((await statusOf(t, etcd, 0)).leaderId, second);
      assert.equal(refusalOf(await members.moveLeader(etcd.clientUrl(0), first, t.signal)), 'not-leader');
    });

    it('gives a member another peer URL, and the same again, but nobody else’s', async (t) => {
      const etcd = await start(t);
      const { members } = etcd;
      const self = (await statusOf(t, etcd, 0)).memberId;
      const second = await joinedLearner(t, etcd, 1);
      const update = (member: EtcdId, url: string) =>
        members.updatePeerUrl(etcd.clientUrl(0), member, url, t.signal);
      for (const url of [etcd.peerUrl(3), etcd.peerUrl(3), etcd.peerUrl(0)]) {
        assert.deepEqual(await update(self, url), { kind: 'done' });
        const list = await listOf(t, etcd, 0);
        assert.deepEqual(list.members.find(({ id }) => id === self)?.peerUrls, [url]);
      }
      assert.equal(refusalOf(await update(self, etcd.peerUrl(1))), 'already-listed');
      const early = await members.updatePeerUrl(etcd.clientUrl(1), second, etcd.peerUrl(1), t.signal);
      assert.equal(refusalOf(early), 'learner-cannot');
      assert.deepEqual(await members.remove(etcd.clientUrl(0), second, t.signal), { kind: 'done' });
      assert.equal(refusalOf(await update(second, etcd.peerUrl(2))), 'not-found');
    });

    it('says unknown of a change that no quorum confirms, within its own deadline', async (t) => {
      const etcd = await start(t);
      const second = await joinedLearner(t, etcd, 1);
      await promoted(t, etcd, second);
      etcd.freeze(1);
      const list = await etcd.members.listMembers(etcd.clientUrl(0), true, t.signal);
      assert.equal(list.kind, 'unknown');
      const local = await etcd.members.listMembers(etcd.clientUrl(0), false, t.signal);
      assert.equal(local.kind, 'answered');
      const moved = await etcd.members.moveLeader(etcd.clientUrl(0), second, t.signal);
      assert.equal(moved.kind, 'unknown', 'a time-out is no refusal');
      etcd.thaw(1);
      await until(
        async () => (await etcd.members.listMembers(etcd.clientUrl(0), true, t.signal)).kind === 'answered',
      );
    });

    it('says unknown of a member that is silent or gone, however often it is asked', async (t) => {
      const etcd = await start(t);
      etcd.freeze(0);
      assert.equal((await etcd.maintenance.status(etcd.clientUrl(0), t.signal)).kind, 'unknown');
      assert.equal((await etcd.members.listMembers(etcd.clientUrl(0), true, t.signal)).kind, 'unknown');
      const added = await etcd.members.addLearner(etcd.clientUrl(0), etcd.peerUrl(1), t.signal);
      assert.equal(added.kind, 'unknown');
      for (const ordinal of [0, 9, 0, 9, 0, 9, 0, 9]) {
        assert.equal((await etcd.maintenance.status(etcd.clientUrl(ordinal), t.signal)).kind, 'unknown');
      }
      etcd.thaw(0);
      await until(
        async () => (await etcd.maintenance.status(etcd.clientUrl(0), t.signal)).kind === 'answered',
      );
    });

    it('says unknown at once when it is aborted', async (t) => {
      const etcd = await start(t);
      etcd.freeze(0);
      const givenUp = new AbortController();
      const pending = [
        etcd.members.listMembers(etcd.clientUrl(0), true, givenUp.signal),
        etcd.members.addLearner(etcd.clientUrl(0), etcd.peerUrl(1), givenUp.signal),
        etcd.maintenance.hashKv(etcd.clientUrl(0), 0n, givenUp.signal),
      ];
      givenUp.abort();
      for (const answer of await Promise.all(pending)) {
        assert.equal(answer.kind, 'unknown');
      }
      const late = await etcd.members.listMembers(etcd.clientUrl(0), true, AbortSignal.abort());
      assert.equal(late.kind, 'unknown');
      etcd.thaw(0);
    });

    it('hashes what it holds, equal on all members at one revision', async (t) => {
      const etcd = await start(t);
      await promoted(t, etcd, await joinedLearner(t, etcd, 1));
      const first = await etcd.maintenance.hashKv(etcd.clientUrl(0), 0n, t.signal);
      assert.ok(first.kind === 'answered');
      const { revision } = first.value;
      const second = await etcd.maintenance.hashKv(etcd.clientUrl(1), revision, t.signal);
      assert.deepEqual(second, first);
      const future = await etcd.maintenance.hashKv(etcd.clientUrl(0), revision + 1_000n, t.signal);
      assert.equal(future.kind, 'unknown', 'nobody has a hash of a revision that is yet to come');
    });

    it('defragments', async (t) => {
      const etcd = await start(t);
      assert.equal((await etcd.maintenance.defragment(etcd.clientUrl(0), t.signal)).kind, 'answered');
    });
  });
}

/** Registers and starts the member of `ordinal`, and waits until it lists itself as started. */
export async function joinedLearner(
  t: TestContext,
  etcd: EtcdUnderContract,
  ordinal: number,
): Promise<EtcdId> {
  const added = await etcd.members.addLearner(etcd.clientUrl(0), etcd.peerUrl(ordinal), t.signal);
  assert.deepEqual(added, { kind: 'done' });
  await etcd.join(ordinal);
  let found: EtcdId | undefined;
  await until(async () => {
    const { members } = await listOf(t, etcd, 0);
    const learner = members.find((member) => member.peerUrls.includes(etcd.peerUrl(ordinal)));
    found = learner?.name === '' ? undefined : learner?.id;
    const status = await etcd.maintenance.status(etcd.clientUrl(ordinal), t.signal);
    return found !== undefined && status.kind === 'answered';
  });
  assert.ok(found !== undefined);
  return found;
}

/** Promotes `learner` as soon as etcd finds it in sync. */
export async function promoted(t: TestContext, etcd: EtcdUnderContract, learner: EtcdId): Promise<void> {
  await until(async () => {
    const outcome = await etcd.members.promote(etcd.clientUrl(0), learner, t.signal);
    assert.ok(outcome.kind !== 'refused' || outcome.refusal === 'learner-not-ready', inspect(outcome));
    return outcome.kind === 'done';
  });
  await until(async () => !(await statusOf(t, etcd, 1)).isLearner);
}

export async function listOf(t: TestContext, etcd: EtcdUnderContract, ordinal: number): Promise<MemberList> {
  const answer = await etcd.members.listMembers(etcd.clientUrl(ordinal), true, t.signal);
  assert.ok(answer.kind === 'answered', inspect(answer));
  return answer.value;
}

export async function statusOf(
  t: TestContext,
  etcd: EtcdUnderContract,
  ordinal: number,
): Promise<EtcdStatus> {
  const answer = await etcd.maintenance.status(etcd.clientUrl(ordinal), t.signal);
  assert.ok(answer.kind === 'answered', inspect(answer));
  return answer.value;
}

/** What etcd refused for; everything else in its own words, which are equal to no refusal. */
export function refusalOf(outcome: ChangeOutcome): string {
  return outcome.kind === 'refused' ? outcome.refusal : inspect(outcome);
}
