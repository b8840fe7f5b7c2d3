/** The whole simulated world and how a run makes one. */
import type { courseOf } from '../../src/decide/course.ts';
import type { decide } from '../../src/decide/decide.ts';
import type { decideLeave } from '../../src/decide/decide-leave.ts';
import type { remember } from '../../src/decide/remember.ts';
import type { wantsOf } from '../../src/decide/wants.ts';
import type { Decision } from '../../src/model/decision.ts';
import type { EtcdVersion } from '../../src/model/etcd-version.ts';
import type { FormationRecord } from '../../src/model/formation-record.ts';
import type { MemberView } from '../../src/model/member-view.ts';
import { type ClusterNames, clientUrlOf, ORDINAL_MAX, peerUrlOf } from '../../src/model/naming.ts';
import type { Agent } from './agent-state.ts';
import type { DnsModel } from './dns-model.ts';
import type { MembershipCall } from './etcd-calls.ts';
import type { DataDir, Evidence } from './etcd-log.ts';
import type { EtcdFact, EtcdWorld } from './etcd-state.ts';
import type { KubeModel, Pod } from './kube-state.ts';

/** The shipped functions, or mutants of them. */
export type AgentCode = {
  readonly decide: typeof decide;
  readonly decideLeave: typeof decideLeave;
  readonly wantsOf: typeof wantsOf;
  readonly courseOf: typeof courseOf;
  readonly remember: typeof remember;
};

/** How the simulated shell acts; each rule broken is a mutant. */
export type ShellRules = {
  /** Records change by compare-and-swap only. */
  readonly comparesBeforeSwap: boolean;
  readonly addsLearners: boolean;
  /** A call without an answer is never made again without looking. */
  readonly looksAfterTimeout: boolean;
  readonly believesOnlyQuorums: boolean;
  readonly believesOnlyOwnCluster: boolean;
  /** After a standstill of its process it looks anew before it acts. */
  readonly mindsStandstills: boolean;
};

/** What agents and kubelets did in a step, beside what etcd did. */
export type WorldFact =
  | EtcdFact
  | {
      readonly kind: 'decided';
      readonly agent: Agent;
      readonly view: MemberView;
      readonly decision: Decision;
    }
  | {
      readonly kind: 'started';
      readonly pod: Pod;
      readonly how: 'resume' | 'seed' | 'join';
      readonly token: string;
      readonly evidence: Evidence;
      readonly view: MemberView;
    }
  | {
      readonly kind: 'called';
      readonly agent: Agent;
      readonly call: MembershipCall;
      readonly evidence: Evidence;
    }
  | {
      readonly kind: 'acted';
      readonly agent: Agent;
      readonly decision: Decision;
      readonly before: Decision | undefined;
    }
  | { readonly kind: 'joined'; readonly pod: Pod; readonly dir: DataDir }
  | {
      readonly kind: 'set-aside' | 'pruned';
      readonly pod: Pod;
      readonly data: DataDir;
      readonly evidence: Evidence;
    }
  | {
      readonly kind: 'record';
      readonly before: FormationRecord | null;
      readonly after: FormationRecord;
      readonly evidence: Evidence;
    };

/** The facts of some kinds. */
export type FactOf<K extends WorldFact['kind']> = Extract<WorldFact, { readonly kind: K }>;

export type World = EtcdWorld & {
  readonly kube: KubeModel;
  readonly dns: DnsModel;
  readonly code: AgentCode;
  readonly shell: ShellRules;
  readonly version: EtcdVersion;
  readonly judge: (fact: WorldFact) => void;
  /** How likely an agent dies at any of its steps. */
  agentCrashes: number;
  /** Membership calls and marker writes made by agents. */
  actions: number;
  /** A fault outside the guarantees (a disk put back in time) may have cost acknowledged writes. */
  isLossAllowed: boolean;
  /** No more faults: those that last end, those to come do not. */
  isHealed: boolean;
  readonly writer: { acknowledged: number; attempted: number; isOn: boolean };
};

/** The names of every simulated cluster. */
export const NAMES: ClusterNames = {
  cluster: 'sim',
  namespace: 'sim',
  service: 'sim-peer',
  clusterDomain: 'cluster.local',
  hostTemplate: 'm{ordinal}',
  peerScheme: 'http',
  clientScheme: 'http',
  peerPort: 2380,
  clientPort: 2379,
};

const ORDINALS = Array.from({ length: ORDINAL_MAX + 1 }, (_, ordinal) => ordinal);
const PEER_URLS = ORDINALS.map((ordinal) => peerUrlOf(NAMES, ordinal));
const ORDINAL_OF_URL = new Map<string, number>([
  ...ORDINALS.map((ordinal) => [peerUrlOf(NAMES, ordinal), ordinal] as const),
  ...ORDINALS.map((ordinal) => [clientUrlOf(NAMES, ordinal), ordinal] as const),
]);

/** The peer URL of `ordinal`. */
export function peerUrl(ordinal: number): string {
  return PEER_URLS[ordinal] ?? '';
}

/** The ordinal a peer or client URL belongs to. */
export function ordinalOf(url: string): number | undefined {
  return ORDINAL_OF_URL.get(url);
}

export function podOfAddress(world: World, address: number): Pod | undefined {
  return world.kube.pods.find((pod) => pod.address === address);
}
