/** Runs one plan: form, suffer, heal, converge, fall silent; every step judged. */

import { planFault } from './apply-fault.ts';
import { schedule, step } from './base-world.ts';
import { describeWorld, isConverged } from './convergence.ts';
import { createWorld, SHIPPED, SHIPPED_SHELL } from './create-world.ts';
import { armTimers } from './etcd-election.ts';
import { continueEtcd } from './etcd-exit.ts';
import { disturb } from './etcd-state.ts';
import { createForeignData } from './foreign-cluster.ts';
import { InvariantBroken, type InvariantName } from './invariant.ts';
import { judgeState } from './judge.ts';
import { healNetwork } from './network.ts';
import { putPlainData, startHuman } from './old-data.ts';
import type { Plan } from './plan.ts';
import { canRecover, sizeNeeded } from './recovery.ts';
import { armSync, replaceVolume, setReplicas } from './stateful-set.ts';
import { thaw } from './strike-links.ts';
import type { AgentCode, ShellRules, World } from './world.ts';

/** What runs in the agents, and what they are judged by: all invariants, unless some are named. */
export type Code = {
  readonly code: AgentCode;
  readonly shell: ShellRules;
  readonly judges?: readonly InvariantName[];
};

export const SHIPPED_CODE: Code = { code: SHIPPED, shell: SHIPPED_SHELL };

export type Outcome = {
  readonly steps: number;
  readonly virtualMs: number;
  readonly broken: InvariantBroken | undefined;
  /** `lost`: the data of a majority is gone, and nobody pretends otherwise. */
  readonly ending: 'converged' | 'lost' | 'deleted' | 'blocked' | 'broken';
  /** A quorum came back only once the set was made larger again. */
  readonly wasHelped: boolean;
  /** From healing to convergence. */
  readonly convergedInMs: number;
  readonly acknowledged: number;
};

/** Patience ends here, in virtual ms after healing: the longest wait that is right is about two minutes. */
const CONVERGED_MS_MAX = 400_000;
const STEPS_MAX = 60_000;
/** After so long without convergence, it is asked whether it can be expected at all. */
const PATIENCE_MS = 20_000;
/** The first looks after convergence may still notice it. */
const SETTLING_MS = 3_000;
const QUIET_MS = 12_000;
/** Convergence is looked for every so many steps. */
const CHECK_STEPS = 4;

/** Runs `plan` to its end or to the first broken invariant. */
export function runPlan(plan: Plan, by: Code = SHIPPED_CODE, trace?: (line: string) => void): Outcome {
  const world = createWorld({
    seed: plan.seed,
    version: plan.version,
    replicas: plan.replicas,
    writeWeight: plan.writeWeight,
    writeEveryMs: plan.writeEveryMs,
    ...by,
    ...(trace === undefined ? {} : { trace }),
  });
  if (plan.foreignOrdinal !== undefined) {
    replaceVolume(world, plan.foreignOrdinal).data = createForeignData(world, plan.foreignOrdinal);
  }
  if (plan.plain !== undefined) {
    putPlainData(world, plan.plain);
  }
  if (plan.human !== undefined) {
    startHuman(world, plan.human);
  }
  for (const fault of plan.faults) {
    planFault(world, fault, plan.guardsDisks);
  }
  const end: End = { convergedInMs: 0, wasHelped: false };
  try {
    const ending = runThrough(world, plan, end);
    return outcomeOf(world, ending, undefined, end);
  } catch (error) {
    if (error instanceof InvariantBroken) {
      return outcomeOf(world, 'broken', error, end);
    }
    throw error;
  }
}

type End = { convergedInMs: number; wasHelped: boolean };

function outcomeOf(
  world: World,
  ending: Outcome['ending'],
  broken: InvariantBroken | undefined,
  end: End,
): Outcome {
  const { steps, nowMs, writer } = world;
  return { steps, virtualMs: nowMs, broken, ending, acknowledged: writer.acknowledged, ...end };
}

