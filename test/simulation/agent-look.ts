/** How an agent sees the world: its own Pod, the API, DNS, the voters and its siblings. */
import { isLogToBeNoted } from '../../src/decide/log-note.ts';
import { isLogInQuestion } from '../../src/decide/old-log.ts';
import { markerOf } from '../../src/decide/ownership.ts';
import type { Wants } from '../../src/decide/wants.ts';
import { type Known, known, unknown } from '../../src/model/known.ts';
import type { EtcdStatus, LocalEtcd } from '../../src/model/local-etcd.ts';
import type { Intent, MemberView, OwnName } from '../../src/model/member-view.ts';
import type { Volume as VolumeFinding } from '../../src/model/volume.ts';
import { askSiblings } from './agent-look-siblings.ts';
import { askVoters } from './agent-look-voters.ts';
import type { Agent } from './agent-state.ts';
import { resolve } from './dns-model.ts';
import { isServing } from './etcd-calls.ts';
import { memberOf } from './etcd-log.ts';
import { type EtcdProc, indexAt } from './etcd-state.ts';
import { readApi } from './kube-api.ts';
import type { Volume } from './kube-state.ts';
import { NAMES, type World } from './world.ts';

/** A view half made: what lies at hand and what the API said. */
export type Draft = { readonly view: MemberView; readonly wants: Wants };

const UNASKED = unknown('the API was not asked');
const METRICS_AFTER_MS = 1_000;
const QUOTA_BYTES = 2 ** 31;
/** How long an etcd that was let start may be silent before it counts as absent. */
const STARTING_MS_MAX = 60_000;

/** The first half of a look. */
export function lookInside(world: World, agent: Agent, confirming: boolean): Draft {
  const bare = localView(world, agent);
  const local = { ...bare, ...readLog(world, agent, bare) };
  const wants = world.code.wantsOf({ ...local, voters: agent.lastVoters }, confirming);
  if (!wants.api) {
    return { view: local, wants };
  }
  const intent = readIntent(world, agent);
  const record = readRecord(world, agent);
  return { view: { ...local, intent, record }, wants };
}

/** The second half: what others say. */
export function lookAround(world: World, agent: Agent, { view, wants }: Draft): MemberView {
  const voters = askVoters(world, agent, view, wants);
  const ownName = wants.ownName ? readOwnName(world, agent) : 'unasked';
  const siblings = askSiblings(world, agent, view, voters, wants);
  agent.lastVoters = voters;
  return { ...view, nowMs: world.nowMs, voters, ownName, siblings };
}

function localView(world: World, agent: Agent): MemberView {
  const { pod } = agent;
  return {
    nowMs: world.nowMs,
    self: selfOf(world, agent),
    certificates: { kind: 'unused' },
    volume: readVolume(pod.volume),
    etcd: localEtcdOf(world, agent),
    log: { kind: 'unread' },
    clusterMinor: null,
    intent: UNASKED,
    record: agent.formed,
    voters: { kind: 'unasked' },
    voterStatuses: new Map(),
    ownName: 'unasked',
    siblings: [],
    history: agent.history,
  };
}

/** Where it matters, the log is found as it is; the cluster is of one version. */
function readLog(world: World, agent: Agent, view: MemberView): Pick<MemberView, 'log' | 'clusterMinor'> {
  const { minor } = world.version;
  const isOld = agent.pod.volume.data?.damage === 'too-old';
  const log = { kind: 'read', entries: 9n, lastIndex: 9n, lastV2Index: isOld ? 4n : null } as const;
  if (isLogInQuestion(view)) {
    return { log, clusterMinor: null };
  }
  return isLogToBeNoted(view) ? { log, clusterMinor: minor } : { log: view.log, clusterMinor: null };
}

/** Who an agent is. */
export function selfOf(world: World, { pod }: Agent): MemberView['self'] {
  const { ordinal, uid: podUid, clusterUid } = pod;
  const { version: etcdVersion } = world;
  return { names: NAMES, ordinal, podUid, clusterUid, etcdVersion, quotaBytes: QUOTA_BYTES };
}

function readVolume(volume: Volume): VolumeFinding {
  if (!volume.isReadable) {
    return { kind: 'unreadable', why: 'EIO' };
  }
  const { data, place, marker, isMarkerDamaged } = volume;
  return {
    kind: 'readable',
    marker: isMarkerDamaged
      ? { kind: 'invalid', why: 'it is not JSON' }
      : marker === null
        ? { kind: 'none' }
        : { kind: 'present', marker },
    wal: walOf(data, place),
    prunable: volume.quarantine.filter((aside) => aside.clusterId === marker?.clusterId).length,
  };
}

