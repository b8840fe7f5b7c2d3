import assert from 'node:assert/strict';
import type { EtcdClusterStatus } from '../../../src/api/cluster-status.ts';
import type { AgentStatusMember } from '../../../src/model/agent-status.ts';
import { quorumOf } from '../../../src/model/member.ts';
import { clusterEvents } from '../../../src/operator/plan/cluster-events.ts';
import type { ObservedPod } from '../../../src/operator/plan/observed-cluster.ts';
import { statusChange } from '../../../src/operator/plan/status-change.ts';
import { formed, unformed } from '../../support/a-member-view.ts';
import { anAgentStatus } from '../../support/an-agent-status.ts';
import {
  AnObservedCluster,
  aNewCluster,
  aPod,
  aRow,
  heard,
  version,
} from '../../support/an-observed-cluster.ts';

/** What a user can do to a cluster. */
export type Edit = { readonly size: number; readonly version: string };

type Pod = {
  readonly uid: string;
  readonly revision: string;
  readonly version: string;
  /** A Pod comes up, or learns, in one tick, and serves in the next. */
  state: 'made' | 'stuck' | 'learning' | 'serving';
};

const TICK_MS = 1_000;

/**
 * Kubernetes and the agents in a few lines, without faults of their own: enough to see whether plans, carried
 * out one after another, get a cluster where it shall be, and what they put at risk on the way.
 */
export class ASmallWorld {
  /** Images that exist. */
  readonly #images: ReadonlySet<string>;
  #edit: Edit;
  #status: EtcdClusterStatus | undefined;
  #set: { replicas: number; version: string; revision: number } | undefined;
  #isFormed = false;
  readonly #pods = new Map<number, Pod>();
  /** Ordinals of voters. */
  readonly #voters = new Set<number>();
  /** etcd's cluster version: the lowest minor that all members had at once. */
  #clusterMinor = 0;
  #ticks = 0;
  #uids = 0;
  #wasHurt = false;
  /** Reasons of all Events so far. */
  readonly events: string[] = [];

  constructor(edit: Edit, images: readonly string[]) {
    this.#edit = edit;
    this.#images = new Set(images);
  }

  edit(edit: Edit): void {
    this.#edit = edit;
  }

  /** Somebody deletes a Pod; from then on nobody says that a quorum is always there. */
  kill(ordinal: number): void {
    this.#wasHurt ||= this.#pods.delete(ordinal);
  }

  get status(): EtcdClusterStatus | undefined {
    return this.#status;
  }

