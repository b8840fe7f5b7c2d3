import { markerOf } from '../../decide/ownership.ts';
import { type Wants, wantsOf } from '../../decide/wants.ts';
import type { Resolver } from '../../dns/resolver.ts';
import type { ClusterApi } from '../../kube/cluster-api.ts';
import type { CertificatesFinding } from '../../model/certificates.ts';
import type { VersionedRecord } from '../../model/formation-record.ts';
import { type Known, known, unknown } from '../../model/known.ts';
import type { LocalEtcd } from '../../model/local-etcd.ts';
import type { EtcdId } from '../../model/member.ts';
import type { History, Intent, MemberView, OwnName, Self } from '../../model/member-view.ts';
import { dnsNameOf, memberNameOf, ordinalOfMember } from '../../model/naming.ts';
import type { Sibling } from '../../model/sibling.ts';
import type { Volume } from '../../model/volume.ts';
import type { VotersWord } from '../../model/voters-word.ts';
import { within } from '../../runtime/abort.ts';
import type { Clock } from '../../runtime/clock.ts';
import type { VolumeStore } from '../../volume/volume-store.ts';
import type { MemberCertificates } from '../certificates/member-certificates.ts';
import type { AgentConfig } from '../config.ts';
import type { LocalEtcdProbe } from './local-etcd-probe.ts';
import { LogWatch } from './log-watch.ts';
import { type SiblingSurveyDeps, surveySiblings } from './sibling-survey.ts';
import { statusesOfVoters } from './voter-statuses.ts';
import { surveyVoters, type VotersSurveyDeps } from './voters-survey.ts';

export type ObserverDeps = VotersSurveyDeps &
  SiblingSurveyDeps & {
    readonly clock: Clock;
    readonly self: Self;
    readonly config: Pick<AgentConfig, 'clusterUid'>;
    readonly podAddress: string;
    readonly volume: VolumeStore;
    readonly certificates: Pick<MemberCertificates, 'look'>;
    readonly etcd: LocalEtcdProbe;
    readonly api: ClusterApi;
    readonly resolver: Resolver;
  };

/**
 * The member's own data waits for nobody: an API and peers that are up answer within this, and those that are
 * not must not delay a restart (F43, F84). Each has its own: a cold start on a busy machine takes 0.1 s for the
 * API and 0.1 s for the peers (measured), and a slow one must not make the other look silent.
 */
const BRIEF_MS = 300;
/** One view is never older than this, whatever hangs: every single question is shorter. */
const VIEW_MS_MAX = 3_000;

const UNASKED: Known<never> = unknown('the API was not asked');

/** Builds the dated view that `decide` reads, asking only what it wants. */
export class Observer {
  readonly #deps: ObserverDeps;
  readonly #self: Self;
  readonly #logs: LogWatch;
  /** A formed record never changes again within a generation, so it is kept; nothing else is. */
  #formed: Known<VersionedRecord> = UNASKED;
  #last: MemberView | undefined;

  constructor(deps: ObserverDeps) {
    this.#deps = deps;
    this.#logs = new LogWatch(deps);
    const { clusterUid } = deps.config;
    this.#self = clusterUid === undefined ? deps.self : { ...deps.self, clusterUid };
  }

  /** What the last view said; for the status page. */
  get last(): MemberView | undefined {
    return this.#last;
  }

