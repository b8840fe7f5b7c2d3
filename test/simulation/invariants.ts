/**
 * The invariants of design §5, judged at the very step in which something happens. Agents act on what was
 * true when they looked, so a judgement allows what was true at any instant since then.
 */

import { PROMOTION_LAG_MAX } from '../../src/decide/patience.ts';
import { CONFIRMED_KINDS, isSameDecision } from '../../src/model/decision.ts';
import { tokenOf } from '../../src/model/formation-record.ts';
import { type EtcdId, quorumOf } from '../../src/model/member.ts';
import { confirmsLeadership } from './etcd-election.ts';
import { clusterIdOf, type DataDir, type Evidence, memberIdOf, memberOf } from './etcd-log.ts';
import { describe } from './etcd-replication.ts';
import { type ClusterTruth, type EtcdProc, exchange, isVoter, procOf, truthOf } from './etcd-state.ts';
import { wasEver } from './kube-api.ts';
import type { Volume } from './kube-state.ts';
import { isCurrent } from './kubelet.ts';
import { canDial, linkAgeStartMs } from './network.ts';
import { ordinalOf, peerUrl, podOfAddress, type World, type WorldFact } from './world.ts';

/** The invariants, by their number in the design. */
export const INVARIANTS = {
  oneClusterId: '1 one cluster ID per UID and generation',
  newOnlyBySeed: '2 nobody starts new but the recorded seed',
  noEmptyUnderOldId: '3 no empty volume runs under an ID that ran before',
  promotedAlive: '4 no voter but by promotion of a live, caught-up learner',
  quorumKept: '5 one voter change at a time, each keeping a quorum',
  noLastCopyLost: '6 no data is put away unless a quorum holds it',
  noForeignStart: '7 no removed or foreign data is started',
  noLeaveUnscaled: '8 nobody leaves unless scaled away, nobody joins unless wanted',
  quorumLostNoChange: '9 without a quorum nothing is changed',
  writesSurvive: '10 acknowledged writes survive',
  statusObserved: '11 status claims only what was observed',
  converges: '12 converges, then makes no write and no API call',
} as const;

export type InvariantName = keyof typeof INVARIANTS;

/** A broken invariant: which, and what was seen. */
export class InvariantBroken extends Error {
  override readonly name = 'InvariantBroken';
  readonly invariant: InvariantName;

  constructor(invariant: InvariantName, seen: string) {
    super(`${INVARIANTS[invariant]}: ${seen}`);
    this.invariant = invariant;
  }
}

/** Looking takes up to 3 s, deciding and beginning to act next to nothing. */
const VIEW_AGE_MS_MAX = 5_000;
/** A hook that leaves hands over to a voter that stays; only a cut or a crash makes it do so again. */
const HAND_OVERS_MAX = 8;

type FactOf<K extends WorldFact['kind']> = Extract<WorldFact, { readonly kind: K }>;
type DataFact = Extract<WorldFact, { readonly data: DataDir }>;

/** Judges one thing that happened. @throws {InvariantBroken} */
export function judgeFact(world: World, fact: WorldFact): void {
  switch (fact.kind) {
    case 'elected':
      judgeElection(world, fact.proc);
      return;
    case 'applied-elsewhere':
      if (!world.isLossAllowed) {
        broken('writesSurvive', `entry ${fact.position} was committed twice, now by m${fact.proc.ordinal}`);
      }
      return;
    case 'changed':
      judgeChange(world, fact);
      return;
    case 'started':
      judgeStart(world, fact);
      return;
    case 'joined':
      judgeIdentity(world, fact);
      return;
    case 'called':
      judgeCall(fact);
      return;
    case 'acted':
      judgeAct(world, fact);
      return;
    case 'set-aside':
      judgeSetAside(world, fact);
      return;
    case 'pruned':
      judgePruning(world, fact);
      return;
    case 'record':
      judgeRecord(world, fact);
      return;
    case 'decided':
      judgeDecision(fact);
  }
}

/** What must hold of the world as it stands after any step. @throws {InvariantBroken} */
export function judgeState(world: World): void {
  const { record } = world.kube.api;
  if (record?.phase !== 'Formed') {
    return;
  }
  for (const proc of world.etcd.procs) {
    if (proc.dir.clusterId !== record.clusterId) {
      const pod = podOfAddress(world, proc.address);
      if (pod !== undefined && isCurrent(world, pod)) {
        broken('oneClusterId', `m${proc.ordinal} runs ${proc.dir.clusterId}, formed is ${record.clusterId}`);
      }
    }
  }
}