  get voters(): readonly number[] {
    return [...this.#voters].toSorted();
  }

  get versions(): readonly string[] {
    return [...new Set([...this.#pods.values()].map((pod) => pod.version))];
  }

  /** One pass of the operator, and then what Kubernetes and the agents do about it. */
  tick(): void {
    this.#ticks += 1;
    this.#reconcile();
    this.#stopPods();
    this.#makePods();
    this.#runPods();
    this.#judge();
  }

  /** Ticks until nothing is left to do, at most so often. */
  settle(ticksMax: number): void {
    for (let tick = 0; tick < ticksMax; tick++) {
      this.tick();
      if (this.#status?.phase === (this.#edit.size === 0 ? 'Stopped' : 'Running')) {
        return;
      }
    }
    assert.fail(
      `still ${this.#status?.phase} with ${[...this.#pods.keys()].join()} after ${ticksMax} ticks: ${this.#status?.message}`,
    );
  }

  #reconcile(): void {
    const seen = this.#observe();
    const { plan } = seen;
    const change = statusChange(this.#status, seen.status, seen.observed.nowMs);
    const events = clusterEvents(this.#status, seen.status);
    assert.ok(events.length === 0 || change.kind === 'write', 'what is told is written');
    this.events.push(...events.map(({ reason }) => reason));
    this.#status = change.kind === 'write' ? change.status : this.#status;
    const { minor, patch } = plan.version.version;
    const wanted = `3.${minor}.${patch}`;
    const revision = (this.#set?.revision ?? 0) + (this.#set?.version === wanted ? 0 : 1);
    this.#set = { replicas: plan.size.replicas, version: wanted, revision };
    if (plan.rollout.kind === 'replace') {
      this.#pods.delete(plan.rollout.pod.ordinal);
    }
  }

  #observe(): AnObservedCluster {
    const { cluster } = aNewCluster().observed;
    const set = this.#set;
    const members = [...this.#voters].map((ordinal) => aRow(ordinal, 'Voter'));
    const pods = [...this.#pods].map(([ordinal, pod]) => this.#observePod(ordinal, pod, members));
    const world = new AnObservedCluster({
      nowMs: nowAt(this.#ticks),
      cluster: {
        ...cluster,
        spec: { ...this.#edit },
        ...(this.#status === undefined ? {} : { status: this.#status }),
      },
      statefulSet: undefined,
      pods: pods.toSorted((a, b) => a.ordinal - b.ordinal),
      claims: [],
      record: { kind: 'present', record: this.#isFormed ? formed() : unformed(), resourceVersion: '1' },
    });
    return set === undefined
      ? world
      : world.set({
          replicas: set.replicas,
          templateVersion: version(set.version),
          updateRevision: `r${set.revision}`,
        });
  }

  #observePod(ordinal: number, pod: Pod, members: readonly AgentStatusMember[]): ObservedPod {
    const facts = { ...aPod(ordinal), ...pod, version: version(pod.version) };
    if (pod.state === 'stuck' || pod.state === 'made') {
      const trouble =
        pod.state === 'stuck' ? { reason: 'ImagePullBackOff', message: 'There is none.' } : undefined;
      return { ...facts, ready: false, etcdRuns: pod.state === 'made', trouble, agent: { kind: 'never' } };
    }
    const status = anAgentStatus({
      ordinal,
      version: pod.version,
      stage: pod.state === 'serving' ? 'serving' : 'catching-up',
    });
    const leader = [...this.#voters].find((voter) => this.#pods.get(voter)?.state === 'serving');
    const etcd = {
      ...status.etcd,
      isLearner: pod.state === 'learning',
      leaderId: leader === undefined ? null : `a${leader}`,
    };
    return {
      ...facts,
      ready: pod.state === 'serving',
      agent: heard({ ...status, podUid: pod.uid, etcd, members: [...members] }, nowAt(this.#ticks)),
    };
  }

  /** Whoever is scaled away leaves first, unless it is hibernation. */
  #stopPods(): void {
    const { replicas } = this.#set ?? { replicas: 0 };
    for (const ordinal of [...this.#pods.keys()].toSorted((a, b) => b - a)) {
      if (ordinal >= replicas) {
        this.#pods.delete(ordinal);
        if (replicas > 0) {
          this.#voters.delete(ordinal);
        }
      }
    }
    if (replicas > 0 && this.#serving().length > 0) {
      for (const ordinal of this.#voters) {
        if (ordinal >= replicas) {
          this.#voters.delete(ordinal);
        }
      }
    }
  }

  #makePods(): void {
    const { replicas, version: text, revision } = this.#set ?? { replicas: 0, version: '', revision: 0 };
    for (let ordinal = 0; ordinal < replicas; ordinal++) {
      if (!this.#pods.has(ordinal)) {
        this.#uids += 1;
        const state = this.#images.has(text) ? 'made' : 'stuck';
        this.#pods.set(ordinal, { uid: `uid-${this.#uids}`, revision: `r${revision}`, version: text, state });
      }
    }
  }

  #runPods(): void {
    for (const [ordinal, pod] of this.#pods) {
      if (pod.state === 'learning') {
        pod.state = 'serving';
        this.#voters.add(ordinal);
      } else if (pod.state === 'made') {
        if (!this.#isFormed && ordinal === 0) {
          this.#isFormed = true;
          this.#voters.add(0);
          this.#clusterMinor = version(pod.version).minor;
        }
        pod.state = this.#stateOfStarted(ordinal, version(pod.version).minor);
      }
    }
    const serving = this.#serving();
    if (serving.length > 0 && serving.length === this.#voters.size) {
      const minors = serving.map((voter) => version(this.#pods.get(voter)?.version ?? '').minor);
      this.#clusterMinor = Math.max(this.#clusterMinor, Math.min(...minors));
    }
  }

  /** etcd lets nobody join who is of an older minor, or two newer; a member that has come along never goes back. */
  #stateOfStarted(ordinal: number, minor: number): Pod['state'] {
    const isOld = minor < this.#clusterMinor;
    if (this.#voters.has(ordinal)) {
      assert.ok(!isOld, 'no member is taken back a minor');
      return 'serving';
    }
    if (this.#serving().length === 0) {
      return 'made';
    }
    return isOld || minor > this.#clusterMinor + 1 ? 'stuck' : 'learning';
  }

  #serving(): readonly number[] {
    return [...this.#voters].filter((voter) => this.#pods.get(voter)?.state === 'serving');
  }

  /** Nobody but the operator takes anything away here, so from three voters on a quorum is always there. */
  #judge(): void {
    const { size } = this.#voters;
    const isAwake = this.#set !== undefined && this.#set.replicas > 0;
    const up = [...this.#voters].filter(
      (voter) => this.#pods.get(voter)?.state !== 'stuck' && this.#pods.has(voter),
    );
    if (isAwake && size >= 3 && !this.#isWaking) {
      assert.ok(this.#wasHurt || up.length >= quorumOf(size), `${up.length} of ${size} voters are up`);
      const minors = this.#serving().map((voter) => version(this.#pods.get(voter)?.version ?? '').minor);
      assert.ok(Math.max(...minors) - Math.min(...minors) <= 1, 'members are one minor apart at most');
    }
    this.#isWaking = (this.#isWaking || !isAwake) && this.#serving().length < size;
  }

  /** From hibernation until all have resumed, images may be missing. */
  #isWaking = false;
}

function nowAt(ticks: number): number {
  return Date.parse('2026-01-02T03:04:05Z') + ticks * TICK_MS;
}
