import type { LeaveVerdict } from '../../decide/leave-verdict.ts';
import { isAlive } from '../../model/local-etcd.ts';
import { pause } from '../../runtime/abort.ts';
import type { Clock } from '../../runtime/clock.ts';
import type { AgentConfig } from '../config.ts';
import type { LocalEtcdProbe } from '../look/local-etcd-probe.ts';

export type EndingDeps = {
  readonly clock: Clock;
  readonly etcd: Pick<LocalEtcdProbe, 'look'>;
  readonly config: Pick<AgentConfig, 'runtimeLagMs'>;
};

/** A removed etcd ends within 1 s of hearing of it (`stopWithDelay`, 3.5–3.7); whoever is later gets its SIGTERM. */
const ENDS_MS_MAX = 3_000;
const LOOK_AGAIN_MS = 50;

/**
 * A removed member's etcd ends by itself, and a container must not be stopped in the moment in which it ends:
 * containerd's stop fails then (`ttrpc: closed`, seen with 1.6), and the kubelet, told of an error, leaves the
 * native sidecar running for the whole grace period (`KillContainerError`, seen with 1.34). The kubelet stops the
 * container when the hook has answered, so the hook answers once the runtime knows of the end.
 */
export async function waitForEnd(
  deps: EndingDeps,
  verdict: LeaveVerdict,
  signal: AbortSignal,
): Promise<LeaveVerdict> {
  const { runtimeLagMs } = deps.config;
  const isRemoved = verdict.kind === 'leave' || verdict.kind === 'already-gone';
  if (!isRemoved || runtimeLagMs === 0) {
    return verdict;
  }
  const untilMs = deps.clock.nowMs() + ENDS_MS_MAX;
  while (isAlive(await deps.etcd.look(signal)) && deps.clock.nowMs() < untilMs && !signal.aborted) {
    await pause(LOOK_AGAIN_MS, signal);
  }
  await pause(runtimeLagMs, signal);
  return verdict;
}