function walOf(
  data: Volume['data'],
  place: Volume['place'],
): Extract<VolumeFinding, { kind: 'readable' }>['wal'] {
  if (data === null) {
    return { kind: 'none' };
  }
  const where = place === undefined ? {} : { place };
  return data.damage === 'unreadable'
    ? { kind: 'unreadable', why: 'torn record', ...where }
    : { kind: 'present', clusterId: data.clusterId, memberId: data.memberId, ...where };
}

/** The process beside the agent: through the gate, and by asking it for its status. */
export function localEtcdOf(world: World, agent: Agent): LocalEtcd {
  const { etcd } = agent.pod;
  if (etcd.kind === 'at-gate') {
    if (agent.answeredAtMs !== undefined) {
      agent.failedStarts += 1;
      agent.answeredAtMs = undefined;
    }
    agent.runningSinceMs = undefined;
    return { kind: 'at-gate', sinceMs: etcd.sinceMs, failedStarts: agent.failedStarts };
  }
  if (etcd.kind === 'serving' && isKnownToRun(world, agent, etcd.proc)) {
    agent.runningSinceMs ??= world.nowMs;
    agent.answeredAtMs = undefined;
    agent.failedStarts = 0;
    return { kind: 'running', sinceMs: agent.runningSinceMs, status: statusOf(world, etcd.proc) };
  }
  agent.runningSinceMs = undefined;
  const alive = etcd.kind === 'serving' && !etcd.proc.isPaused;
  if (alive) {
    agent.answeredAtMs ??= world.nowMs;
  }
  return agent.answeredAtMs !== undefined && (alive || world.nowMs - agent.answeredAtMs < STARTING_MS_MAX)
    ? { kind: 'starting', sinceMs: agent.answeredAtMs, alive, hasLeader: false }
    : { kind: 'absent' };
}

/** A learner whose client port is still shut is known by its metrics page, a second after its start. */
function isKnownToRun(world: World, agent: Agent, proc: EtcdProc): boolean {
  if (proc.isPaused || isServing(proc)) {
    return !proc.isPaused;
  }
  const isOld = agent.answeredAtMs === undefined || world.nowMs - agent.answeredAtMs >= METRICS_AFTER_MS;
  return isOld && memberOf(proc.dir.membership, proc.id)?.isLearner === true;
}

/** What etcd's Status call says. */
export function statusOf(world: World, proc: EtcdProc): EtcdStatus {
  const { dir } = proc;
  const index = BigInt(indexAt(dir.log, dir.commit));
  return {
    clusterId: dir.clusterId,
    memberId: proc.id,
    isLearner: memberOf(dir.membership, proc.id)?.isLearner === true,
    leaderId: proc.leaderId,
    version: `3.${world.version.minor}.${world.version.patch}`,
    raftTerm: BigInt(dir.term),
    raftIndex: index,
    raftAppliedIndex: index,
    dbSizeBytes: 0,
    dbSizeInUseBytes: 0,
    errors: [],
  };
}

/** The set and the own Pod, as the API tells them. */
export function readIntent(world: World, agent: Agent): Known<Intent> {
  const state = readApi(world, agent);
  if (state === undefined) {
    return unknown('the API server does not answer');
  }
  const pod = state.pods[agent.pod.ordinal] ?? null;
  return known(
    {
      statefulSetUid: state.setUid,
      replicas: state.replicas,
      statefulSetDeleting: state.isSetDeleting,
      ownPod: pod === null ? null : { uid: pod.uid, deleting: pod.isDeleting },
    },
    world.nowMs,
  );
}

function readRecord(world: World, agent: Agent): MemberView['record'] {
  const state = readApi(world, agent);
  if (state === undefined) {
    return unknown('the API server does not answer');
  }
  const { record } = state;
  if (record === null) {
    return known('absent', world.nowMs);
  }
  const versioned = { record, resourceVersion: String(state.recordVersion) };
  if (record.phase === 'Formed') {
    agent.formed = known(versioned, world.nowMs);
  }
  return known(versioned, world.nowMs);
}

function readOwnName(world: World, agent: Agent): OwnName {
  const address = resolve(world.dns, agent.pod.ordinal);
  if (address === undefined) {
    return 'unpublished';
  }
  return address === agent.pod.address ? 'published' : 'elsewhere';
}

/** Whose answers to believe: the recorded cluster's, else the one the volume's marker names. */
export function believedClusterId(view: MemberView): EtcdStatus['clusterId'] | null {
  const record = view.record.known && view.record.value !== 'absent' ? view.record.value.record : undefined;
  if (record?.phase === 'Formed') {
    return record.clusterId;
  }
  const fromMarker = markerOf(view)?.clusterId ?? null;
  return fromMarker ?? (view.etcd.kind === 'running' ? view.etcd.status.clusterId : null);
}
