/** What a played agent does next, and what it says of itself: the rules of `src/decide` in one page. Pure. */
import { createHash } from 'node:crypto';
import type { AgentStatus } from '../../src/model/agent-status.ts';
import type { Stage } from '../../src/model/decision.ts';
import type { FormationRecord } from '../../src/model/formation-record.ts';
import type { EtcdId } from '../../src/model/member.ts';
import type { Reason } from '../../src/model/reason.ts';
import type { PlayedEtcd } from './played-etcd.ts';

/** The data on a volume. */
export type PlayedData = {
  readonly etcd: PlayedEtcd;
  readonly memberId: EtcdId;
  /** As the marker beside it notes them; null for plain etcd's. */
  readonly generation: number | null;
  readonly maxLearners: number | null;
};

/** What one agent sees. */
export type PlayedSight = {
  /** Of its Pod. */
  readonly name: string;
  readonly ordinal: number;
  readonly podUid: string;
  readonly replicas: number;
  /** Undefined: there is none that could be read. */
  readonly record: FormationRecord | undefined;
  readonly data: PlayedData | undefined;
  /** Whether the etcd beside it asks for its configuration, waits at the gate, or runs on `data`. */
  readonly process: 'absent' | 'at-gate' | 'running';
  /** The cluster that the record names, or that its data is of. */
  readonly etcd: PlayedEtcd | undefined;
};

/** What it does, or why nothing; a step of any other kind is followed by another look. */
export type PlayedStep = {
  readonly kind:
    | 'wait'
    | 'serve'
    | 'claim-seed'
    | 'form'
    | 'seal'
    | 'block'
    | 'set-aside'
    | 'resume'
    | 'remove-lost'
    | 'join'
    | 'promote';
  readonly reason: Reason;
  readonly stage: Stage;
};

/** The next step of an agent that sees this. */
export function nextStep(sight: PlayedSight): PlayedStep {
  switch (sight.process) {
    case 'absent':
      return step('wait', 'EtcdNotAsking', 'gated');
    case 'at-gate':
      return atGate(sight);
    case 'running':
      return whileRunning(sight);
  }
}

function whileRunning({ record, data, podUid }: PlayedSight): PlayedStep {
  const etcd = data?.etcd;
  if (record?.phase === 'Forming' && record.seed.podUid === podUid) {
    return step('seal', 'QuorumProven', 'forming');
  }
  if (etcd?.hasQuorum() !== true) {
    return step('wait', 'QuorumLost', 'starting');
  }
  return etcd.member(data?.memberId)?.role === 'Voter'
    ? step('serve', 'Serving', 'serving')
    : step('promote', 'CaughtUp', 'promoting');
}

function atGate(sight: PlayedSight): PlayedStep {
  const { record, data } = sight;
  const isListed = data?.etcd.member(data.memberId) !== undefined;
  const isOwn =
    record === undefined || (record.phase === 'Formed' && record.clusterId === data?.etcd.clusterId);
  if (isListed && isOwn) {
    return step('resume', 'OwnData', 'starting');
  }
  switch (record?.phase) {
    case undefined:
      return step('wait', 'FormationUnknown', 'gated');
    case 'Blocked':
      return step('wait', 'FormationBlocked', 'gated');
    case 'Forming':
      return record.seed.podUid === sight.podUid
        ? step('form', 'SeedClaimed', 'forming')
        : step('wait', 'SeedElsewhere', 'gated');
    case 'Unformed':
      return beforeForming(sight, record.discarding === true);
    case 'Formed':
      return data === undefined
        ? joining(sight, record.maxLearners)
        : step('set-aside', 'ForeignData', 'gated');
  }
}

function beforeForming({ data, ordinal }: PlayedSight, isDiscarding: boolean): PlayedStep {
  if (data !== undefined) {
    return isDiscarding ? step('set-aside', 'DataDiscarded', 'gated') : step('block', 'ForeignData', 'gated');
  }
  return ordinal === 0 ? step('claim-seed', 'Unformed', 'gated') : step('wait', 'SeedTurn', 'gated');
}

function joining({ etcd, name, ordinal, replicas }: PlayedSight, maxLearners: number): PlayedStep {
  if (ordinal >= replicas) {
    return step('wait', 'ScaledAway', 'out');
  }
  if (etcd?.hasQuorum() !== true) {
    return step('wait', 'QuorumLost', 'joining');
  }
  if (etcd.named(name) !== undefined) {
    return step('remove-lost', 'LostIdentity', 'joining');
  }
  const learners = etcd.members.filter(({ role }) => role !== 'Voter').length;
  return learners < maxLearners
    ? step('join', 'NotListed', 'joining')
    : step('wait', 'LearnerSlotTaken', 'joining');
}

function step(kind: PlayedStep['kind'], reason: Reason, stage: Stage): PlayedStep {
  return { kind, reason, stage };
}

/** What the agent says that is about to do this. `since` is when it was first about to. */
export function playedStatus(
  sight: PlayedSight,
  next: PlayedStep,
  version: string,
  since: string,
): AgentStatus {
  const { name, ordinal, data, record } = sight;
  const status = {
    name,
    ordinal,
    podUid: sight.podUid,
    ...urlsOf(name),
    decision: {
      kind: next.kind === 'serve' ? 'settled' : next.kind,
      reason: next.reason,
      message: `${next.reason}, as played.`,
      stage: next.stage,
      since,
    },
    etcd: etcdOf(sight, version),
    formation: record?.phase ?? null,
    replicas: sight.replicas,
    volumeId: `volume-of-${name}`,
    hasData: data !== undefined,
    data:
      data === undefined
        ? null
        : {
            clusterId: data.etcd.clusterId,
            memberId: data.memberId,
            generation: data.generation,
            maxLearners: data.maxLearners,
          },
    generation: record?.generation ?? null,
    // No played cluster ever ran etcd 3.5.
    log: 'clean' as const,
    certificates: [],
    members: membersOf(sight.etcd),
  };
  const etag = createHash('sha256').update(JSON.stringify(status)).digest('hex').slice(0, 16);
  return { ...status, etag, observedAt: since };
}

function etcdOf({ data, process }: PlayedSight, version: string): AgentStatus['etcd'] {
  const runs = process === 'running';
  const etcd = runs ? data?.etcd : undefined;
  return {
    state: process,
    memberId: runs ? (data?.memberId ?? null) : null,
    clusterId: etcd?.clusterId ?? null,
    leaderId: etcd?.leaderId ?? null,
    isLearner: runs && etcd?.member(data?.memberId)?.role !== 'Voter',
    version,
    raftTerm: String(etcd?.term ?? 0),
    raftIndex: '100',
    raftAppliedIndex: '100',
    dbSizeBytes: 20_480,
    errors: [],
  };
}

function membersOf(etcd: PlayedEtcd | undefined): AgentStatus['members'] {
  return (etcd?.members ?? []).map(({ id, name, role }) => ({
    id,
    name,
    ...urlsOf(name),
    role: id === etcd?.leaderId ? 'Leader' : role,
  }));
}

/** Nobody dials them. */
function urlsOf(name: string): { readonly peerUrl: string; readonly clientUrl: string } {
  return { peerUrl: `http://${name}.peer:2380`, clientUrl: `http://${name}.peer:2379` };
}