function runThrough(world: World, plan: Plan, end: End): Outcome['ending'] {
  runUntil(world, (w) => w.nowMs >= plan.healAtMs);
  if (world.kube.api.isSetDeleting && !world.kube.isRecreating) {
    runUntil(world, (w) => w.kube.pods.length === 0 || w.nowMs > plan.healAtMs + 60_000);
    return 'deleted';
  }
  heal(world, plan);
  const healedMs = world.nowMs;
  const ending = converge(world, plan, healedMs, end);
  if (ending !== 'converged') {
    return ending;
  }
  end.convergedInMs = world.nowMs - healedMs;
  fallSilent(world);
  return 'converged';
}

/** Lets the world come to rest, and helps as a user would where a quorum needs Pods that are not wanted. */
function converge(world: World, plan: Plan, healedMs: number, end: End): Outcome['ending'] {
  for (;;) {
    const untilMs = world.nowMs + PATIENCE_MS;
    const deadlineMs = healedMs + CONVERGED_MS_MAX;
    runUntil(world, (w) => (w.steps % CHECK_STEPS === 0 && isConverged(w)) || w.nowMs > untilMs, deadlineMs);
    if (isConverged(world)) {
      return 'converged';
    }
    if (isLeftToAHuman(world)) {
      if (plan.human === undefined) {
        return 'blocked';
      }
      continue;
    }
    const size = sizeNeeded(world);
    if (size === undefined || world.isLossAllowed) {
      return 'lost';
    }
    if (!canRecover(world, world.kube.api.replicas)) {
      end.wasHelped = true;
      setReplicas(world, size);
    }
  }
}

/** Somebody else's data lies on a volume of a cluster that was never formed. */
function isLeftToAHuman(world: World): boolean {
  const { api, volumes } = world.kube;
  return (
    api.record?.phase === 'Blocked' ||
    (api.record?.phase === 'Unformed' &&
      api.record.discarding === undefined &&
      volumes.some((volume) => volume?.data != null))
  );
}

function runUntil(
  world: World,
  isOver: (world: World) => boolean,
  deadlineMs = Number.POSITIVE_INFINITY,
): void {
  while (!isOver(world)) {
    if (!step(world)) {
      throw new Error('nothing is left to happen');
    }
    if (world.etcd.isDisturbed) {
      armTimers(world);
    }
    judgeState(world);
    if (world.nowMs > deadlineMs || world.steps > STEPS_MAX) {
      throw new InvariantBroken(
        'converges',
        `not after ${Math.round(world.nowMs / 1_000)} s, ${world.steps} steps:\n  ${describeWorld(world)}`,
      );
    }
  }
}

/** Everything works again from now on. */
function heal(world: World, plan: Plan): void {
  const { kube, dns } = world;
  world.isHealed = true;
  world.agentCrashes = 0;
  kube.isApiDown = false;
  kube.apiCutFrom.clear();
  kube.lostAnswers = 0;
  kube.staleMs = 0;
  dns.isDown = false;
  dns.hidden.clear();
  for (const ordinal of [...dns.frozen]) {
    thaw(world, ordinal);
  }
  healNetwork(world.network, world.nowMs);
  for (const pod of kube.pods) {
    pod.volume.isReadable = true;
    if (pod.agent !== undefined) {
      pod.agent.pausedUntilMs = 0;
    }
    if (pod.etcd.kind === 'booting') {
      pod.etcd.boot.isPaused = false;
    }
  }
  for (const proc of world.etcd.procs) {
    if (proc.isPaused) {
      continueEtcd(world, proc);
    }
  }
  disturb(world);
  setReplicas(world, plan.lastReplicas);
  armSync(world);
  schedule(world, 0, 'healed', () => {});
}

/** Converged: from here on nobody writes anything or asks the API. */
function fallSilent(world: World): void {
  const settledMs = world.nowMs + SETTLING_MS;
  runUntil(world, (w) => w.nowMs >= settledMs);
  const { actions } = world;
  const { calls, writes } = world.kube;
  runUntil(world, (w) => w.nowMs >= settledMs + QUIET_MS);
  const seen = `${world.actions - actions} actions, ${world.kube.calls - calls} API calls, ${world.kube.writes - writes} writes`;
  if (!isConverged(world)) {
    throw new InvariantBroken('converges', `it did not last: ${seen}\n  ${describeWorld(world)}`);
  }
  if (world.actions !== actions || world.kube.calls !== calls || world.kube.writes !== writes) {
    throw new InvariantBroken('converges', `${seen} while settled\n  ${describeWorld(world)}`);
  }
}
