import type { EtcdClusterStatus } from '../../src/api/cluster-status.ts';
import type { EtcdClusterSpec } from '../../src/api/etcd-cluster.ts';
import type { ObjectMeta } from '../../src/api/kubernetes.ts';
import type { AgentStatus, AgentStatusMember } from '../../src/model/agent-status.ts';
import { parseEtcdVersion } from '../../src/model/etcd-version.ts';
import type { FormationRecord } from '../../src/model/formation-record.ts';
import { type ClusterPlan, planCluster } from '../../src/operator/plan/cluster-plan.ts';
import { clusterStatus, type StatusSettings } from '../../src/operator/plan/cluster-status.ts';
import { findingsOf } from '../../src/operator/plan/findings.ts';
import type {
  HeardAgent,
  ObservedClaim,
  ObservedCluster,
  ObservedPod,
  ObservedRecord,
  ObservedStatefulSet,
} from '../../src/operator/plan/observed-cluster.ts';
import { PLAIN } from '../../src/resources/tls-mode.ts';
import { CLUSTER, formed, unformed } from './a-member-view.ts';
import { anAgentStatus } from './an-agent-status.ts';

export const NOW_MS = Date.parse('2026-01-02T03:04:05Z');
export const SETTINGS: StatusSettings = {
  clusterDomain: 'cluster.local',
  selector: 'app.kubernetes.io/instance=demo',
  clientPort: 2379,
};

type Word = Partial<Omit<AgentStatus, 'etcd' | 'decision'>> & {
  readonly etcd?: Partial<AgentStatus['etcd']>;
  readonly decision?: Partial<AgentStatus['decision']>;
};

/** A version in the model's own terms. */
export function version(text: string): NonNullable<ReturnType<typeof parseEtcdVersion>> {
  const parsed = parseEtcdVersion(text);
  if (parsed === undefined) {
    throw new Error(`"${text}" is no version`);
  }
  return parsed;
}

/** A formed, whole and settled cluster called `demo` of that many members, which ordinal 0 leads. */
export function anObservedCluster(size = 3): AnObservedCluster {
  const ordinals = Array.from({ length: size }, (_, ordinal) => ordinal);
  return new AnObservedCluster({
    nowMs: NOW_MS,
    cluster: {
      apiVersion: 'etcd.etcd.io/v1alpha1',
      kind: 'EtcdCluster',
      metadata: { name: 'demo', namespace: 'default', uid: 'uid-1', generation: 1 },
      spec: { size, version: '3.6.16' },
      status: { phase: 'Running', size, clusterID: CLUSTER, version: 'v3.6.16' },
    },
    statefulSet: aStatefulSet(size),
    pods: ordinals.map(aPod),
    claims: ordinals.map(aClaim),
    record: { kind: 'present', record: formed(), resourceVersion: '7' },
  }).listing(...ordinals.map((ordinal) => aRow(ordinal)));
}

/** A cluster of which there is nothing yet but its spec and a fresh record. */
export function aNewCluster(size = 3): AnObservedCluster {
  return anObservedCluster(size).withoutSet().withoutPods().unwritten().recorded(unformed()).claiming();
}

/** One row of an agent's member list. */
export function aRow(ordinal: number, role?: AgentStatusMember['role']): AgentStatusMember {
  const { name, peerUrl, clientUrl } = anAgentStatus({ ordinal });
  const known = role ?? (ordinal === 0 ? 'Leader' : 'Voter');
  return { id: `a${ordinal}`, name: known === 'Unstarted' ? '' : name, peerUrl, clientUrl, role: known };
}

export function aPod(ordinal: number): ObservedPod {
  return {
    name: `demo-${ordinal}`,
    ordinal,
    uid: `pod-${ordinal}`,
    createdAtMs: NOW_MS - 60_000,
    deleting: false,
    ready: true,
    etcdRuns: true,
    revision: 'r1',
    version: version('3.6.16'),
    nodeName: `node-${ordinal}`,
    podIP: `10.0.0.${ordinal}`,
    tls: PLAIN,
    trouble: undefined,
    agent: heard(anAgentStatus({ ordinal })),
  };
}

