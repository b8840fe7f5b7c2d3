/** What the shell does with a decision: at most one call that changes anything. */
import { membershipKeyOf } from '../../src/decide/housekeeping.ts';
import { markerOf } from '../../src/decide/ownership.ts';
import type { ChangeOutcome, Refusal } from '../../src/etcd/member-api.ts';
import type { Decision, DecisionOf } from '../../src/model/decision.ts';
import type { Marker } from '../../src/model/marker.ts';
import { type EtcdId, votersOf } from '../../src/model/member.ts';
import type { HashCheck, MemberView } from '../../src/model/member-view.ts';
import { callEtcd } from './agent-call.ts';
import { agentStep, stoodStill } from './agent-loop.ts';
import type { Agent } from './agent-state.ts';
import { note } from './base-world.ts';
import { bootEtcd, type EtcdStart } from './etcd-boot.ts';
import { isServing, type MembershipCall } from './etcd-calls.ts';
import type { Evidence } from './etcd-log.ts';
import { procOf } from './etcd-state.ts';
import { swapRecord } from './kube-api.ts';
import type { Pod } from './kube-state.ts';
import { onEtcdExit } from './kubelet.ts';
import { ordinalOf, peerUrl, type World } from './world.ts';

/** What came of an action; everything else shows in the next view. */
export type Performed =
  | { readonly kind: 'done' }
  | { readonly kind: 'hashes-compared'; readonly hashCheck: HashCheck }
  | { readonly kind: 'refused'; readonly refusal: Refusal }
  | { readonly kind: 'failed' };

type Done = (performed: Performed) => void;

/** An answer of the API or of a peer takes this long. */
const ANSWER_MS_MAX = 15;
const DONE: Performed = { kind: 'done' };

/** A decision, the view it was taken on, and how old that is. */
export type Deed = { readonly view: MemberView; readonly decision: Decision; readonly evidence: Evidence };

/** Carries out a decision; `done` hears of it, unless the agent is dead by then. */
export function perform(world: World, agent: Agent, { view, decision, evidence }: Deed, done: Done): void {
  switch (decision.kind) {
    case 'write-marker':
      writeMarker(world, agent.pod, decision.marker);
      done(DONE);
      return;
    case 'set-data-aside':
      setDataAside(world, agent, evidence);
      done(DONE);
      return;
    case 'take-in-data':
      takeIn(world, agent.pod);
      done(DONE);
      return;
    case 'prune-quarantine':
      pruneQuarantine(world, agent, decision.keep, evidence);
      done(DONE);
      return;
    case 'claim-seed':
    case 'block-formation':
    case 'seal':
      swap(world, agent, decision, evidence, done);
      return;
    case 'resume':
    case 'seed':
    case 'start-joined':
      answerGate(world, agent, { view, decision, evidence }, done);
      return;
    case 'join-as-learner':
    case 'remove-lost-identity':
    case 'promote-self':
    case 'remove-orphan':
    case 'correct-peer-url':
      change(world, agent, decision, evidence, done);
      return;
    case 'compare-hashes':
      compareHashes(world, agent, view, done);
      return;
    default:
      done(DONE);
  }
}

/** On what grounds the agent acts. */
export function evidenceOf(agent: Agent, reason: string): Evidence {
  const { ordinal, uid } = agent.pod;
  const { lookedAtMs, looks, lag } = agent;
  return { who: `m${ordinal}`, ordinal, podUid: uid, sinceMs: lookedAtMs, look: looks, reason, lag };
}

function writeMarker(world: World, pod: Pod, fields: Omit<Marker, 'volumeId'>): void {
  const { volume } = pod;
  const volumeId = volume.marker?.volumeId ?? `volume-${world.kube.nextKey++}`;
  volume.marker = { volumeId, ...fields };
  volume.isMarkerDamaged = false;
  world.actions += 1;
}

function setDataAside(world: World, agent: Agent, evidence: Evidence): void {
  const { volume } = agent.pod;
  const { data } = volume;
  if (data === null || agent.pod.etcd.kind !== 'at-gate') {
    return;
  }
  note(world, () => `m${agent.pod.ordinal} sets ${data.memberId} of ${data.clusterId} aside`);
  volume.quarantine.push(data);
  volume.data = null;
  volume.place = undefined;
  world.actions += 1;
  world.judge({ kind: 'set-aside', pod: agent.pod, data, evidence });
}

function takeIn(world: World, { ordinal, volume, etcd }: Pod): void {
  if (etcd.kind === 'at-gate') {
    note(world, () => `m${ordinal} takes in what lies at ${volume.place}`);
    volume.place = undefined;
    world.actions += 1;
  }
}

/** Deletes the oldest copies of this cluster's data, all but `keep`. */
function pruneQuarantine(world: World, agent: Agent, keep: number, evidence: Evidence): void {
  const { quarantine, marker } = agent.pod.volume;
  const prunable = quarantine.filter((aside) => aside.clusterId === marker?.clusterId);
  for (const data of prunable.slice(0, Math.max(0, prunable.length - keep))) {
    quarantine.splice(quarantine.indexOf(data), 1);
    world.actions += 1;
    world.judge({ kind: 'pruned', pod: agent.pod, data, evidence });
  }
}

