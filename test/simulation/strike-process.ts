import { schedule } from './base-world.ts';
import { continueEtcd, pauseEtcd } from './etcd-exit.ts';
import type { FaultOf } from './fault.ts';
import type { Pod } from './kube-state.ts';
import { crashNode, killAgent, killEtcd } from './kubelet.ts';
import type { World } from './world.ts';

/** What can be done to the processes of a Pod. */
type ProcessFault = FaultOf<
  'kill-etcd' | 'kill-agent' | 'kill-leader' | 'crash-node' | 'pause-etcd' | 'pause-agent' | 'inactive-peer'
>;

/** SIGKILL, SIGSTOP, or the whole machine. */
export function strikeProcess(world: World, pod: Pod, fault: ProcessFault): void {
  switch (fault.kind) {
    case 'kill-etcd':
      killEtcd(world, pod, 'SIGKILL');
      return;
    case 'kill-agent':
      killAgent(world, pod);
      return;
    case 'kill-leader': {
      const leading = world.kube.pods.find(
        (other) => other.etcd.kind === 'serving' && other.etcd.proc.isLeader,
      );
      if (leading !== undefined) {
        killEtcd(world, leading, 'SIGKILL');
      }
      return;
    }
    case 'crash-node':
      crashNode(world, pod, fault.forMs);
      return;
    case 'pause-etcd':
      pauseFor(world, pod, fault.forMs);
      return;
    case 'inactive-peer':
      deactivate(world, pod);
      return;
    case 'pause-agent':
      if (pod.agent !== undefined) {
        pod.agent.pausedUntilMs = world.nowMs + fault.forMs;
      }
  }
}

/** What was posted to a peer before it restarted fails once its streams are up again. */
function deactivate(world: World, pod: Pod): void {
  const serving = world.kube.pods.flatMap(({ etcd }) => (etcd.kind === 'serving' ? [etcd.proc] : []));
  const leader = serving.find((proc) => proc.isLeader);
  const struck = pod.etcd.kind === 'serving' ? pod.etcd.proc : undefined;
  for (const peer of struck === leader ? serving : serving.filter((proc) => proc === struck)) {
    leader?.inactiveSinceMs.set(peer.key, world.nowMs);
  }
}

function pauseFor(world: World, pod: Pod, forMs: number): void {
  const { etcd } = pod;
  if (etcd.kind === 'serving') {
    const { proc } = etcd;
    pauseEtcd(world, proc);
    schedule(world, forMs, 'SIGCONT', () => continueEtcd(world, proc));
  } else if (etcd.kind === 'booting') {
    const { boot } = etcd;
    boot.isPaused = true;
    schedule(world, forMs, 'SIGCONT', () => {
      boot.isPaused = false;
    });
  }
}