/** Just now, by an agent that answers. */
export function heard(status: AgentStatus, heardAtMs = NOW_MS - 1_000): HeardAgent {
  return { kind: 'heard', status, heardAtMs, reachable: true };
}

function aStatefulSet(replicas: number): ObservedStatefulSet {
  return {
    name: 'demo',
    uid: 'set-1',
    replicas,
    updateRevision: 'r1',
    templateVersion: version('3.6.16'),
    tls: PLAIN,
    deleting: false,
  };
}

function aClaim(ordinal: number): ObservedClaim {
  return {
    name: `data-demo-${ordinal}`,
    ordinal,
    uid: `claim-${ordinal}`,
    deleting: false,
    requestedBytes: 1024 ** 3,
    capacityBytes: 1024 ** 3,
  };
}

/** What is observed of a cluster, step by step away from all being well. Each step gives a new one. */
export class AnObservedCluster {
  readonly observed: ObservedCluster;

  constructor(observed: ObservedCluster) {
    this.observed = observed;
  }

  get plan(): ClusterPlan {
    return planCluster(this.observed);
  }

  get status(): EtcdClusterStatus {
    return clusterStatus(this.observed, this.plan, findingsOf(this.observed, this.plan), SETTINGS);
  }

  /** The condition of a type, as `status reason`. */
  condition(type: string): string {
    const found = this.status.conditions?.find((condition) => condition.type === type);
    return `${found?.status} ${found?.reason}`;
  }

  wanting(spec: EtcdClusterSpec): AnObservedCluster {
    const { cluster } = this.observed;
    return this.#with({ cluster: { ...cluster, spec: { ...cluster.spec, ...spec } } });
  }

  called(metadata: Partial<ObjectMeta>): AnObservedCluster {
    const { cluster } = this.observed;
    return this.#with({ cluster: { ...cluster, metadata: { ...cluster.metadata, ...metadata } } });
  }

  /** With this status written last. */
  after(status: EtcdClusterStatus): AnObservedCluster {
    return this.#with({ cluster: { ...this.observed.cluster, status } });
  }

  /** With other fields in the status that was written last. */
  remembering(status: Partial<EtcdClusterStatus>): AnObservedCluster {
    return this.after({ ...this.observed.cluster.status, ...status });
  }

  unwritten(): AnObservedCluster {
    const { status: _, ...cluster } = this.observed.cluster;
    return this.#with({ cluster });
  }

  /** With its status as it is now written, so that the next step starts from it. */
  written(): AnObservedCluster {
    return this.after(this.status);
  }

  later(ms: number): AnObservedCluster {
    return this.#with({ nowMs: this.observed.nowMs + ms });
  }

  set(fields: Partial<ObservedStatefulSet>): AnObservedCluster {
    const { statefulSet = aStatefulSet(this.observed.pods.length) } = this.observed;
    return this.#with({ statefulSet: { ...statefulSet, ...fields } });
  }

  withoutSet(): AnObservedCluster {
    return this.#with({ statefulSet: undefined });
  }

  recorded(record: FormationRecord): AnObservedCluster {
    return this.#with({ record: { kind: 'present', record, resourceVersion: '7' } });
  }

  withRecord(record: ObservedRecord): AnObservedCluster {
    return this.#with({ record });
  }

  claiming(...ordinals: readonly number[]): AnObservedCluster {
    return this.#with({ claims: ordinals.map(aClaim) });
  }

