/** Whether enough data is left, and wanted, for a quorum to come back by itself. */
import { type EtcdId, quorumOf } from '../../src/model/member.ts';
import { ORDINAL_MAX } from '../../src/model/naming.ts';
import type { DataDir } from './etcd-log.ts';
import { truthOf } from './etcd-state.ts';
import type { World } from './world.ts';

/** Whether a majority would keep sound data if `ordinal` lost its own. */
export function mayLoseDisk(world: World, ordinal: number): boolean {
  const isForming = world.kube.api.record?.phase !== 'Formed' && world.kube.formedBefore === undefined;
  return isForming || hasSoundQuorum(world, ORDINAL_MAX + 1, ordinal);
}

/** Whether the cluster can become `size` members without anybody's help. */
export function canRecover(world: World, size: number): boolean {
  const { record } = world.kube.api;
  switch (record?.phase) {
    case 'Unformed':
      return size > 0;
    case 'Forming':
      return record.seed.ordinal < size && isSeedSound(world, record.seed.ordinal);
    case 'Formed':
      return hasSoundQuorum(world, size, undefined);
    default:
      return false;
  }
}

/** The smallest size at which a quorum can come back; undefined when data is lost for good. */
export function sizeNeeded(world: World): number | undefined {
  for (let size = 1; size <= ORDINAL_MAX + 1; size++) {
    if (canRecover(world, size)) {
      return size;
    }
  }
  return undefined;
}

/** A seed with torn data may be the only copy of something: a human decides. */
function isSeedSound(world: World, ordinal: number): boolean {
  return (world.kube.volumes[ordinal]?.data?.damage ?? 'none') === 'none';
}

/** Somebody holds all that was ever committed, and the voters it knows of are enough to elect it. */
function hasSoundQuorum(world: World, size: number, without: number | undefined): boolean {
  const data = world.kube.volumes
    .slice(0, size)
    .flatMap((volume, ordinal) => (ordinal === without || !isSound(volume?.data) ? [] : [volume?.data]));
  return data.some((candidate) => candidate != null && canLead(world, candidate, data));
}

function isSound(data: DataDir | null | undefined): boolean {
  return data != null && data.damage === 'none';
}

function canLead(world: World, candidate: DataDir, data: readonly (DataDir | null | undefined)[]): boolean {
  const { record } = world.kube.api;
  const { committed, membership } = truthOf(world, candidate.clusterId);
  const last = committed.length - 1;
  const formed = record?.phase === 'Formed' ? record.clusterId : world.kube.formedBefore;
  if (formed !== candidate.clusterId) {
    return false;
  }
  const { voterIds } = candidate.membership;
  // Whoever is known to be removed is told so by its peers, and stops.
  const isOusted = (id: EtcdId): boolean => data.some((other) => other?.membership.removed.has(id));
  const holders = voterIds.filter((id) => !isOusted(id) && data.some((other) => other?.memberId === id));
  return (
    candidate.log[last] === committed[last] &&
    membership.voterIds.includes(candidate.memberId) &&
    voterIds.includes(candidate.memberId) &&
    holders.length >= quorumOf(voterIds.length)
  );
}
