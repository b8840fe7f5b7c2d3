import type { ChangeOutcome } from '../../src/etcd/member-api.ts';
import { agentStep } from './agent-loop.ts';
import type { Agent } from './agent-state.ts';
import { note, schedule } from './base-world.ts';
import { resolve } from './dns-model.ts';
import { changeMembership, isServing, type MembershipCall } from './etcd-calls.ts';
import type { Evidence } from './etcd-log.ts';
import { type EtcdProc, procAt } from './etcd-state.ts';
import { canDial } from './network.ts';
import { ordinalOf, type World } from './world.ts';

/** The shell gives a membership call this long, ms: raft drops some without a word. */
const DEADLINE_MS = 1_000;
const TRAVEL_MS_MAX = 6;

/**
 * Makes a membership call at `url`. It takes effect whether its sender lives on or not; `done` hears the
 * outcome, which is `unknown` when no answer came in time.
 */
export function callEtcd(
  world: World,
  agent: Agent,
  url: string,
  call: MembershipCall,
  evidence: Evidence,
  done: (outcome: ChangeOutcome) => void,
): void {
  world.actions += 1;
  world.judge({ kind: 'called', agent, call, evidence });
  note(world, () => `m${agent.pod.ordinal} calls ${describeCall(call)} at ${url}`);
  let isOver = false;
  const hear = (outcome: ChangeOutcome, delayMs: number): void => {
    agentStep(world, agent, delayMs, 'answered', () => {
      if (!isOver) {
        isOver = true;
        note(world, () => `m${agent.pod.ordinal} hears ${describeOutcome(outcome)}`);
        done(outcome);
      }
    });
  };
  hear({ kind: 'unknown', why: 'no answer in time' }, DEADLINE_MS);
  schedule(world, world.random.between(1, TRAVEL_MS_MAX), 'call arrives', () => {
    const proc = procBehind(world, agent, url);
    if (proc === undefined || !isServing(proc)) {
      hear({ kind: 'unknown', why: 'connection refused' }, proc === undefined ? 1 : DEADLINE_MS);
      return;
    }
    changeMembership(world, proc, call, evidence, (outcome) => {
      if (!world.random.chance(world.kube.lostAnswers)) {
        hear(outcome, world.random.between(1, TRAVEL_MS_MAX));
      }
    });
  });
}

/** The etcd that a client URL leads to from the agent's node. */
function procBehind(world: World, agent: Agent, url: string): EtcdProc | undefined {
  const { pod } = agent;
  const ordinal = ordinalOf(url);
  if (ordinal === pod.ordinal) {
    return pod.etcd.kind === 'serving' ? pod.etcd.proc : undefined;
  }
  const address = ordinal === undefined ? undefined : resolve(world.dns, ordinal);
  const proc = address === undefined ? undefined : procAt(world, address);
  return proc !== undefined && canDial(world.network, pod.node, proc.node) ? proc : undefined;
}

function describeCall(call: MembershipCall): string {
  switch (call.kind) {
    case 'add-learner':
    case 'add-voter':
      return `${call.kind} ${call.peerUrl}`;
    case 'move-leader':
      return `move-leader to ${call.target}`;
    case 'update-url':
      return `update-url ${call.id} to ${call.peerUrl}`;
    default:
      return `${call.kind} ${call.id}`;
  }
}

function describeOutcome(outcome: ChangeOutcome): string {
  switch (outcome.kind) {
    case 'done':
      return 'done';
    case 'refused':
      return `refused: ${outcome.refusal}`;
    case 'unknown':
      return `nothing certain: ${outcome.why}`;
  }
}