function broken(invariant: InvariantName, seen: string): never {
  throw new InvariantBroken(invariant, seen);
}

/** Leader completeness and election safety (raft §5): a leader holds whatever was ever acknowledged. */
function judgeElection(world: World, proc: EtcdProc): void {
  if (world.isLossAllowed) {
    return;
  }
  const { committed } = truthOf(world, proc.dir.clusterId);
  const last = committed.length - 1;
  if (last >= 0 && proc.dir.log[last] !== committed[last]) {
    broken('writesSurvive', `m${proc.ordinal} leads without ${committed.length} committed entries`);
  }
  const twin = world.etcd.procs.find(
    (other) =>
      other !== proc &&
      other.isLeader &&
      other.dir.clusterId === proc.dir.clusterId &&
      other.dir.term === proc.dir.term,
  );
  if (twin !== undefined) {
    broken('writesSurvive', `m${proc.ordinal} and m${twin.ordinal} lead in one term`);
  }
}

/** After every call the list is read anew before the next one; nothing is repeated blindly. */
function judgeCall({ agent, call, evidence }: FactOf<'called'>): void {
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
function judgeAct(world: World, { agent, decision, before }: FactOf<'acted'>): void {
  const ageMs = world.nowMs - agent.turnStartedMs;
  if (ageMs > VIEW_AGE_MS_MAX) {
    broken('noLastCopyLost', `m${agent.pod.ordinal} did ${decision.kind} on a look ${ageMs} ms ago`);
  }
  if (CONFIRMED_KINDS.has(decision.kind) && (before === undefined || !isSameDecision(before, decision))) {
    broken('noLastCopyLost', `m${agent.pod.ordinal} did ${decision.kind} without a second look`);
  }
}

function judgeChange(world: World, fact: FactOf<'changed'>): void {
  const { change, before, evidence } = fact;
  if (change.kind === 'add' && !change.member.isLearner && before.members.length > 0) {
    broken('promotedAlive', `${change.member.peerUrls[0]} was added as a voter`);
  }
  if (evidence === null || change.kind === 'publish') {
    return;
  }
  if (change.kind === 'add') {
    judgeJoin(world, ordinalOf(change.member.peerUrls[0] ?? '') ?? -1, evidence);
    return;
  }
  if (change.kind === 'promote') {
    judgePromotion(world, fact.cluster, change.id, evidence);
  } else {
    judgeRemoval(world, fact, change.id, evidence);
  }
  if (isVoter(before, change.id) || change.kind === 'promote') {
    judgeQuorumKept(world, fact, evidence);
  }
}

function judgeJoin(world: World, ordinal: number, evidence: Evidence): void {
  if (!wasEver(world, evidence.sinceMs, (state) => ordinal < state.replicas)) {
    broken('noLeaveUnscaled', `m${ordinal} was added though it is scaled away`);
  }
}

function judgePromotion(world: World, cluster: ClusterTruth, id: EtcdId, evidence: Evidence): void {
  if (!wasAlive(world, cluster, id, evidence.sinceMs)) {
    broken('promotedAlive', `${id} was promoted by ${evidence.who} while dead`);
  }
  // Between the looks at both sides a write or two may come in.
  if (!isDialled(world, cluster, id, evidence.sinceMs)) {
    broken('promotedAlive', `${id} was promoted although no voter can dial it`);
  }
  if (evidence.lag > Number(PROMOTION_LAG_MAX) + 2 * world.etcd.writeWeight) {
    broken('promotedAlive', `${id} was promoted ${evidence.lag} entries behind`);
  }
}

function isDialled(world: World, cluster: ClusterTruth, id: EtcdId, sinceMs: number): boolean {
  const proc = procOf(world, cluster.id, id);
  return (
    proc === undefined ||
    cluster.membership.voterIds.some((voterId) => {
      const voter = voterId === id ? undefined : procOf(world, cluster.id, voterId);
      return (
        voter !== undefined &&
        (canDial(world.network, voter.node, proc.node) ||
          linkAgeStartMs(world.network, voter.node, proc.node) >= sinceMs)
      );
    })
  );
}

function wasAlive(world: World, cluster: ClusterTruth, id: EtcdId, sinceMs: number): boolean {
  const proc = procOf(world, cluster.id, id);
  const isUp = proc !== undefined && !proc.isPaused;
  return isUp || (cluster.lastAliveMs.get(id) ?? -1) >= sinceMs;
}

/** The voters that run and are linked with the leader, or were when the change was decided, are enough. */
function judgeQuorumKept(world: World, fact: FactOf<'changed'>, evidence: Evidence): void {
  const { cluster, after, leader } = fact;
  const live = after.voterIds.filter((id) => isLinked(world, cluster, leader, id, evidence.sinceMs));
  if (live.length < quorumOf(after.voterIds.length)) {
    const who = `${evidence.who} (${evidence.reason})`;
    broken('quorumKept', `${who} left ${live.length} live voters of ${describe(after)}`);
  }
}

function isLinked(
  world: World,
  cluster: ClusterTruth,
  leader: EtcdProc,
  id: EtcdId,
  sinceMs: number,
): boolean {
  if (id === leader.id) {
    return true;
  }
  const proc = procOf(world, cluster.id, id);
  if (proc === undefined || proc.isPaused) {
    return (cluster.lastAliveMs.get(id) ?? -1) >= sinceMs;
  }
  return exchange(world, leader, proc) || linkAgeStartMs(world.network, leader.node, proc.node) >= sinceMs;
}

function judgeRemoval(world: World, fact: FactOf<'changed'>, id: EtcdId, evidence: Evidence): void {
  const member = memberOf(fact.before, id);
  const ordinal = ordinalOf(member?.peerUrls[0] ?? '');
  if (member === undefined || ordinal === undefined || isScaledAway(world, ordinal, evidence.sinceMs)) {
    return;
  }
  const isEmptyHanded =
    evidence.reason === 'LostIdentity' &&
    wasEver(world, evidence.sinceMs, (state) => state.pods[ordinal]?.uid === evidence.podUid) &&
    !holdsData(world.kube.pods.find((pod) => pod.uid === evidence.podUid)?.volume, id);
  if (holdsData(world.kube.volumes[ordinal], id) && !isEmptyHanded) {
    broken(
      'noLeaveUnscaled',
      `${evidence.who} (${evidence.reason}) removed ${id}, whose data m${ordinal} still has`,
    );
  }
}

function isScaledAway(world: World, ordinal: number, sinceMs: number): boolean {
  return wasEver(
    world,
    sinceMs,
    (state) => state.replicas > 0 && state.replicas <= ordinal && !state.isSetDeleting,
  );
}

function holdsData(volume: Volume | undefined, id: EtcdId): boolean {
  return volume?.data?.memberId === id && volume.data.damage === 'none';
}

function judgeStart(world: World, fact: FactOf<'started'>): void {
  const { pod, how, view, evidence } = fact;
  const { data } = pod.volume;
  if (how === 'seed' && data === null) {
    judgeSeed(world, fact);
  }
  if (data === null) {
    return;
  }
  const { voters } = view;
  if (voters.kind === 'linearizable' && !voters.members.some((member) => member.id === data.memberId)) {
    broken('noForeignStart', `m${pod.ordinal} starts ${data.memberId}, which the voters do not list`);
  }
  const formed = world.kube.api.record?.phase === 'Formed' ? world.kube.api.record : undefined;
  const isForeign = formed !== undefined && formed.clusterId !== data.clusterId;
  if (
    isForeign &&
    view.record.known &&
    !wasEver(world, evidence.sinceMs, (state) => state.record?.phase !== 'Formed')
  ) {
    broken(
      'noForeignStart',
      `m${pod.ordinal} starts data of ${data.clusterId}, formed is ${formed.clusterId}`,
    );
  }
}

function judgeSeed(world: World, { pod, token, evidence }: FactOf<'started'>): void {
  const isRecorded = wasEver(world, evidence.sinceMs, ({ record }) => {
    return (
      record?.phase === 'Forming' &&
      record.seed.ordinal === pod.ordinal &&
      record.seed.volumeId === pod.volume.marker?.volumeId &&
      tokenOf(record, record.seed.attempt) === token
    );
  });
  if (!isRecorded || world.kube.api.record?.phase === 'Formed') {
    broken('newOnlyBySeed', `m${pod.ordinal} starts a new cluster under ${token}; record: ${phaseOf(world)}`);
  }
}

function phaseOf(world: World): string {
  return JSON.stringify(world.kube.api.record);
}

/**
 * A listed ID is bound to the data directory it first ran on. A removed ID may come up once more on a new
 * one, where a peer that lags hands out an old list of equal length; that process ends by itself.
 */
function judgeIdentity(world: World, { pod, dir }: FactOf<'joined'>): void {
  const { ranOn, membership } = truthOf(world, dir.clusterId);
  if (ranOn.get(dir.memberId) !== dir.key && memberOf(membership, dir.memberId) !== undefined) {
    broken('noEmptyUnderOldId', `m${pod.ordinal} runs ${dir.memberId} on a directory that is not its own`);
  }
}

function judgeSetAside(world: World, { pod, data, evidence }: DataFact): void {
  const { record } = world.kube.api;
  const cluster = truthOf(world, data.clusterId);
  const isOfRecord =
    record?.phase === 'Formed'
      ? record.clusterId === data.clusterId
      : record?.phase === 'Forming' && seedClusterOf(record) === data.clusterId;
  const isListed = memberOf(cluster.membership, data.memberId) !== undefined;
  if (!isOfRecord || !isListed || pod.volume.isMarkerDamaged) {
    return;
  }
  if (!hadQuorum(world, cluster, evidence.sinceMs)) {
    broken(
      'quorumLostNoChange',
      `m${pod.ordinal} put ${data.memberId} away without a quorum (${evidence.reason})`,
    );
  }
  if (data.damage === 'none' && !world.isLossAllowed) {
    broken(
      'noLastCopyLost',
      `m${pod.ordinal} put sound data of member ${data.memberId} away (${evidence.reason})`,
    );
  }
}

/** A copy is deleted only where a voter of the same cluster serves on newer data. */
function judgePruning(world: World, { pod, data, evidence }: DataFact): void {
  const { record } = world.kube.api;
  const cluster = truthOf(world, data.clusterId);
  const own = pod.volume.data;
  const isVoting = own !== null && isVoter(cluster.membership, own.memberId);
  const isFormed = record?.phase === 'Formed' && record.clusterId === data.clusterId;
  if (!isFormed || !isVoting || !wasAlive(world, cluster, own.memberId, evidence.sinceMs)) {
    broken(
      'noLastCopyLost',
      `m${pod.ordinal} deleted a copy of ${data.memberId} while it is no healthy voter`,
    );
  }
}

function hadQuorum(world: World, cluster: ClusterTruth, sinceMs: number): boolean {
  return (
    cluster.quorumSeenMs >= sinceMs ||
    world.etcd.procs.some(
      (proc) => proc.isLeader && proc.dir.clusterId === cluster.id && confirmsLeadership(world, proc),
    )
  );
}

type Forming = Extract<NonNullable<World['kube']['api']['record']>, { phase: 'Forming' }>;

function seedClusterOf(record: Forming): EtcdId {
  const { ordinal, attempt } = record.seed;
  return clusterIdOf(memberIdOf(peerUrl(ordinal), tokenOf(record, attempt)));
}

function judgeRecord(world: World, { before, after, evidence }: FactOf<'record'>): void {
  const seen = `${before?.phase} -> ${after.phase} by ${evidence.who}`;
  if (before === null) {
    broken('oneClusterId', `an absent record was written by ${evidence.who}: ${after.phase}`);
  }
  if (before.phase === 'Formed' || before.phase === 'Blocked') {
    broken('oneClusterId', seen);
  }
  if (before.phase === 'Forming' && after.phase === 'Forming') {
    const data = world.kube.volumes[before.seed.ordinal]?.data;
    const isLeft = data?.clusterId === seedClusterOf(before) && data.damage === 'none';
    if (before.seed.ordinal !== after.seed.ordinal || isLeft) {
      broken('newOnlyBySeed', `${seen}, but the first seed still has its ${isLeft ? 'data' : 'turn'}`);
    }
  }
  if (after.phase === 'Formed' && (before.phase !== 'Forming' || seedClusterOf(before) !== after.clusterId)) {
    broken('oneClusterId', `${seen}: sealed ${after.clusterId}`);
  }
}

/** Who says it serves runs, is a voter, and knows a leader. */
function judgeDecision({ view, decision, agent }: FactOf<'decided'>): void {
  if (decision.kind === 'settled') {
    const { etcd } = view;
    const isVoting = etcd.kind === 'running' && !etcd.status.isLearner && etcd.status.leaderId !== null;
    if (!isVoting) {
      broken('statusObserved', `m${agent.pod.ordinal} claims to serve`);
    }
  }
}
