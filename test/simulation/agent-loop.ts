/**
 * The agent's loop as the shell runs it: look (in two steps), decide, do at most one thing, look again.
 * Each is a step of its own, and the agent may die between any two.
 */
import { emptyHistory } from '../../src/decide/remember.ts';
import type { Decision } from '../../src/model/decision.ts';
import { unknown } from '../../src/model/known.ts';
import type { MemberView } from '../../src/model/member-view.ts';
import { type Draft, lookAround, lookInside } from './agent-look.ts';
import { evidenceOf, pauseAfter, perform } from './agent-perform.ts';
import type { Agent } from './agent-state.ts';
import { note, schedule } from './base-world.ts';
import { leaderHeardBy } from './etcd-election.ts';
import type { Evidence } from './etcd-log.ts';
import { indexAt } from './etcd-state.ts';
import type { Pod } from './kube-state.ts';
import { killAgent } from './kubelet.ts';
import type { World } from './world.ts';

/** Asking others takes this long. */
const ASKING_MS_MAX = 25;
const HASTE_MS_MAX = 4;
/** Looking is bounded to 3 s; a turn that takes longer was interrupted. */
const TURN_MS_MAX = 4_000;
/** A stopped process may be continued early: it is looked at this often. */
const STOPPED_POLL_MS = 1_000;
/** A failed action is tried again after this. */
const FAILED_MS = 1_000;

/** Starts an agent process in `pod`; it knows nothing of the one before. */
export function runAgent(world: World, pod: Pod): void {
  const agent: Agent = {
    pod,
    isAlive: true,
    pausedUntilMs: 0,
    history: emptyHistory(world.nowMs),
    toConfirm: undefined,
    lastVoters: { kind: 'unasked' },
    formed: unknown('the API was not asked'),
    answeredAtMs: undefined,
    runningSinceMs: undefined,
    failedStarts: 0,
    decision: undefined,
    decisionBefore: undefined,
    looks: 0,
    calledOnLook: -1,
    handOvers: 0,
    decidedFirstMs: world.nowMs,
    lookedAtMs: world.nowMs,
    turnStartedMs: world.nowMs,
    lag: 0,
    hasData: false,
    isLeaving: false,
  };
  pod.agent = agent;
  agentStep(world, agent, world.random.between(20, 200), 'look', () => look(world, agent));
}

/** A step of an agent: it may die before it, and a stopped process takes it when it goes on. */
export function agentStep(world: World, agent: Agent, delayMs: number, name: string, run: () => void): void {
  schedule(world, delayMs, name, () => {
    if (!agent.isAlive) {
      return;
    }
    if (agent.pausedUntilMs > world.nowMs) {
      agentStep(world, agent, Math.min(agent.pausedUntilMs - world.nowMs, STOPPED_POLL_MS), name, run);
    } else if (world.random.chance(world.agentCrashes)) {
      killAgent(world, agent.pod);
    } else {
      run();
    }
  });
}

function look(world: World, agent: Agent): void {
  agent.lookedAtMs = world.nowMs;
  agent.turnStartedMs = world.nowMs;
  agent.looks += 1;
  const draft = lookInside(world, agent, agent.toConfirm !== undefined);
  if (world.random.chance(0.5)) {
    agentStep(world, agent, world.random.between(1, ASKING_MS_MAX), 'ask', () =>
      decideOn(world, agent, draft),
    );
  } else {
    decideOn(world, agent, draft);
  }
}

function decideOn(world: World, agent: Agent, draft: Draft): void {
  const view = lookAround(world, agent, draft);
  const decision = world.code.decide(view);
  agent.lag = lagOf(world, agent);
  const evidence = evidenceOf(agent, decision.reason);
  agent.history = world.code.remember(view, decision);
  const course = world.code.courseOf(decision, agent.toConfirm);
  agent.toConfirm = course.kind === 'confirm' ? decision : undefined;
  show(world, agent, view, decision);
  world.judge({ kind: 'decided', agent, view, decision });
  if (course.kind === 'confirm') {
    lookAgain(world, agent, 1);
  } else if (course.kind === 'rest' || agent.isLeaving) {
    lookAgain(world, agent, paceOf(decision, world.nowMs - agent.decidedFirstMs));
  } else {
    const delayMs = world.random.between(1, HASTE_MS_MAX);
    agentStep(world, agent, delayMs, 'act', () => act(world, agent, view, decision, evidence));
  }
}

function lagOf(world: World, { pod }: Agent): number {
  const proc = pod.etcd.kind === 'serving' ? pod.etcd.proc : undefined;
  const leader = proc === undefined ? undefined : leaderHeardBy(world, proc);
  return proc === undefined || leader === undefined
    ? 0
    : indexAt(leader.dir.log, leader.dir.commit) - indexAt(proc.dir.log, proc.dir.commit);
}

function lookAgain(world: World, agent: Agent, delayMs: number): void {
  agentStep(world, agent, delayMs, 'look', () => look(world, agent));
}

/** Whether the process was stopped since its turn began: then what it saw is old (F66). */
export function stoodStill(world: World, agent: Agent): boolean {
  return world.shell.mindsStandstills && world.nowMs - agent.turnStartedMs > TURN_MS_MAX;
}

/** A change of decision is news. */
function show(world: World, agent: Agent, view: MemberView, decision: Decision): void {
  const before = agent.decision;
  if (
    before?.kind !== decision.kind ||
    before.reason !== decision.reason ||
    before.message !== decision.message
  ) {
    agent.decidedFirstMs = world.nowMs;
    note(
      world,
      () =>
        `m${agent.pod.ordinal} [${decision.stage}] ${decision.kind} ${decision.reason}: ${decision.message}`,
    );
  }
  agent.decisionBefore = before;
  agent.decision = decision;
  agent.hasData = view.volume.kind === 'readable' && view.volume.wal.kind !== 'none';
}

function act(world: World, agent: Agent, view: MemberView, decision: Decision, evidence: Evidence): void {
  if (stoodStill(world, agent)) {
    lookAgain(world, agent, 1);
    return;
  }
  world.judge({ kind: 'acted', agent, decision, before: agent.decisionBefore });
  perform(world, agent, { view, decision, evidence }, (performed) => {
    switch (performed.kind) {
      case 'done':
        lookAgain(world, agent, 1);
        return;
      case 'hashes-compared':
        agent.history = { ...agent.history, hashCheck: performed.hashCheck };
        lookAgain(world, agent, 1);
        return;
      case 'refused':
        lookAgain(world, agent, pauseAfter(performed.refusal));
        return;
      case 'failed':
        lookAgain(world, agent, decision.stage === 'gated' ? FAILED_MS : 1);
    }
  });
}

/** As in the shell: a member that serves looks once a second, a wait is looked at less and less often. */
function paceOf(decision: Decision, sinceMs: number): number {
  if (decision.kind === 'settled' || decision.stage === 'serving') {
    return 1_000;
  }
  if (sinceMs >= 120_000) {
    return 2_000;
  }
  return sinceMs >= 10_000 ? 1_000 : Math.min(250, 20 + sinceMs / 8);
}