  /** A Pod with these facts, whether or not there was one. */
  pod(ordinal: number, fields: Partial<ObservedPod> = {}): AnObservedCluster {
    const { pods } = this.observed;
    const pod = pods.find((each) => each.ordinal === ordinal) ?? aPod(ordinal);
    const others = pods.filter((each) => each !== pod);
    return this.#with({
      pods: [...others, { ...pod, ...fields }].toSorted((a, b) => a.ordinal - b.ordinal),
    });
  }

  withoutPod(...ordinals: readonly number[]): AnObservedCluster {
    return this.#with({ pods: this.observed.pods.filter(({ ordinal }) => !ordinals.includes(ordinal)) });
  }

  withoutPods(): AnObservedCluster {
    return this.#with({ pods: [] });
  }

  /** Pods that were just made, whose agents were not heard yet. */
  starting(...ordinals: readonly number[]): AnObservedCluster {
    let next: AnObservedCluster = this;
    for (const ordinal of ordinals) {
      next = next.pod(ordinal, {
        uid: `pod-${ordinal}b`,
        ready: false,
        deleting: false,
        agent: { kind: 'never' },
      });
    }
    return next;
  }

  /** The agent of an ordinal says something else. */
  word(ordinal: number, { etcd, decision, ...fields }: Word): AnObservedCluster {
    const pod = this.observed.pods.find((each) => each.ordinal === ordinal) ?? aPod(ordinal);
    const before = pod.agent.kind === 'heard' ? pod.agent.status : anAgentStatus({ ordinal });
    const status = {
      ...before,
      podUid: pod.uid,
      ...fields,
      etcd: { ...before.etcd, ...etcd },
      decision: { ...before.decision, ...decision },
    };
    const agent = pod.agent.kind === 'heard' ? { ...pod.agent, status } : heard(status);
    return this.pod(ordinal, { agent });
  }

  /** The agent of an ordinal has not said yet whether its log is clean. */
  silentAboutLog(ordinal: number): AnObservedCluster {
    const agent = this.observed.pods.find((pod) => pod.ordinal === ordinal)?.agent;
    if (agent?.kind !== 'heard') {
      return this;
    }
    const { log: _, ...status } = agent.status;
    return this.pod(ordinal, { agent: { ...agent, status } });
  }

  /** The agent of an ordinal does not answer any more; etcd beside it is as it was. */
  silent(...ordinals: readonly number[]): AnObservedCluster {
    let next: AnObservedCluster = this;
    for (const ordinal of ordinals) {
      const agent = this.observed.pods.find((pod) => pod.ordinal === ordinal)?.agent;
      next = next.pod(ordinal, {
        agent: agent?.kind === 'heard' ? { ...agent, reachable: false } : { kind: 'never', askedSinceMs: 0 },
      });
    }
    return next;
  }

  /** etcd of an ordinal has stopped, and its agent waits at the gate for this reason. */
  gated(ordinal: number, reason: string, fields: Word = {}): AnObservedCluster {
    return this.pod(ordinal, { ready: false }).word(ordinal, {
      ...fields,
      etcd: { state: 'at-gate', memberId: null, clusterId: null, leaderId: null, isLearner: false },
      decision: { kind: 'wait', reason, message: `It waits: ${reason}.`, stage: 'gated' },
    });
  }

  /** Kubernetes cannot run the Pod of an ordinal, and nothing is heard of it. */
  stuck(ordinal: number, reason: string): AnObservedCluster {
    return this.pod(ordinal, {
      ready: false,
      etcdRuns: false,
      trouble: { reason, message: 'It cannot run' },
      agent: { kind: 'never' },
    });
  }

  /** A learner that is not ready, as etcd says. */
  learner(ordinal: number): AnObservedCluster {
    return this.pod(ordinal, { ready: false }).word(ordinal, {
      etcd: { isLearner: true },
      decision: { kind: 'wait', reason: 'CatchingUp', message: 'It is behind.', stage: 'catching-up' },
    });
  }

  /** What every agent that is heard says is the member list. */
  listing(...members: readonly AgentStatusMember[]): AnObservedCluster {
    let next: AnObservedCluster = this;
    for (const pod of this.observed.pods) {
      if (pod.agent.kind === 'heard') {
        next = next.word(pod.ordinal, { members: [...members] });
      }
    }
    return next;
  }

  #with(fields: Partial<ObservedCluster>): AnObservedCluster {
    return new AnObservedCluster({ ...this.observed, ...fields });
  }
}
