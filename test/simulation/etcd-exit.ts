import { note } from './base-world.ts';
import { type DataDir, NO_MEMBERS } from './etcd-log.ts';
import { disturb, type EtcdProc, type EtcdWorld, truthOf } from './etcd-state.ts';

/** The process is gone, by whatever way; what it had written lasts. */
export function exitEtcd(world: EtcdWorld, proc: EtcdProc, code: number, why: string): void {
  if (!proc.isAlive) {
    return;
  }
  note(world, () => `m${proc.ordinal} etcd ${proc.id} exits ${code}: ${why}`);
  proc.isAlive = false;
  proc.isLeader = false;
  proc.isClientOpen = false;
  const { procs } = world.etcd;
  procs.splice(procs.indexOf(proc), 1);
  noteAlive(world, proc);
  disturb(world);
  proc.onExit(code, why);
}

/** SIGSTOP, or a machine that hangs: sockets stay open, nothing answers. */
export function pauseEtcd(world: EtcdWorld, proc: EtcdProc): void {
  noteAlive(world, proc);
  proc.isPaused = true;
  disturb(world);
}

/** SIGCONT. */
export function continueEtcd(world: EtcdWorld, proc: EtcdProc): void {
  proc.isPaused = false;
  proc.linkedSinceMs = world.nowMs;
  disturb(world);
}

function noteAlive(world: EtcdWorld, proc: EtcdProc): void {
  if (!proc.isPaused) {
    truthOf(world, proc.dir.clusterId).lastAliveMs.set(proc.id, world.nowMs);
  }
}

/**
 * A power loss: the commit index is flushed to the disk with entries only, so the member may wake up
 * knowing less than it did.
 */
export function forgetUnflushed(dir: DataDir): void {
  if (dir.durableCommit >= dir.commit) {
    return;
  }
  dir.commit = dir.durableCommit;
  dir.membership = NO_MEMBERS;
  for (let position = dir.commit - 1; position >= 0; position--) {
    const after = dir.log[position]?.after;
    if (after !== undefined) {
      dir.membership = after;
      return;
    }
  }
}
