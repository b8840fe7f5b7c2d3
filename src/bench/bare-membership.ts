/**
 * Membership changes of bare etcd, made by hand in the fastest order that is correct: all learners are
 * added at once where etcd allows it, each is started after the one before it answers on its peer port,
 * and each is promoted as soon as it has caught up. Leavers go highest first, after the leader was moved
 * off them. A lost member is removed before it is added again, and never started under its old ID.
 */
import type { ChangeOutcome, MemberList } from '../etcd/member-api.ts';
import type { EtcdId } from '../model/member.ts';
import { clientUrlOf, peerUrlOf } from '../model/naming.ts';
import { pause } from '../runtime/abort.ts';
import type { BareCluster } from './bare-cluster.ts';
import { idOf, leaderAmong, seatLeader } from './seat-leader.ts';
import { memberOf } from './until-listed.ts';

/** A learner that just started is in sync within some tens of ms; asking costs one round. */
const RETRY_MS = 20;

/** Makes members of `ordinals`, whose disks are empty, and resolves once the last is a voter. */
export async function joinBare(
  cluster: BareCluster,
  ordinals: readonly number[],
  signal: AbortSignal,
): Promise<void> {
  const rest = [...ordinals];
  while (rest.length > 0) {
    await joinAtOnce(cluster, rest.splice(0, cluster.ground.maxLearners), signal);
  }
}

/** Takes the members above the lowest `size` out of the list; their processes end by themselves. */
export async function leaveBare(cluster: BareCluster, size: number, signal: AbortSignal): Promise<void> {
  const { names, access } = cluster;
  const staying = cluster.ordinals.filter((ordinal) => ordinal < size);
  const leaving = cluster.ordinals.filter((ordinal) => ordinal >= size).reverse();
  cluster.serve(staying);
  if ((await leaderAmong(cluster, cluster.ordinals, signal)) >= size) {
    await seatLeader(cluster, cluster.ordinals, 0, signal);
  }
  const leader = await leaderAmong(cluster, staying, signal);
  for (const ordinal of leaving) {
    const id = await knownIdOf(cluster, ordinal, leader, signal);
    await changeUntil(
      cluster,
      leader,
      () => access.members.remove(clientUrlOf(names, leader), id, signal),
      (list) => memberOf(list, names, ordinal) === undefined,
      signal,
    );
  }
}

/** Kills the member of `ordinal`, loses its disk and resolves once its replacement is a voter. */
export async function replaceBare(
  cluster: BareCluster,
  ordinal: number,
  id: EtcdId,
  signal: AbortSignal,
): Promise<void> {
  const { names, access } = cluster;
  await cluster.lose(ordinal);
  const leader = await leaderAmong(cluster, cluster.ordinals, signal);
  await changeUntil(
    cluster,
    leader,
    () => access.members.remove(clientUrlOf(names, leader), id, signal),
    (list) => memberOf(list, names, ordinal)?.id !== id,
    signal,
  );
  await joinBare(cluster, [ordinal], signal);
}

async function joinAtOnce(
  cluster: BareCluster,
  ordinals: readonly number[],
  signal: AbortSignal,
): Promise<void> {
  const { names, access } = cluster;
  const before = cluster.ordinals;
  const leader = await leaderAmong(cluster, before, signal);
  const leaderUrl = clientUrlOf(names, leader);
  for (const ordinal of ordinals) {
    await changeUntil(
      cluster,
      leader,
      () => access.members.addLearner(leaderUrl, peerUrlOf(names, ordinal), signal),
      (list) => memberOf(list, names, ordinal) !== undefined,
      signal,
    );
  }
  const listed = [...before, ...ordinals];
  for (const ordinal of ordinals) {
    await cluster.startAndHear({ ordinal, state: 'existing', listed }, signal);
  }
  for (const ordinal of ordinals) {
    const id = await knownIdOf(cluster, ordinal, leader, signal);
    await changeUntil(
      cluster,
      leader,
      () => access.members.promote(leaderUrl, id, signal),
      (list) => memberOf(list, names, ordinal)?.isLearner === false,
      signal,
    );
  }
  cluster.serve(cluster.ordinals);
}

/** Makes a change until it is done, or until the list shows that it was although no answer said so. */
async function changeUntil(
  { names, access }: BareCluster,
  through: number,
  change: () => Promise<ChangeOutcome>,
  isDone: (list: MemberList) => boolean,
  signal: AbortSignal,
): Promise<void> {
  for (;;) {
    const outcome = await change();
    if (outcome.kind === 'done') {
      return;
    }
    const seen = await access.members.listMembers(clientUrlOf(names, through), true, signal);
    if (seen.kind === 'answered' && isDone(seen.value)) {
      return;
    }
    signal.throwIfAborted();
    await pause(RETRY_MS, signal);
  }
}

async function knownIdOf(
  cluster: BareCluster,
  ordinal: number,
  through: number,
  signal: AbortSignal,
): Promise<EtcdId> {
  for (;;) {
    const id = await idOf(cluster, ordinal, through, signal);
    if (id !== undefined) {
      return id;
    }
    signal.throwIfAborted();
    await pause(RETRY_MS, signal);
  }
}
