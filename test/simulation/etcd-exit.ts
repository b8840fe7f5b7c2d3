import { note } from './base-world.ts';
import { NO_MEMBERS } from './etcd-log.ts';
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
 * SIGKILL or a power loss: the commit index leaves the process's memory with the next entry only, so a
 * member of 3.5 or 3.6 may wake up knowing less than it did (seen on 3.5.35 and 3.6.16, not on 3.7.3).
 */
export function killEtcdProcess(world: EtcdWorld, proc: EtcdProc, why: string): void {
  exitEtcd(world, proc, 137, why);
  const { dir } = proc;
  if (world.etcd.minor >= 7 || dir.durableCommit >= dir.commit || world.random.chance(0.5)) {
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
