import type { ClusterConditionType, EtcdClusterStatus, MemberStatus } from '../../api/cluster-status.ts';
import type { Condition } from '../../api/kubernetes.ts';
import { givesUp, needsHuman } from './attention.ts';
import { EVENT_REASONS, type EventReason } from './event-reasons.ts';

/** An Event to record about the cluster. */
export type ClusterEvent = {
  readonly type: 'Normal' | 'Warning';
  readonly reason: EventReason;
  readonly message: string;
};

/**
 * What happened between two statuses: the last one that was written and the one that is about to be. It is to
 * be recorded once that write has succeeded, or it would be told twice. Sentences and figures that change are
 * no events, nor are the waits of a member that joins.
 */
export function clusterEvents(
  before: EtcdClusterStatus | undefined,
  after: EtcdClusterStatus,
): readonly ClusterEvent[] {
  return [
    ...ofSize(before, after),
    ...ofVersion(before, after),
    ...ofMembers(before, after),
    ...ofLeader(before, after),
    ...ofConditions(before, after),
    ...ofEncryption(before, after),
    ...ofPhase(before, after),
  ];
}

function ofSize(before: EtcdClusterStatus | undefined, after: EtcdClusterStatus): readonly ClusterEvent[] {
  return before?.size === undefined || before.size === after.size
    ? []
    : [event('ScalingStarted', `Size ${after.size} is wanted, after ${before.size}.`)];
}

function ofVersion(before: EtcdClusterStatus | undefined, after: EtcdClusterStatus): readonly ClusterEvent[] {
  const { version, targetVersion } = after;
  const isStarted = before?.targetVersion !== undefined && before.targetVersion !== targetVersion;
  const isFinished = before?.version !== undefined && before.version !== version && version === targetVersion;
  return [
    ...(isStarted
      ? [event('UpgradeStarted', `Rolling out ${targetVersion}, after ${before.targetVersion}.`)]
      : []),
    ...(isFinished ? [event('UpgradeFinished', `Every member runs ${version}.`)] : []),
  ];
}

/** Without a status before, everybody would seem to have joined just now. */
function ofMembers(before: EtcdClusterStatus | undefined, after: EtcdClusterStatus): readonly ClusterEvent[] {
  if (before?.members === undefined) {
    return [];
  }
  const rows = after.members ?? [];
  // A row without a cluster ID is of a seed that was just forming; one of another cluster never was a member.
  const isSameCluster = before.clusterID !== undefined && before.clusterID === after.clusterID;
  return [
    ...before.members
      .filter((row) => isSameCluster && row.id !== undefined && !isListedIn(rows, row))
      .map(({ id, name }) => event('MemberLeft', `Member ${id} (${name}) is no longer listed.`)),
    ...rows.flatMap((row) => ofMember(before.members ?? [], row)),
    ...joined(isSameCluster ? before.members : [], rows, after.clusterID),
  ];
}

function isListedIn(list: readonly MemberStatus[], { id }: MemberStatus): boolean {
  return list.some((row) => row.id === id);
}

/**
 * Nobody has joined a cluster that is just forming: an operator that starts meanwhile cannot tell whose rows those
 * are that it finds, and would tell of the seed once more.
 */
function joined(
  before: readonly MemberStatus[],
  rows: readonly MemberStatus[],
  clusterID: string | undefined,
): readonly ClusterEvent[] {
  return rows
    .filter((row) => clusterID !== undefined && row.id !== undefined && !isListedIn(before, row))
    .map(({ id, name, role }) =>
      event('MemberJoined', `Member ${id} (${name}) is listed now${role === undefined ? '' : `: ${role}`}.`),
    );
}

function ofMember(before: readonly MemberStatus[], row: MemberStatus): readonly ClusterEvent[] {
  const { id, name, reason } = row;
  const last = id === undefined ? undefined : before.find((each) => each.id === id);
  const lastReason = before.find((each) => each.name === name)?.reason;
  const said = `${name}: ${reason}: ${row.message ?? ''}`;
  const isNews = reason !== undefined && reason !== lastReason;
  return [
    ...(isLearning(last) && isVoting(row)
      ? [event('MemberPromoted', `Member ${id} (${name}) votes now.`)]
      : []),
    ...(isNews && needsHuman(reason) ? [event('MemberNeedsHuman', said)] : []),
    ...(isNews && givesUp(reason) ? [event('MemberGivesUp', said)] : []),
  ];
}

function isLearning(row: MemberStatus | undefined): boolean {
  return row?.role === 'Learner' || row?.role === 'Unstarted';
}

function isVoting({ role }: MemberStatus): boolean {
  return role === 'Voter' || role === 'Leader';
}

