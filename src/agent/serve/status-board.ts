import { createHash } from 'node:crypto';
import { isNoted } from '../../decide/log-note.ts';
import { markerOf } from '../../decide/ownership.ts';
import type { AgentStatus, AgentStatusMember } from '../../model/agent-status.ts';
import type { Decision } from '../../model/decision.ts';
import { formatEtcdVersion } from '../../model/etcd-version.ts';
import { CONVERTS_MINOR } from '../../model/log-tail.ts';
import { type EtcdId, isStarted, type Member } from '../../model/member.ts';
import type { MemberView, Self } from '../../model/member-view.ts';
import { clientUrlOf, memberNameOf, peerUrlOf } from '../../model/naming.ts';
import type { Volume } from '../../model/volume.ts';
import { pause } from '../../runtime/abort.ts';
import type { Clock } from '../../runtime/clock.ts';

/** Long-polls held at once; the operator and a few people, never a crowd. */
const WAITERS_MAX = 32;

/** The agent's latest status, and those who wait for the next one. */
export class StatusBoard {
  readonly #clock: Clock;
  #status: AgentStatus;
  readonly #certificates: () => AgentStatus['certificates'];
  #waiters = new Set<AbortController>();

  /** `certificates` says what lies in the Pod whenever a status is made. */
  constructor(self: Self, clock: Clock, certificates: () => AgentStatus['certificates'] = () => []) {
    this.#clock = clock;
    this.#certificates = certificates;
    this.#status = initialStatus(self, clock);
  }

  get status(): AgentStatus {
    return this.#status;
  }

