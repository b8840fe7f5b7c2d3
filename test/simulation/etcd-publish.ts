import { schedule } from './base-world.ts';
import { leaderHeardBy } from './etcd-election.ts';
import { propose } from './etcd-replication.ts';
import type { EtcdProc, EtcdWorld } from './etcd-state.ts';

const PUBLISH_MS_MIN = 10;
const PUBLISH_MS_MAX = 80;
/** A publish without an answer is asked again after this (in etcd 7 s; sooner here, to keep runs short). */
const RETRY_MS = 1_500;
/** The answer to a member that was just fed a snapshot may get lost, and is asked again this much later. */
const AFTER_SNAPSHOT_MS = 7_000;

/** Publishes the member's name through raft, again and again until that worked; then clients may call. */
export function keepPublishing(world: EtcdWorld, proc: EtcdProc, peerUrl: string): void {
  const attempt = (): void => {
    if (!proc.isAlive || proc.isClientOpen) {
      return;
    }
    const leader = proc.isPaused ? undefined : leaderHeardBy(world, proc);
    if (leader !== undefined) {
      const change = {
        kind: 'publish',
        id: proc.id,
        name: `sim-${proc.ordinal}`,
        clientUrl: peerUrl.replace('2380', '2379'),
      } as const;
      const tell = (): void => openClientPort(world, proc);
      propose(world, leader, change, null, { at: proc.key, tell });
    }
    schedule(world, leader === undefined ? RETRY_MS / 3 : RETRY_MS, `publish m${proc.ordinal}`, attempt);
  };
  schedule(world, world.random.between(PUBLISH_MS_MIN, PUBLISH_MS_MAX), `publish m${proc.ordinal}`, attempt);
}

function openClientPort(world: EtcdWorld, proc: EtcdProc): void {
  if (proc.isSnapshotFed && world.random.chance(0.5)) {
    proc.isSnapshotFed = false;
    schedule(world, AFTER_SNAPSHOT_MS, `client port m${proc.ordinal}`, () => {
      proc.isClientOpen = proc.isAlive;
    });
  } else {
    proc.isClientOpen = true;
  }
}
