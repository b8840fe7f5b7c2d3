/** What a kubelet does with one Pod: start order, restarts with back-off, preStop, grace. */

import { runLeaveHook } from './agent-leave.ts';
import { runAgent } from './agent-loop.ts';
import { note, schedule } from './base-world.ts';
import { endBoot } from './etcd-boot.ts';
import { transferLeadership } from './etcd-election.ts';
import { exitEtcd, killEtcdProcess } from './etcd-exit.ts';
import { changeApiPod } from './kube-api.ts';
import type { Pod } from './kube-state.ts';
import type { World } from './world.ts';

/** terminationGracePeriodSeconds, in ms. */
export const GRACE_MS = 30_000;
/** Back-off between restarts (10 s to 5 min in Kubernetes; shorter here, to keep runs short). */
const BACKOFF_MS = 500;
const BACKOFF_MS_MAX = 16_000;
const DETACH_POLL_MS = 400;

/** Starts the agent, then etcd, once the volume is free. */
export function startPod(world: World, pod: Pod): void {
  schedule(world, world.random.between(100, 1_200), `start m${pod.ordinal}`, () => {
    if (pod.stage !== 'pending') {
      return;
    }
    const holder = world.kube.pods.find((other) => other !== pod && other.volume === pod.volume);
    if (holder !== undefined && !world.kube.isVolumeShared) {
      schedule(world, DETACH_POLL_MS, 'attach', () => startPod(world, pod));
      return;
    }
    pod.stage = 'running';
    publish(world, pod);
    const api = world.kube.api.pods[pod.ordinal];
    if (api?.uid === pod.uid) {
      changeApiPod(world, pod.ordinal, { ...api, isRunning: true });
    }
    startAgent(world, pod);
    schedule(world, world.random.between(10, 300), `etcd m${pod.ordinal}`, () => startEtcd(world, pod));
  });
}

function publish(world: World, pod: Pod): void {
  schedule(world, world.random.between(20, 1_000), 'DNS', () => {
    if (pod.stage !== 'gone' && !world.dns.frozen.has(pod.ordinal) && isCurrent(world, pod)) {
      world.dns.published[pod.ordinal] = pod.address;
    }
  });
}

/** Whether the API still knows this Pod. */
export function isCurrent(world: World, pod: Pod): boolean {
  return world.kube.api.pods[pod.ordinal]?.uid === pod.uid;
}

function startAgent(world: World, pod: Pod): void {
  if (pod.stage === 'gone' || pod.agent !== undefined) {
    return;
  }
  pod.agentStarts += 1;
  runAgent(world, pod);
}

/** The etcd container starts and asks at the gate. */
function startEtcd(world: World, pod: Pod): void {
  if (pod.stage === 'running' && pod.etcd.kind === 'down') {
    pod.etcdStarts += 1;
    pod.etcd = { kind: 'at-gate', sinceMs: world.nowMs };
  }
}

/** The agent's process ends; kubelet starts another. An etcd that waits at the gate ends with it. */
export function killAgent(world: World, pod: Pod): void {
  const { agent } = pod;
  if (agent === undefined) {
    return;
  }
  note(world, () => `m${pod.ordinal} agent dies`);
  agent.isAlive = false;
  pod.agent = undefined;
  if (pod.etcd.kind === 'at-gate') {
    onEtcdExit(world, pod, 1);
  }
  if (pod.stage === 'hook') {
    stopEtcd(world, pod);
  }
  if (pod.stage === 'running') {
    schedule(world, backoffMs(world, pod.agentStarts), `agent m${pod.ordinal}`, () => {
      if (pod.stage === 'running') {
        startAgent(world, pod);
      }
    });
  }
}

/** The etcd process ended; kubelet starts another, which asks at the gate again. */
export function onEtcdExit(world: World, pod: Pod, _code: number): void {
  pod.etcd = { kind: 'down' };
  if (pod.stage === 'hook' || pod.stage === 'stopping') {
    finishStop(world, pod);
  } else if (pod.stage === 'running') {
    schedule(world, backoffMs(world, pod.etcdStarts), `etcd m${pod.ordinal}`, () => startEtcd(world, pod));
  }
}