/** A moment without a leader is no event; the first leader of a new cluster is not, either. */
function ofLeader(before: EtcdClusterStatus | undefined, after: EtcdClusterStatus): readonly ClusterEvent[] {
  const { leaderID, leader = 'a member without a Pod' } = after;
  const hadMembers = before?.members?.some(({ id }) => id !== undefined) === true;
  if (!hadMembers || leaderID === undefined || leaderID === before?.leaderID) {
    return [];
  }
  const predecessor = before?.leaderID === undefined ? '' : `, after ${before.leader ?? before.leaderID}`;
  return [event('LeaderChanged', `${leader} (${leaderID}) leads${predecessor}.`)];
}

/** Conditions that have become what is worth telling: their type and reason or status, and the Event. */
const TELLING: readonly {
  readonly type: ClusterConditionType;
  readonly is: (condition: Condition) => boolean;
  readonly reason: EventReason;
}[] = [
  { type: 'QuorumLost', is: ({ status }) => status === 'True', reason: 'QuorumLost' },
  { type: 'Progressing', is: ({ reason }) => reason === 'ScaleInUnsafe', reason: 'ScalingHeld' },
  { type: 'Progressing', is: ({ reason }) => reason === 'ObjectRefused', reason: 'ObjectRefused' },
  { type: 'Progressing', is: ({ reason }) => reason === 'NameTaken', reason: 'NameTaken' },
  { type: 'Progressing', is: ({ reason }) => reason === 'NotYetSupported', reason: 'NotYetSupported' },
  { type: 'AuthReady', is: ({ reason }) => reason === 'SecretMissing', reason: 'SecretMissing' },
  { type: 'AuthReady', is: ({ reason }) => reason === 'PasswordUnusable', reason: 'PasswordUnusable' },
  { type: 'UpgradeBlocked', is: ({ status }) => status === 'True', reason: 'UpgradeBlocked' },
  { type: 'UpgradeBlocked', is: ({ reason }) => reason === 'KnownBugs', reason: 'VersionHasKnownBugs' },
];

function ofConditions(
  before: EtcdClusterStatus | undefined,
  after: EtcdClusterStatus,
): readonly ClusterEvent[] {
  return TELLING.flatMap(({ type, is, reason }) => {
    const now = after.conditions?.find((condition) => condition.type === type);
    const last = before?.conditions?.find((condition) => condition.type === type);
    return now !== undefined && is(now) && (last === undefined || !is(last))
      ? [event(reason, now.message)]
      : [];
  });
}

/** Reasons of the condition TLSReady that are told by the same word. */
const TOLD_OF_TLS = [
  'TLSUnderWay',
  'Encrypted',
  'ReplacingAuthority',
  'SecretsForbidden',
  'SecretMissing',
  'CertificateUnusable',
  'IssuerUnavailable',
  'CertificateExpiring',
  'CertificateExpired',
] as const satisfies readonly EventReason[];

/** A certificate that expires is told of once more whenever the sentence about it changes: after 30, 7 and 1 days. */
function ofEncryption(
  before: EtcdClusterStatus | undefined,
  after: EtcdClusterStatus,
): readonly ClusterEvent[] {
  const [last, now] = [before, after].map((each) =>
    each?.conditions?.find(({ type }) => type === 'TLSReady'),
  );
  const reason = TOLD_OF_TLS.find((each) => each === now?.reason);
  const isNews =
    last?.reason !== now?.reason || (reason === 'CertificateExpiring' && last?.message !== now?.message);
  return reason === undefined || now === undefined || !isNews ? [] : [event(reason, now.message)];
}

function ofPhase(before: EtcdClusterStatus | undefined, after: EtcdClusterStatus): readonly ClusterEvent[] {
  const [last, now] = [before?.phase, after.phase];
  if (now === undefined || last === now) {
    return [];
  }
  if (now === 'Failed') {
    return [event('ClusterFailed', after.message ?? 'The cluster cannot go on.')];
  }
  const isSaid =
    (now === 'Scaling' && ofSize(before, after).length > 0) ||
    (now === 'Upgrading' && ofVersion(before, after).length > 0);
  if (isSaid) {
    return [];
  }
  if (last === 'Scaling' && (now === 'Running' || now === 'Stopped')) {
    return [event('ScalingFinished', `The cluster has size ${after.size}.`)];
  }
  return [event('PhaseChanged', last === undefined ? `${now}.` : `${last}, now ${now}.`)];
}

/** An Event as the list of reasons has it. */
export function event(reason: EventReason, message: string): ClusterEvent {
  return { type: EVENT_REASONS[reason].type, reason, message };
}
