/** Judges what is started, on which data, and what is put away (invariants 1, 2, 3, 6, 7 and 9). */
import { tokenOf } from '../../src/model/formation-record.ts';
import type { EtcdId } from '../../src/model/member.ts';
import { clusterIdOf, memberIdOf, memberOf } from './etcd-log.ts';
import { isVoter, truthOf } from './etcd-state.ts';
import { broken } from './invariant.ts';
import { hadQuorum, wasAlive } from './judged-facts.ts';
import { wasEver } from './kube-api.ts';
import type { ApiState } from './kube-state.ts';
import { type FactOf, peerUrl, type World } from './world.ts';

/** etcd is let start. */
export function judgeStart(world: World, fact: FactOf<'started'>): void {
  const { pod, how, view, evidence } = fact;
  const { data } = pod.volume;
  if (how === 'seed' && data === null) {
    judgeSeed(world, fact);
  }
  if (data === null) {
    return;
  }
  judgeWhose(fact);
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

/** Data is started where it lies, and where the record or the marker says that it is this cluster's (F18). */
function judgeWhose({ pod, view }: FactOf<'started'>): void {
  const { volume, clusterUid, ordinal } = pod;
  const record = view.record.known && view.record.value !== 'absent' ? view.record.value.record : undefined;
  const isDecided = record?.phase === 'Formed' || record?.phase === 'Forming';
  if (!isDecided && volume.marker?.clusterUid !== clusterUid) {
    broken('noForeignStart', `m${ordinal} starts what an earlier cluster left, record ${record?.phase}`);
  }
  if (volume.place !== undefined) {
    broken('noEmptyUnderOldId', `m${ordinal} starts etcd beside its data, which lies at ${volume.place}`);
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
export function judgeIdentity(world: World, { pod, dir }: FactOf<'joined'>): void {
  const { ranOn, membership } = truthOf(world, dir.clusterId);
  if (ranOn.get(dir.memberId) !== dir.key && memberOf(membership, dir.memberId) !== undefined) {
    broken('noEmptyUnderOldId', `m${pod.ordinal} runs ${dir.memberId} on a directory that is not its own`);
  }
}

/** Data goes to quarantine. */
export function judgeSetAside(world: World, { pod, data, evidence }: FactOf<'set-aside' | 'pruned'>): void {
  const { record } = world.kube.api;
  const cluster = truthOf(world, data.clusterId);
  const isOfRecord =
    record?.phase === 'Formed'
      ? record.clusterId === data.clusterId
      : record?.phase === 'Forming' && seedClusterOf(record) === data.clusterId;
  const isListed = memberOf(cluster.membership, data.memberId) !== undefined;
  if (!hadQuorum(world, cluster, evidence.sinceMs) && !wasEver(world, evidence.sinceMs, mayBePutAway)) {
    broken('noLastCopyLost', `m${pod.ordinal} put ${data.memberId} away before anybody decided about it`);
  }
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

/** Formation has begun, or a human has said so: before that, data that nobody expected stays where it is (F18). */
function mayBePutAway({ record }: ApiState): boolean {
  switch (record?.phase) {
    case 'Formed':
    case 'Forming':
      return true;
    case 'Unformed':
      return record.discarding === true;
    default:
      return false;
  }
}

/** A copy is deleted only where a voter of the same cluster serves on newer data. */
export function judgePruning(world: World, { pod, data, evidence }: FactOf<'set-aside' | 'pruned'>): void {
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

type Forming = Extract<NonNullable<World['kube']['api']['record']>, { phase: 'Forming' }>;

function seedClusterOf(record: Forming): EtcdId {
  const { ordinal, attempt } = record.seed;
  return clusterIdOf(memberIdOf(peerUrl(ordinal), tokenOf(record, attempt)));
}

/** The formation record changes. */
export function judgeRecord(world: World, { before, after, evidence }: FactOf<'record'>): void {
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
