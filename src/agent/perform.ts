import { join } from 'node:path';
import { markerOf } from '../decide/ownership.ts';
import type { EtcdGate } from '../etcd/etcd-gate.ts';
import type { Answer, ChangeOutcome, MaintenanceApi, MemberApi, Refusal } from '../etcd/member-api.ts';
import { type EtcdStart, type EtcdTls, renderConfig, type TlsFiles } from '../etcd/render-config.ts';
import type { ClusterApi, SwapOutcome } from '../kube/cluster-api.ts';
import { assertNever } from '../model/assert-never.ts';
import type { Decision, DecisionOf } from '../model/decision.ts';
import type { MemberView } from '../model/member-view.ts';
import { clientUrlOf } from '../model/naming.ts';
import { TLS_FILES } from '../pki/tls-folder.ts';
import { errorText } from '../runtime/error-text.ts';
import type { Logger } from '../runtime/logger.ts';
import { dataDirectoryOf } from '../volume/file-volume-store.ts';
import type { VolumeStore } from '../volume/volume-store.ts';
import type { MemberCertificates } from './certificates/member-certificates.ts';
import type { TlsSettings } from './certificates/tls-settings.ts';
import type { AgentConfig } from './config.ts';
import type { HashComparison } from './look/hash-comparison.ts';
import type { MembershipCalls } from './membership-calls.ts';

export type PerformDeps = {
  readonly config: AgentConfig;
  readonly gate: EtcdGate;
  readonly members: MemberApi;
  readonly membershipCalls: MembershipCalls;
  readonly maintenance: MaintenanceApi;
  readonly hashes: Pick<HashComparison, 'start'>;
  readonly api: ClusterApi;
  readonly volume: VolumeStore;
  readonly certificates: Pick<MemberCertificates, 'noteStarted'>;
  readonly logger: Logger;
};

/** What came of an action. `failed` needs a human or time; everything else shows in the next view. */
export type Performed =
  | { readonly kind: 'done' }
  | { readonly kind: 'answered-gate' }
  /** etcd refused for a reason that passes; asking again at once would be refused again. */
  | { readonly kind: 'refused'; readonly refusal: Refusal }
  | { readonly kind: 'failed'; readonly why: string };

/**
 * Carries out one decision: at most one call that changes anything. What became of a membership call is
 * not believed here either; the next view tells.
 */
export async function perform(
  deps: PerformDeps,
  view: MemberView,
  decision: Decision,
  signal: AbortSignal,
): Promise<Performed> {
  try {
    return await carryOut(deps, view, decision, signal);
  } catch (error) {
    return { kind: 'failed', why: errorText(error) };
  }
}

async function carryOut(
  deps: PerformDeps,
  view: MemberView,
  decision: Decision,
  signal: AbortSignal,
): Promise<Performed> {
  const { config } = deps;
  switch (decision.kind) {
    case 'wait':
    case 'stay-out':
    case 'settled':
      return { kind: 'done' };
    case 'write-marker':
      await deps.volume.writeMarker(decision.marker);
      return { kind: 'done' };
    case 'set-data-aside':
      deps.logger.warn(
        { place: await deps.volume.setDataAside(decision.reason, decision.message, decision.place) },
        'data set aside',
      );
      return { kind: 'done' };
    case 'take-in-data':
      await deps.volume.takeInData(decision.place);
      deps.logger.warn({ place: decision.place }, 'data of a plain etcd moved to data/');
      return { kind: 'done' };
    case 'prune-quarantine':
      deps.logger.info({ pruned: await deps.volume.pruneQuarantine(decision.keep) }, 'quarantine pruned');
      return { kind: 'done' };
    case 'claim-seed':
    case 'block-formation':
    case 'seal':
      return swapped(await deps.api.swapRecord(decision.record, decision.resourceVersion, signal));
    case 'resume':
    case 'seed':
    case 'start-joined':
      return answerGate(deps, view, decision);
    case 'join-as-learner':
    case 'remove-lost-identity':
    case 'promote-self':
    case 'remove-orphan':
    case 'correct-peer-url':
    case 'hand-over':
      return changeMembership(deps, decision, signal);
    case 'compare-hashes':
      deps.hashes.start(decision.membershipKey, decision.clientUrls, signal);
      return { kind: 'done' };
    case 'defragment':
      return performedOf(await deps.maintenance.defragment(decision.clientUrl, signal));
    case 'disarm-space-alarm':
      return performedOf(
        await deps.maintenance.disarmSpaceAlarm(clientUrlOf(config.names, config.ordinal), signal),
      );
    default:
      return assertNever(decision);
  }
}

/** A swap without success is not made again at once: the API is in trouble, or somebody else was first. */
function swapped(outcome: SwapOutcome): Performed {
  switch (outcome) {
    case 'written':
      return { kind: 'done' };
    case 'conflict':
      return { kind: 'failed', why: 'the formation record was changed meanwhile' };
    case 'unknown':
      return { kind: 'failed', why: 'the API did not acknowledge the write' };
  }
}