function swap(
  world: World,
  agent: Agent,
  decision: DecisionOf<'claim-seed'> | DecisionOf<'block-formation'> | DecisionOf<'seal'>,
  evidence: Evidence,
  done: Done,
): void {
  const { record, resourceVersion } = decision;
  // Once sent, it is carried out whether its sender lives on or not.
  const delayMs = world.random.between(1, ANSWER_MS_MAX);
  world.queue.push(world.nowMs + delayMs, 'swap record', () => {
    swapRecord(world, agent.pod.node, record, resourceVersion, evidence);
  });
  agentStep(world, agent, delayMs + world.random.between(0, ANSWER_MS_MAX), 'swapped', () => done(DONE));
}

type Start = DecisionOf<'resume'> | DecisionOf<'seed'> | DecisionOf<'start-joined'>;

/** From just before the answer on, the volume counts as used. */
type StartDeed = Deed & { readonly decision: Start };

function answerGate(world: World, agent: Agent, deed: StartDeed, done: Done): void {
  const { pod } = agent;
  const marker = markerOf(deed.view);
  if (marker !== undefined && !marker.released) {
    const { volumeId: _kept, ...fields } = marker;
    writeMarker(world, pod, { ...fields, released: true });
  }
  agentStep(world, agent, world.random.between(0, 3), 'answer gate', () => {
    if (pod.etcd.kind === 'at-gate' && !stoodStill(world, agent)) {
      agent.answeredAtMs = world.nowMs;
      openGate(world, pod, deed);
    }
    done(DONE);
  });
}

function openGate(world: World, pod: Pod, { view, decision, evidence }: StartDeed): void {
  const start = startOf(decision);
  world.judge({
    kind: 'started',
    pod,
    how: start.kind,
    token: start.kind === 'seed' ? start.token : '',
    evidence,
    view,
  });
  const boot = bootEtcd(
    world,
    {
      ordinal: pod.ordinal,
      address: pod.address,
      node: pod.node,
      disk: pod.volume,
      maxLearners: decision.maxLearners,
      peerUrl: peerUrl(pod.ordinal),
      ordinalOf,
      onServing: (proc) => {
        pod.etcd = { kind: 'serving', proc };
        world.judge({ kind: 'joined', pod, dir: proc.dir });
      },
      onExit: (code) => onEtcdExit(world, pod, code),
    },
    start,
  );
  pod.etcd = { kind: 'booting', boot };
}

function startOf(decision: Start): EtcdStart {
  switch (decision.kind) {
    case 'resume':
      return { kind: 'resume' };
    case 'seed':
      return { kind: 'seed', token: decision.token };
    case 'start-joined':
      return { kind: 'join', peerUrls: decision.initialCluster.map((member) => member.peerUrl) };
  }
}

type Change =
  | DecisionOf<'join-as-learner'>
  | DecisionOf<'remove-lost-identity'>
  | DecisionOf<'promote-self'>
  | DecisionOf<'remove-orphan'>
  | DecisionOf<'correct-peer-url'>;

function change(world: World, agent: Agent, decision: Change, evidence: Evidence, done: Done): void {
  const call = callOf(world, decision);
  const url = decision.kind === 'join-as-learner' ? decision.voterUrl : decision.leaderUrl;
  callEtcd(world, agent, url, call, evidence, (outcome) => {
    if (outcome.kind === 'unknown' && !world.shell.looksAfterTimeout) {
      callEtcd(world, agent, url, call, evidence, (again) => done(performedOf(again)));
    } else {
      done(performedOf(outcome));
    }
  });
}

function callOf(world: World, decision: Change): MembershipCall {
  switch (decision.kind) {
    case 'join-as-learner':
      return { kind: world.shell.addsLearners ? 'add-learner' : 'add-voter', peerUrl: decision.peerUrl };
    case 'promote-self':
      return { kind: 'promote', id: decision.memberId };
    case 'correct-peer-url':
      return { kind: 'update-url', id: decision.memberId, peerUrl: decision.peerUrl };
    case 'remove-lost-identity':
    case 'remove-orphan':
      return { kind: 'remove', id: decision.memberId };
  }
}

function performedOf(outcome: ChangeOutcome): Performed {
  switch (outcome.kind) {
    case 'done':
      return DONE;
    case 'refused':
      return { kind: 'refused', refusal: outcome.refusal };
    case 'unknown':
      return { kind: 'failed' };
  }
}

/** How long to pause after etcd refused, as the shell does. */
export function pauseAfter(refusal: Refusal): number {
  switch (refusal) {
    case 'learner-not-ready':
      return 40;
    case 'not-found':
      return 400;
    case 'not-a-learner':
    case 'already-listed':
      return 1;
    default:
      return 500;
  }
}

/** Voters that all answer have equal hashes here: the truth about their logs is judged elsewhere. */
function compareHashes(world: World, agent: Agent, view: MemberView, done: Done): void {
  const members = view.voters.kind === 'linearizable' ? view.voters.members : [];
  const clusterId = view.voters.kind === 'linearizable' ? view.voters.clusterId : undefined;
  agentStep(world, agent, world.random.between(1, ANSWER_MS_MAX), 'compare hashes', () => {
    const answersOf = (id: EtcdId): boolean => {
      const proc = clusterId === undefined ? undefined : procOf(world, clusterId, id);
      return proc !== undefined && isServing(proc);
    };
    const verdict = votersOf(members).every((voter) => answersOf(voter.id)) ? 'equal' : 'unknown';
    done({
      kind: 'hashes-compared',
      hashCheck: { membershipKey: membershipKeyOf(members), verdict, checkedAtMs: world.nowMs },
    });
  });
}
