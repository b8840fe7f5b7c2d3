/** Does to the cluster what one step says, and no more: whether the cluster got over it is judged after. */
import type { MaintenanceApi } from '../etcd/member-api.ts';
import type { LocalCluster } from '../local/local-cluster.ts';
import { clientUrlOf } from '../model/naming.ts';
import { pause } from '../runtime/abort.ts';
import { chooseMember, findLeader, type MemberAddress } from './choose-member.ts';
import { membersOf, type SeenMember } from './member-board.ts';
import type { MemberWatch } from './member-watch.ts';
import type { Random } from './random.ts';
import type { MemberStep, Step } from './step.ts';
import type { Writer } from './writer.ts';

export type StepDeps = {
  readonly cluster: LocalCluster;
  readonly watch: MemberWatch;
  readonly writer: Writer;
  readonly maintenance: MaintenanceApi;
  readonly random: Random;
  /** Resolves once the cluster is whole, in the middle of a step. */
  readonly untilWhole: (signal: AbortSignal) => Promise<void>;
  /** Told whom the step turned out to be about. */
  readonly onChosen: (ordinal: number) => void;
};

/** Several election time-outs, so that a frozen leader is a lost one; far from a session's end. */
const FREEZE_MS = 5_000;

/**
 * Resolves once it is done. Rejects with one clause for people when it cannot be, and when `signal` fires.
 */
export async function runStep(step: Step, deps: StepDeps, signal: AbortSignal): Promise<void> {
  switch (step.kind) {
    case 'form':
      deps.writer.resume();
      return;
    case 'scale':
      scale(step.replicas, deps);
      return;
    case 'wait':
      await pause(step.seconds * 1000, signal);
      return;
    case 'roll':
      await roll(deps, signal);
      return;
    default:
      await harm(step, deps, signal);
  }
}

/** A cluster that is to have no members is not written to, and is from the moment it is wanted again. */
function scale(replicas: number, { cluster, writer }: StepDeps): void {
  if (replicas === 0) {
    writer.pause();
  }
  cluster.scale(replicas);
  if (replicas > 0) {
    writer.resume();
  }
}

async function harm(step: MemberStep, deps: StepDeps, signal: AbortSignal): Promise<void> {
  const { cluster, watch } = deps;
  const ordinal = await chooseMember(step.who, addresses(deps), deps.maintenance, deps.random, signal);
  if (typeof ordinal !== 'number') {
    throw new Error(ordinal.invalid);
  }
  deps.onChosen(ordinal);
  switch (step.kind) {
    case 'kill': {
      const pid = cluster.killContainer(ordinal, step.container, 'SIGKILL');
      const key = step.container === 'agent' ? 'agentPid' : 'etcdPid';
      await untilMember(watch, ordinal, (member) => member?.[key] !== pid, signal);
      return;
    }
    case 'freeze':
      cluster.killContainer(ordinal, 'etcd', 'SIGSTOP');
      await pause(FREEZE_MS, signal);
      cluster.killContainer(ordinal, 'etcd', 'SIGCONT');
      return;
    case 'wipe':
      await unlessAborted(cluster.wipeVolume(ordinal), signal);
      return;
    case 'delete-pod':
      await unlessAborted(cluster.deletePod(ordinal), signal);
  }
}

async function roll(deps: StepDeps, signal: AbortSignal): Promise<void> {
  const waiting = new Set(deps.watch.board.keys());
  while (waiting.size > 0) {
    const leader = await findLeader(addresses(deps), deps.maintenance, signal);
    const others = [...waiting].filter((ordinal) => ordinal !== leader);
    const next = Math.max(...(others.length > 0 ? others : waiting));
    waiting.delete(next);
    deps.onChosen(next);
    await unlessAborted(deps.cluster.deletePod(next), signal);
    await deps.untilWhole(signal);
  }
}

function addresses({ watch, cluster }: StepDeps): readonly MemberAddress[] {
  const { names } = cluster.template;
  return membersOf(watch.board).map(({ ordinal }) => ({ ordinal, clientUrl: clientUrlOf(names, ordinal) }));
}

async function untilMember(
  watch: MemberWatch,
  ordinal: number,
  condition: (member: SeenMember | undefined) => boolean,
  signal: AbortSignal,
): Promise<void> {
  while (!condition(watch.board.get(ordinal))) {
    signal.throwIfAborted();
    await watch.changed(signal);
  }
}

/** What is under way goes on; nobody waits for it any more. */
function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const onAbort = (): void => reject(signal.reason);
  signal.addEventListener('abort', onAbort, { once: true });
  return Promise.race([promise, aborted]).finally(() => signal.removeEventListener('abort', onAbort));
}