type Start = DecisionOf<'resume'> | DecisionOf<'seed'> | DecisionOf<'start-joined'>;

/** From just before the answer on, this volume counts as used: the member may have voted. */
async function answerGate(deps: PerformDeps, view: MemberView, decision: Start): Promise<Performed> {
  const { config } = deps;
  const marker = markerOf(view);
  // An etcd older than what was noted may write what that note denies.
  const isNoteWrong = (marker?.logCleanFor ?? 0) > config.etcdVersion.minor;
  if (marker !== undefined && (!marker.released || isNoteWrong)) {
    const { volumeId: _kept, logCleanFor, ...fields } = marker;
    const note = logCleanFor === undefined || isNoteWrong ? {} : { logCleanFor };
    await deps.volume.writeMarker({ ...fields, ...note, released: true });
  }
  const document = renderConfig({
    names: config.names,
    ordinal: config.ordinal,
    etcdVersion: config.etcdVersion,
    dataDirectory: dataDirectoryOf(config.volume),
    listenAddress: config.listenAddress,
    metricsPort: config.metricsPort,
    start: startOf(decision),
    options: config.etcdOptions,
    tls: etcdTlsOf(config.tls),
  });
  await deps.certificates.noteStarted();
  const answer = await deps.gate.answer(document);
  return answer.kind === 'answered' ? { kind: 'answered-gate' } : { kind: 'done' };
}

function etcdTlsOf({ folders: { client, peer }, takesPlainClients, peerName }: TlsSettings): EtcdTls {
  return {
    ...(client === undefined ? {} : { client: tlsFilesIn(client) }),
    ...(peer === undefined ? {} : { peer: tlsFilesIn(peer) }),
    ...(peerName === undefined ? {} : { peerName }),
    takesPlainClients,
  };
}

function tlsFilesIn(folder: string): TlsFiles {
  return {
    certFile: join(folder, TLS_FILES.certificate),
    keyFile: join(folder, TLS_FILES.key),
    trustedCaFile: join(folder, TLS_FILES.authorities),
  };
}

function startOf(decision: Start): EtcdStart {
  switch (decision.kind) {
    case 'resume':
      return {
        kind: 'resume',
        maxLearners: decision.maxLearners,
        initialCorruptCheck: decision.initialCorruptCheck,
        ...(decision.snapshotCount === undefined ? {} : { snapshotCount: decision.snapshotCount }),
      };
    case 'seed':
      return { kind: 'seed', token: decision.token, maxLearners: decision.maxLearners };
    case 'start-joined':
      return {
        kind: 'join',
        token: decision.token,
        maxLearners: decision.maxLearners,
        initialCluster: decision.initialCluster,
      };
  }
}

type Change =
  | DecisionOf<'join-as-learner'>
  | DecisionOf<'remove-lost-identity'>
  | DecisionOf<'promote-self'>
  | DecisionOf<'remove-orphan'>
  | DecisionOf<'correct-peer-url'>
  | DecisionOf<'hand-over'>;

async function changeMembership(
  deps: PerformDeps,
  decision: Change,
  signal: AbortSignal,
): Promise<Performed> {
  const outcome = await callFor(deps, decision, signal);
  switch (outcome.kind) {
    case 'done':
      return { kind: 'done' };
    case 'refused':
      return { kind: 'refused', refusal: outcome.refusal };
    case 'unknown':
      return { kind: 'failed', why: outcome.why };
  }
}

function callFor(deps: PerformDeps, decision: Change, signal: AbortSignal): Promise<ChangeOutcome> {
  switch (decision.kind) {
    case 'join-as-learner': {
      const { peerUrl, voterUrl } = decision;
      return deps.membershipCalls.count('MemberAdd', { peerUrl }, () =>
        deps.members.addLearner(voterUrl, peerUrl, signal),
      );
    }
    case 'hand-over':
      return deps.membershipCalls.count('MoveLeader', { target: decision.target }, () =>
        deps.members.moveLeader(decision.leaderUrl, decision.target, signal),
      );
    case 'promote-self':
      return deps.membershipCalls.count('MemberPromote', { memberId: decision.memberId }, () =>
        deps.members.promote(decision.leaderUrl, decision.memberId, signal),
      );
    case 'correct-peer-url': {
      const { memberId, peerUrl, leaderUrl } = decision;
      return deps.membershipCalls.count('MemberUpdate', { memberId, peerUrl }, () =>
        deps.members.updatePeerUrl(leaderUrl, memberId, peerUrl, signal),
      );
    }
    case 'remove-lost-identity':
    case 'remove-orphan':
      return deps.membershipCalls.count('MemberRemove', { memberId: decision.memberId }, () =>
        deps.members.remove(decision.leaderUrl, decision.memberId, signal),
      );
  }
}

function performedOf(answer: Answer<void>): Performed {
  return answer.kind === 'answered' ? { kind: 'done' } : { kind: 'failed', why: answer.why };
}