  /** Looks at everything that matters now. While `confirming`, nothing is taken from an earlier look. */
  async observe(history: History, confirming: boolean, signal: AbortSignal): Promise<MemberView> {
    const etcd = await this.#deps.etcd.look(signal);
    const volume = await this.#readVolume(etcd, signal);
    const certificates = await this.#deps.certificates.look(signal);
    const bare = this.#localView(history, certificates, volume, etcd);
    const local = { ...bare, ...(await this.#logs.look(bare, confirming, signal)) };
    const wants = wantsOf({ ...local, voters: this.#last?.voters ?? local.voters }, confirming);
    const whole = within(signal, VIEW_MS_MAX);
    const brieflyOrNot = (): AbortSignal => (wants.brief ? within(whole, BRIEF_MS) : whole);
    const ofApi = brieflyOrNot();
    const [intent, record] = wants.api
      ? await Promise.all([this.#readIntent(ofApi), this.#readRecord(ofApi)])
      : [UNASKED, this.#formed];
    const bounded = brieflyOrNot();
    const withApi: MemberView = { ...local, intent, record };
    const [voters, ownName] = await Promise.all([
      this.#askVoters(withApi, wants, bounded),
      wants.ownName ? this.#readOwnName(bounded) : ('unasked' as const),
    ]);
    const siblings = await this.#askSiblings(withApi, voters, wants, bounded);
    const voterStatuses = wants.voterStatuses
      ? await statusesOfVoters(this.#deps, voters, bounded)
      : local.voterStatuses;
    this.#last = { ...withApi, voters, ownName, siblings, voterStatuses, nowMs: this.#deps.clock.nowMs() };
    return this.#last;
  }

  #localView(
    history: History,
    certificates: CertificatesFinding,
    volume: Volume,
    etcd: LocalEtcd,
  ): MemberView {
    return {
      nowMs: this.#deps.clock.nowMs(),
      self: this.#self,
      certificates,
      volume,
      etcd,
      log: { kind: 'unread' },
      clusterMinor: null,
      intent: UNASKED,
      record: this.#formed,
      voters: { kind: 'unasked' },
      ownName: 'unasked',
      siblings: [],
      voterStatuses: new Map(),
      history,
    };
  }

  /** While etcd runs only this agent writes to the volume's top, so what it read last still holds. */
  async #readVolume(etcd: LocalEtcd, signal: AbortSignal): Promise<Volume> {
    const before = this.#last;
    const unchanged = before?.etcd.kind === 'running' && etcd.kind === 'running' && !this.#volumeTouched;
    if (unchanged && before.volume.kind === 'readable') {
      return before.volume;
    }
    this.#volumeTouched = false;
    return this.#deps.volume.read(signal);
  }

  #volumeTouched = false;

  /** To be called after anything was written to the volume. */
  noteVolumeTouched(): void {
    this.#volumeTouched = true;
  }

  async #readIntent(signal: AbortSignal): Promise<Known<Intent>> {
    const { api, self, clock } = this.#deps;
    const [set, pod] = await Promise.all([
      api.readWantedSet(signal),
      api.readPod(memberNameOf(self.names, self.ordinal), signal),
    ]);
    if (!set.known || !pod.known) {
      return unknown(set.known ? (pod.known ? '' : pod.why) : set.why);
    }
    const ownPod =
      pod.value.kind === 'absent' ? null : { uid: pod.value.podUid, deleting: pod.value.deleting };
    const { uid, replicas, deleting } = set.value;
    return known({ statefulSetUid: uid, replicas, statefulSetDeleting: deleting, ownPod }, clock.nowMs());
  }

  async #readRecord(signal: AbortSignal): Promise<Known<VersionedRecord | 'absent'>> {
    const record = await this.#deps.api.readRecord(signal);
    if (record.known && record.value !== 'absent' && record.value.record.phase === 'Formed') {
      this.#formed = known(record.value, record.observedAtMs);
    }
    return record;
  }

  async #askVoters(view: MemberView, wants: Wants, signal: AbortSignal): Promise<VotersWord> {
    if (wants.voters === 'none') {
      return { kind: 'unasked' };
    }
    const clusterId = this.#believedClusterId(view);
    if (clusterId === null && wants.voters === 'peers') {
      return { kind: 'unasked' };
    }
    const ordinals = wants.voters === 'own' ? [view.self.ordinal] : this.#ordinalsToAsk(view);
    return surveyVoters(this.#deps, { ordinals, clusterId, contacts: wants.contacts }, signal);
  }

  /** Whose answers to believe: the recorded cluster's, else the one the volume's marker names. */
  #believedClusterId(view: MemberView): EtcdId | null {
    const record = view.record.known && view.record.value !== 'absent' ? view.record.value.record : undefined;
    if (record?.phase === 'Formed') {
      return record.clusterId;
    }
    const fromMarker = markerOf(view)?.clusterId ?? null;
    return fromMarker ?? (view.etcd.kind === 'running' ? view.etcd.status.clusterId : null);
  }

  /** Everybody wanted or listed but me; three where neither is known, as most clusters have. */
  #ordinalsToAsk(view: MemberView): readonly number[] {
    const wanted = view.intent.known ? view.intent.value.replicas : 3;
    const ordinals = new Set(Array.from({ length: wanted }, (_, ordinal) => ordinal));
    for (const ordinal of listedOrdinals(this.#last?.voters, view.self)) {
      ordinals.add(ordinal);
    }
    ordinals.delete(view.self.ordinal);
    return [...ordinals];
  }

  async #readOwnName(signal: AbortSignal): Promise<OwnName> {
    const { resolver, self, podAddress } = this.#deps;
    const found = await resolver.addressesOf(dnsNameOf(self.names, self.ordinal), signal, 'fresh');
    if (found.kind !== 'found') {
      return 'unpublished';
    }
    return found.addresses.includes(podAddress) ? 'published' : 'elsewhere';
  }

  async #askSiblings(
    view: MemberView,
    voters: VotersWord,
    wants: Wants,
    signal: AbortSignal,
  ): Promise<readonly Sibling[]> {
    if (!wants.siblings && !wants.siblingPods) {
      return [];
    }
    const wanted = view.intent.known ? view.intent.value.replicas : 0;
    const ordinals = new Set(Array.from({ length: wanted }, (_, ordinal) => ordinal));
    for (const ordinal of listedOrdinals(voters, view.self)) {
      ordinals.add(ordinal);
    }
    ordinals.delete(view.self.ordinal);
    const { siblings: agents, siblingPods: pods, reach } = wants;
    return surveySiblings(this.#deps, { ordinals: [...ordinals], pods, agents, reach }, signal);
  }
}

function listedOrdinals(voters: VotersWord | undefined, self: Self): readonly number[] {
  const members = voters !== undefined && 'members' in voters ? voters.members : [];
  return members.flatMap((member) => ordinalOfMember(self.names, member) ?? []);
}
