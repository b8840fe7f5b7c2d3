/** What the API and the agents say of the other Pods of the set. */
import type { Wants } from '../../src/decide/wants.ts';
import { type Known, known, unknown } from '../../src/model/known.ts';
import type { MemberView } from '../../src/model/member-view.ts';
import type { Sibling, SiblingAgent, SiblingPod } from '../../src/model/sibling.ts';
import type { VotersWord } from '../../src/model/voters-word.ts';
import { contactAt, listedOrdinals } from './agent-look-voters.ts';
import type { Agent } from './agent-state.ts';
import { resolve } from './dns-model.ts';
import { readApi } from './kube-api.ts';
import type { Pod } from './kube-state.ts';
import { canDial } from './network.ts';
import { podOfAddress, type World } from './world.ts';

const NOT_ASKED: Known<SiblingPod> = unknown('the API was not asked');
const SILENT: SiblingAgent = { kind: 'silent' };
const LATE: SiblingAgent = { kind: 'silent', late: true };

/** The other ordinals that are wanted or listed. */
export function askSiblings(
  world: World,
  agent: Agent,
  view: MemberView,
  voters: VotersWord,
  wants: Wants,
): readonly Sibling[] {
  if (!wants.siblings && !wants.siblingPods) {
    return [];
  }
  const ordinals = new Set<number>();
  const wanted = view.intent.known ? view.intent.value.replicas : 0;
  for (let ordinal = 0; ordinal < wanted; ordinal++) {
    ordinals.add(ordinal);
  }
  for (const ordinal of listedOrdinals(voters)) {
    ordinals.add(ordinal);
  }
  ordinals.delete(agent.pod.ordinal);
  return [...ordinals].map((ordinal) => askSibling(world, agent, ordinal, wants));
}

function askSibling(world: World, agent: Agent, ordinal: number, wants: Wants): Sibling {
  const [pod, address] = wants.siblingPods ? readSiblingPod(world, agent, ordinal) : [NOT_ASKED, undefined];
  if (!wants.siblings || (pod.known && pod.value.kind === 'absent')) {
    return { ordinal, pod, agent: SILENT };
  }
  const dialled = address ?? resolve(world.dns, ordinal);
  const asked = dialled === undefined ? SILENT : askAgent(world, agent, dialled, wants.reach);
  return { ordinal, pod, agent: asked };
}

function readSiblingPod(
  world: World,
  agent: Agent,
  ordinal: number,
): readonly [Known<SiblingPod>, number | undefined] {
  const state = readApi(world, agent);
  if (state === undefined) {
    return [unknown('the API server does not answer'), undefined];
  }
  const pod = state.pods[ordinal] ?? null;
  if (pod === null) {
    return [known({ kind: 'absent' }, world.nowMs), undefined];
  }
  const { uid, address, isRunning, isDeleting } = pod;
  return [
    known(
      { kind: 'present', podUid: uid, address: String(address), running: isRunning, deleting: isDeleting },
      world.nowMs,
    ),
    address,
  ];
}

function askAgent(world: World, agent: Agent, address: number, reach: boolean): SiblingAgent {
  const pod = podOfAddress(world, address);
  const sibling = pod?.agent;
  if (pod === undefined || sibling === undefined) {
    return SILENT;
  }
  if (sibling.pausedUntilMs > world.nowMs || !canDial(world.network, agent.pod.node, pod.node)) {
    return LATE;
  }
  const stage = sibling.decision?.stage ?? 'gated';
  return {
    kind: 'answers',
    stage,
    decides: sibling.decision?.kind ?? 'wait',
    hasData: sibling.hasData,
    etcdVersion: `3.${world.version.minor}.${world.version.patch}`,
    canReachMe: reach && stage === 'serving' ? canReach(world, pod.node, agent.pod) : 'unasked',
  };
}

/** Whether the peer URL of `self` leads a dial from `node` to it, and it answers. */
function canReach(world: World, node: number, self: Pod): boolean {
  const address = resolve(world.dns, self.ordinal);
  return address === self.address && contactAt(world, node, address).kind === 'answers';
}
