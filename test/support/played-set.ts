import { CLAIM, POD, STATEFUL_SET } from '../../src/operator/kinds.ts';
import { PlayedAgents } from './played-agents.ts';
import type { PlayedEtcd } from './played-etcd.ts';
import { playedClaim, playedPod } from './played-objects.ts';
import { PlayedPods } from './played-pods.ts';
import type { PlayedStage } from './played-stage.ts';
import type { SeenPod, SeenSet } from './played-views.ts';
import type { PlayedVoice } from './played-voices.ts';

/** The garbage collector's, on an object whose dependents go first. */
const FOREGROUND = 'foregroundDeletion';

/**
 * One StatefulSet with everything below it, as its controller, the kubelets and the agents make it be. A pass
 * does what there is to do by what is seen, and nothing twice: views may be late.
 */
export class PlayedSet {
  readonly #stage: PlayedStage;
  readonly #key: string;
  readonly #pods: PlayedPods;
  readonly #agents: PlayedAgents;
  /** The revision that all Pods had at last. */
  #revision: string | undefined;

  constructor(stage: PlayedStage, key: string) {
    this.#stage = stage;
    this.#key = key;
    this.#pods = new PlayedPods(stage, key);
    this.#agents = new PlayedAgents(stage, key, this.#pods);
  }

  /** @returns whether there is more to do at once, without anything else happening */
  async pass(): Promise<boolean> {
    const { views } = this.#stage;
    const set = views.set(this.#key);
    const pods = views.pods(this.#key);
    const isControlled = set !== undefined && !this.#stage.isHeld(this.#key, 'controller', set.metadata.name);
    await this.#pods.end(set, pods);
    if (isControlled) {
      await this.#control(set, pods);
    }
    await this.#collectGarbage(set, pods);
    await this.#pods.start(pods);
    const isMoving = await this.#agents.step(set);
    await this.#pods.tellReadiness(set);
    await this.#pods.keepClaims();
    if (isControlled) {
      await this.#noteStatus(set, pods);
    }
    return isMoving;
  }

  voiceOf(pod: string): PlayedVoice | undefined {
    return this.#pods.runnerOf(pod)?.voice;
  }

  /** The etcd whose data the volume of this Pod holds. */
  etcdOf(pod: string): PlayedEtcd | undefined {
    return this.#stage.volumes.get(this.#pods.runnerOf(pod)?.volume ?? '')?.etcd;
  }

  /** All agents say the same word once more. */
  confirm(): void {
    for (const { voice } of this.#pods.runners()) {
      voice.confirm();
    }
  }

  /** With the policies that quorate asks for: Pods come and go in parallel, and are replaced when deleted. */
  async #control(set: SeenSet, pods: readonly SeenPod[]): Promise<void> {
    const { metadata, spec } = set;
    const isDeleting = metadata.deletionTimestamp !== undefined;
    const replicas = isDeleting ? 0 : spec.replicas;
    await this.#removeFrom(pods.filter(({ ordinal }) => ordinal >= replicas));
    for (let ordinal = 0; ordinal < replicas; ordinal++) {
      await this.#makeClaim(set, ordinal);
      if (!pods.some((pod) => pod.ordinal === ordinal)) {
        await this.#makePod(set, ordinal);
      }
    }
    if (isDeleting && pods.length === 0 && metadata.finalizers.includes(FOREGROUND)) {
      // Told before: whoever watches may be faster than the answer.
      if (this.#pods.isNews(metadata.uid, 'gone')) {
        this.#pods.tell('set gone', metadata.name);
      }
      await this.#stage.api.patch(STATEFUL_SET, metadata, metadata.uid, { metadata: { finalizers: null } });
    }
  }

  /** Pods whose set is gone, or is another one of the same name by now. */
  #collectGarbage(set: SeenSet | undefined, pods: readonly SeenPod[]): Promise<void> {
    const isOwned = ({ metadata }: SeenPod): boolean =>
      metadata.ownerReferences.some(({ uid }) => uid === set?.metadata.uid);
    return this.#removeFrom(pods.filter((pod) => !isOwned(pod)));
  }

  /** The highest first. */
  async #removeFrom(pods: readonly SeenPod[]): Promise<void> {
    for (const { metadata } of pods.toReversed()) {
      if (metadata.deletionTimestamp === undefined) {
        await this.#stage.api.remove(POD, metadata, metadata.uid, 'in order');
      }
    }
  }

  /** Also for a Pod that is there: its claim may be gone. */
  async #makeClaim(set: SeenSet, ordinal: number): Promise<void> {
    const { api, views } = this.#stage;
    const claim = playedClaim(set, ordinal);
    if (claim !== undefined && views.claim(this.#key, ordinal) === undefined) {
      await api.create(CLAIM, claim);
    }
  }

  async #makePod(set: SeenSet, ordinal: number): Promise<void> {
    const pod = playedPod(set, ordinal);
    if ((await this.#stage.api.create(POD, pod)) !== undefined) {
      this.#pods.tell('pod made', pod.metadata.name);
    }
  }

  async #noteStatus({ metadata, spec, revision }: SeenSet, pods: readonly SeenPod[]): Promise<void> {
    const ready = this.#pods.runners().filter(({ isReady, isEnding }) => isReady && !isEnding).length;
    const updated = pods.filter((pod) => pod.metadata.labels['controller-revision-hash'] === revision).length;
    this.#revision = updated === spec.replicas ? revision : (this.#revision ?? revision);
    const status = {
      observedGeneration: metadata.generation,
      replicas: pods.length,
      readyReplicas: ready,
      availableReplicas: ready,
      currentReplicas: updated,
      updatedReplicas: updated,
      currentRevision: this.#revision,
      updateRevision: revision,
    };
    if (this.#pods.isNews(metadata.uid, status)) {
      const place = { ...metadata, subresource: 'status' } as const;
      await this.#stage.api.patch(STATEFUL_SET, place, metadata.uid, { status });
    }
  }
}
