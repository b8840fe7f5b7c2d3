/** What several judgements ask of the world. */
import type { EtcdId } from '../../src/model/member.ts';
import { confirmsLeadership } from './etcd-election.ts';
import { type ClusterTruth, procOf } from './etcd-state.ts';
import type { Volume } from './kube-state.ts';
import type { World } from './world.ts';

/** Whether the member's process runs now or did so at some instant since `sinceMs`. */
export function wasAlive(world: World, cluster: ClusterTruth, id: EtcdId, sinceMs: number): boolean {
  const proc = procOf(world, cluster.id, id);
  const isUp = proc !== undefined && !proc.isPaused;
  return isUp || (cluster.lastAliveMs.get(id) ?? -1) >= sinceMs;
}

/** Whether the volume holds sound data of member `id`. */
export function holdsData(volume: Volume | undefined, id: EtcdId): boolean {
  return volume?.data?.memberId === id && volume.data.damage === 'none';
}

/** Whether a quorum served now or at some instant since `sinceMs`. */
export function hadQuorum(world: World, cluster: ClusterTruth, sinceMs: number): boolean {
  return (
    cluster.quorumSeenMs >= sinceMs ||
    world.etcd.procs.some(
      (proc) => proc.isLeader && proc.dir.clusterId === cluster.id && confirmsLeadership(world, proc),
    )
  );
}
