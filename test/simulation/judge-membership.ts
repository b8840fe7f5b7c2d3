/** Judges elections and what is done to the membership (invariants 4, 5, 8 and 10). */
import { PROMOTION_LAG_MAX } from '../../src/decide/patience.ts';
import { type EtcdId, quorumOf } from '../../src/model/member.ts';
import { type ConfChange, type Evidence, memberOf } from './etcd-log.ts';
import { describe } from './etcd-replication.ts';
import { type ClusterTruth, type EtcdProc, exchange, isVoter, procOf, truthOf } from './etcd-state.ts';
import { broken } from './invariant.ts';
import { holdsData, wasAlive } from './judged-facts.ts';
import { wasEver } from './kube-api.ts';
import { canDial, linkAgeStartMs } from './network.ts';
import { type FactOf, ordinalOf, type World } from './world.ts';

/** Leader completeness and election safety (raft §5): a leader holds whatever was ever acknowledged. */
export function judgeElection(world: World, proc: EtcdProc): void {
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

/** What was applied to the member list, by whom and on what grounds. */
export function judgeChange(world: World, fact: FactOf<'changed'>): void {
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
  if (change.kind === 'update-url') {
    judgeUrl(world, fact, change);
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

/** Only the agent beside a voter corrects its URL, to the one that leads there (L26). */
function judgeUrl(
  world: World,
  { before, after, evidence }: FactOf<'changed'>,
  { id, peerUrl: url }: Extract<ConfChange, { kind: 'update-url' }>,
): void {
  const pod = world.kube.pods.find((candidate) => candidate.uid === evidence?.podUid);
  const isOwn = pod === undefined || pod.volume.data?.memberId === id;
  if (memberOf(before, id)?.isLearner === true) {
    const isKept = memberOf(after, id)?.isLearner === true;
    broken('promotedAlive', `${id} got the URL ${url} as a learner${isKept ? '' : ', and is a voter now'}`);
  }
  if (!isOwn || ordinalOf(url) !== evidence?.ordinal) {
    broken('quorumKept', `${evidence?.who} gave ${id} the URL ${url}`);
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
  if (member !== undefined && ordinal === undefined) {
    broken('noLeaveUnscaled', `${evidence.who} (${evidence.reason}) removed ${id}, which is no ordinal’s`);
  }
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