function backoffMs(world: World, starts: number): number {
  const delayMs = Math.min(BACKOFF_MS_MAX, BACKOFF_MS * 2 ** Math.min(starts - 1, 8));
  return world.random.between(delayMs >> 1, delayMs);
}

/** SIGKILL for etcd, whatever it is doing. */
export function killEtcd(world: World, pod: Pod, why: string): void {
  const { etcd } = pod;
  switch (etcd.kind) {
    case 'down':
      return;
    case 'at-gate':
      onEtcdExit(world, pod, 137);
      return;
    case 'booting':
      endBoot(world, etcd.boot);
      onEtcdExit(world, pod, 137);
      return;
    case 'serving':
      killEtcdProcess(world, etcd.proc, why);
  }
}

/** Graceful end: preStop hook, SIGTERM, SIGKILL at the end of grace; then `onGone`. */
export function terminatePod(world: World, pod: Pod, onGone: () => void): void {
  schedule(world, world.random.between(20, 500), `kubelet stops m${pod.ordinal}`, () => {
    if (pod.stage === 'gone') {
      onGone();
      return;
    }
    pod.onGone = onGone;
    if (pod.stage === 'pending') {
      goneFor(world, pod);
      return;
    }
    pod.stage = 'hook';
    schedule(world, GRACE_MS, 'grace is over', () => killPod(world, pod));
    if (pod.agent !== undefined && pod.etcd.kind !== 'down') {
      runLeaveHook(world, pod.agent, () => stopEtcd(world, pod));
    } else {
      stopEtcd(world, pod);
    }
  });
}

/** SIGTERM: a leader hands over by itself, then the process ends. */
function stopEtcd(world: World, pod: Pod): void {
  if (pod.stage !== 'hook') {
    return;
  }
  pod.stage = 'stopping';
  const { etcd } = pod;
  if (etcd.kind === 'down') {
    finishStop(world, pod);
    return;
  }
  schedule(world, world.random.between(20, 1_200), `SIGTERM m${pod.ordinal}`, () => {
    if (pod.etcd.kind === 'serving') {
      const { proc } = pod.etcd;
      if (proc.isPaused) {
        return;
      }
      if (proc.isLeader) {
        proc.dir.membership.voterIds.some((id) => id !== proc.id && transferLeadership(world, proc, id));
      }
      exitEtcd(world, proc, 143, 'SIGTERM');
      return;
    }
    killEtcd(world, pod, 'SIGTERM');
  });
}

function finishStop(world: World, pod: Pod): void {
  if (pod.stage === 'gone') {
    return;
  }
  schedule(world, world.random.between(10, 300), `m${pod.ordinal} is gone`, () => goneFor(world, pod));
}

/** SIGKILL for everything in the Pod. */
export function killPod(world: World, pod: Pod): void {
  if (pod.stage !== 'gone') {
    goneFor(world, pod);
  }
}

function goneFor(world: World, pod: Pod): void {
  if (pod.stage === 'gone') {
    return;
  }
  pod.stage = 'gone';
  if (pod.agent !== undefined) {
    pod.agent.isAlive = false;
    pod.agent = undefined;
  }
  killEtcd(world, pod, 'the Pod ends');
  const { pods } = world.kube;
  pods.splice(pods.indexOf(pod), 1);
  pod.onGone?.();
}

/** A machine reboots: everything in the Pod dies and comes back after `delayMs`; the API sees nothing. */
export function crashNode(world: World, pod: Pod, delayMs: number): void {
  if (pod.stage !== 'running') {
    return;
  }
  pod.stage = 'pending';
  if (pod.agent !== undefined) {
    pod.agent.isAlive = false;
    pod.agent = undefined;
  }
  killEtcd(world, pod, 'its node crashes');
  schedule(world, delayMs, `node of m${pod.ordinal} boots`, () => startPod(world, pod));
}
