/** Who leads a cluster under measurement, and making somebody else lead. */
import { findLeader } from '../demo/choose-member.ts';
import type { EtcdId } from '../model/member.ts';
import { clientUrlOf } from '../model/naming.ts';
import { pause } from '../runtime/abort.ts';
import type { TestCluster } from './test-cluster.ts';
import { memberOf } from './until-listed.ts';

type Place = Pick<TestCluster, 'names' | 'access'>;

/** An election takes 1 to 2 s; asking costs a millisecond. */
const LOOK_MS = 20;

/**
 * The ordinal of the leader among `ordinals`, as soon as there is one.
 *
 * @throws the reason of `signal` when that fires before
 */
export async function leaderAmong(
  { names, access }: Place,
  ordinals: readonly number[],
  signal: AbortSignal,
): Promise<number> {
  const among = ordinals.map((ordinal) => ({ ordinal, clientUrl: clientUrlOf(names, ordinal) }));
  for (;;) {
    const leader = await findLeader(among, access.maintenance, signal);
    if (leader !== undefined) {
      return leader;
    }
    signal.throwIfAborted();
    await pause(LOOK_MS, signal);
  }
}

/**
 * Makes the member of `ordinal` lead.
 *
 * @throws the reason of `signal` when that fires before it does
 */
export async function seatLeader(
  place: Place,
  ordinals: readonly number[],
  ordinal: number,
  signal: AbortSignal,
): Promise<void> {
  for (;;) {
    const leader = await leaderAmong(place, ordinals, signal);
    if (leader === ordinal) {
      return;
    }
    const target = await idOf(place, ordinal, leader, signal);
    if (target !== undefined) {
      await place.access.members.moveLeader(clientUrlOf(place.names, leader), target, signal);
    }
    await pause(LOOK_MS, signal);
  }
}

/** The ID of the member of `ordinal`, as the member of ordinal `through` has it; undefined when unknown. */
export async function idOf(
  { names, access }: Place,
  ordinal: number,
  through: number,
  signal: AbortSignal,
): Promise<EtcdId | undefined> {
  const answer = await access.members.listMembers(clientUrlOf(names, through), true, signal);
  return answer.kind === 'answered' ? memberOf(answer.value, names, ordinal)?.id : undefined;
}