  /** Shows what was decided on `view`; `sinceMs` is when that decision was first taken. */
  show(view: MemberView, decision: Decision, sinceMs: number): void {
    const before = { ...this.#status, certificates: this.#certificates() };
    const next = statusOf(view, decision, sinceMs, before, this.#clock);
    const changed = next.etag !== this.#status.etag;
    this.#status = next;
    if (changed) {
      for (const waiter of this.#waiters) {
        waiter.abort();
      }
      this.#waiters.clear();
    }
  }

  /** The status once it differs from the one with `etag`, or as it is after `waitMs`. */
  async after(etag: string, waitMs: number, signal: AbortSignal): Promise<AgentStatus> {
    if (this.#status.etag !== etag || this.#waiters.size >= WAITERS_MAX) {
      return this.#status;
    }
    const waiter = new AbortController();
    this.#waiters.add(waiter);
    await pause(waitMs, AbortSignal.any([signal, waiter.signal]));
    this.#waiters.delete(waiter);
    return this.#status;
  }
}

function initialStatus(self: Self, clock: Clock): AgentStatus {
  const now = clock.timestamp();
  return {
    etag: '0',
    observedAt: now,
    name: memberNameOf(self.names, self.ordinal),
    ordinal: self.ordinal,
    podUid: self.podUid,
    peerUrl: peerUrlOf(self.names, self.ordinal),
    clientUrl: clientUrlOf(self.names, self.ordinal),
    decision: {
      kind: 'wait',
      reason: 'EtcdNotAsking',
      message: 'The agent has just started.',
      stage: 'gated',
      since: now,
    },
    etcd: etcdStatusOf(undefined, self),
    formation: null,
    replicas: null,
    volumeId: null,
    hasData: false,
    data: null,
    generation: null,
    certificates: [],
    members: [],
  };
}

function statusOf(
  view: MemberView,
  decision: Decision,
  sinceMs: number,
  before: AgentStatus,
  clock: Clock,
): AgentStatus {
  const { kind, reason, message, stage } = decision;
  const marker = markerOf(view);
  const same =
    before.decision.kind === kind && before.decision.reason === reason && before.decision.message === message;
  const since = same ? before.decision.since : new Date(Date.now() - (clock.nowMs() - sinceMs)).toISOString();
  const record = view.record.known && view.record.value !== 'absent' ? view.record.value.record : undefined;
  const { log: _before, ...earlier } = before;
  const status = {
    ...earlier,
    decision: { kind, reason, message, stage, since },
    etcd: etcdStatusOf(view, view.self),
    formation: record?.phase ?? before.formation,
    replicas: view.intent.known ? view.intent.value.replicas : before.replicas,
    volumeId: marker?.volumeId ?? null,
    hasData: holdsData(view.volume),
    data: dataOf(view),
    generation: record?.generation ?? marker?.generation ?? before.generation,
    ...logOf(view),
    members: membersOf(view) ?? before.members,
  };
  return { ...status, observedAt: clock.timestamp(), etag: etagOf(status) };
}

/** What several places hold cannot be told, but nothing it is not. */
function holdsData(volume: Volume): boolean {
  return volume.kind === 'readable' ? volume.wal.kind !== 'none' : volume.holdsData === true;
}

function dataOf(view: MemberView): AgentStatus['data'] {
  const wal = view.volume.kind === 'readable' ? view.volume.wal : undefined;
  if (wal?.kind !== 'present') {
    return null;
  }
  const marker = markerOf(view);
  return {
    clusterId: wal.clusterId,
    memberId: wal.memberId,
    generation: marker?.generation ?? null,
    maxLearners: marker?.maxLearners ?? null,
  };
}

function logOf(view: MemberView): Pick<AgentStatus, 'log'> {
  const { log, self } = view;
  if (log.kind === 'read' && log.lastV2Index !== null) {
    return { log: 'old' };
  }
  return self.etcdVersion.minor >= CONVERTS_MINOR && isNoted(view, markerOf(view)) ? { log: 'clean' } : {};
}

function etcdStatusOf(view: MemberView | undefined, self: Self): AgentStatus['etcd'] {
  const running = view?.etcd.kind === 'running' ? view.etcd.status : undefined;
  return {
    state: view?.etcd.kind ?? 'absent',
    memberId: running?.memberId ?? null,
    clusterId: running?.clusterId ?? null,
    leaderId: running?.leaderId ?? null,
    isLearner: running?.isLearner ?? false,
    version: running?.version ?? formatEtcdVersion(self.etcdVersion),
    raftTerm: String(running?.raftTerm ?? 0n),
    raftIndex: String(running?.raftIndex ?? 0n),
    raftAppliedIndex: String(running?.raftAppliedIndex ?? 0n),
    dbSizeBytes: running?.dbSizeBytes ?? 0,
    errors: [...(running?.errors ?? [])],
  };
}

function membersOf(view: MemberView): AgentStatusMember[] | undefined {
  if (!('members' in view.voters)) {
    return undefined;
  }
  const leaderId = view.voters.kind === 'linearizable' ? view.voters.leader?.id : undefined;
  return view.voters.members.map((member) => ({
    id: member.id,
    name: member.name,
    peerUrl: member.peerUrls[0] ?? '',
    clientUrl: member.clientUrls[0] ?? '',
    role: roleOf(member, leaderId),
  }));
}

function roleOf(member: Member, leaderId: EtcdId | undefined): AgentStatusMember['role'] {
  if (!isStarted(member)) {
    return 'Unstarted';
  }
  if (member.isLearner) {
    return 'Learner';
  }
  return member.id === leaderId ? 'Leader' : 'Voter';
}

/** Raft figures and database size move all the time and would wake every waiter at each look. */
function etagOf(status: Omit<AgentStatus, 'observedAt' | 'etag'>): string {
  const { raftTerm, raftIndex, raftAppliedIndex, dbSizeBytes, ...etcd } = status.etcd;
  const stable = JSON.stringify({ ...status, etag: '', observedAt: '', etcd });
  return createHash('sha256').update(stable).digest('hex').slice(0, ETAG_CHARACTERS);
}

const ETAG_CHARACTERS = 16;
