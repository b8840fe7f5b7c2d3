/** Judges how an agent goes about it: calls, confirmations, and what it claims (invariants 5, 6, 11, 12). */
import { CONFIRMED_KINDS, isSameDecision } from '../../src/model/decision.ts';
import { broken } from './invariant.ts';
import type { FactOf, World } from './world.ts';

/** Looking takes up to 3 s, deciding and beginning to act next to nothing. */
const VIEW_AGE_MS_MAX = 5_000;
/** A hook that leaves hands over to a voter that stays; only a cut or a crash makes it do so again. */
const HAND_OVERS_MAX = 8;

/** After every call the list is read anew before the next one; nothing is repeated blindly. */
export function judgeCall({ agent, call, evidence }: FactOf<'called'>): void {
  if (evidence.look === agent.calledOnLook) {
    broken('quorumKept', `${evidence.who} made two calls on one look, now ${call.kind}`);
  }
  agent.calledOnLook = evidence.look;
  if (call.kind === 'move-leader') {
    agent.handOvers += 1;
    if (agent.handOvers > HAND_OVERS_MAX) {
      broken('converges', `${evidence.who} moved the leader ${agent.handOvers} times on its way out`);
    }
  }
}

/**
 * What destroys or seizes is decided twice, the second time on facts gathered after the first, and nobody
 * acts on what he saw before he was stopped (F66).
 */
export function judgeAct(world: World, { agent, decision, before }: FactOf<'acted'>): void {
  const ageMs = world.nowMs - agent.turnStartedMs;
  if (ageMs > VIEW_AGE_MS_MAX) {
    broken('noLastCopyLost', `m${agent.pod.ordinal} did ${decision.kind} on a look ${ageMs} ms ago`);
  }
  if (CONFIRMED_KINDS.has(decision.kind) && (before === undefined || !isSameDecision(before, decision))) {
    broken('noLastCopyLost', `m${agent.pod.ordinal} did ${decision.kind} without a second look`);
  }
}

/** Who says it serves runs, is a voter, and knows a leader. */
export function judgeDecision({ view, decision, agent }: FactOf<'decided'>): void {
  if (decision.kind === 'settled') {
    const { etcd } = view;
    const isVoting = etcd.kind === 'running' && !etcd.status.isLearner && etcd.status.leaderId !== null;
    if (!isVoting) {
      broken('statusObserved', `m${agent.pod.ordinal} claims to serve`);
    }
  }
}
