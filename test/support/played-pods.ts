import { CLAIM, POD } from '../../src/operator/kinds.ts';
import { podNameOf } from '../../src/resources/names.ts';
import { nextStep, playedStatus } from './played-agent.ts';
import { playedPodStatus } from './played-objects.ts';
import {
  type PlayedFact,
  type PlayedRunner,
  type PlayedStage,
  playedEtcdOf,
  playedSight,
} from './played-stage.ts';
import type { SeenPod, SeenSet } from './played-views.ts';

/** The kubelets of one set's Pods: they start them, say how they are, and end them in order. */
export class PlayedPods {
  readonly #stage: PlayedStage;
  readonly #key: string;
  /** By UID. */
  readonly #runners = new Map<string, PlayedRunner>();
  /** What was written last into the status of an object, by its UID. */
  readonly #written = new Map<string, string>();

  constructor(stage: PlayedStage, key: string) {
    this.#stage = stage;
    this.#key = key;
  }

  runners(): readonly PlayedRunner[] {
    return [...this.#runners.values()].toSorted((a, b) => a.pod.ordinal - b.pod.ordinal);
  }

  runnerOf(name: string): PlayedRunner | undefined {
    return this.runners().find(({ pod: { metadata } }) => metadata.name === name);
  }

  async start(pods: readonly SeenPod[]): Promise<void> {
    for (const pod of pods) {
      const isDue = pod.metadata.deletionTimestamp === undefined && !this.#runners.has(pod.metadata.uid);
      const claim = this.#stage.views.claim(this.#key, pod.ordinal)?.metadata;
      const usable = claim?.deletionTimestamp === undefined ? claim?.uid : undefined;
      const volume = pod.hasClaim ? usable : pod.metadata.uid;
      if (isDue && volume !== undefined) {
        await this.#startOne(pod, volume);
      }
    }
  }

  /** A Pod that is told to end hands over or leaves first; one that has vanished cannot. */
  async end(set: SeenSet | undefined, pods: readonly SeenPod[]): Promise<void> {
    for (const runner of this.runners().toReversed()) {
      const { name, uid } = runner.pod.metadata;
      const seen = pods.find((pod) => pod.metadata.uid === uid);
      if (seen !== undefined && seen.metadata.deletionTimestamp === undefined) {
        continue;
      }
      if (!runner.isEnding) {
        runner.isEnding = true;
        this.tell('pod ends', name);
      }
      if (seen === undefined || !this.#stage.isHeld(this.#key, 'end', name)) {
        await this.#endOne(set, runner);
      }
    }
    for (const { metadata } of pods) {
      if (metadata.deletionTimestamp !== undefined && !this.#runners.has(metadata.uid)) {
        await this.#stage.api.remove(POD, metadata, metadata.uid, 'at once');
      }
    }
  }

  /** Says of each Pod whether its member serves, where that has changed. */
  async tellReadiness(set: SeenSet | undefined): Promise<void> {
    for (const runner of this.runners()) {
      const { pod, voice, process, isEnding } = runner;
      const isReady = nextStep(playedSight(this.#stage, this.#key, set, runner)).kind === 'serve';
      const facts = { address: voice.address, isReady, imageMissing: process === 'absent' };
      if (!isEnding && this.isNews(pod.metadata.uid, facts)) {
        const place = { ...pod.metadata, subresource: 'status' } as const;
        const status = playedPodStatus(pod, facts);
        await this.#stage.api.patch(POD, place, pod.metadata.uid, { status });
        runner.isReady = isReady;
      }
    }
  }

  /** Volumes are there at once and as large as is asked for; a claim goes once no Pod runs on it. */
  async keepClaims(): Promise<void> {
    const { api, views } = this.#stage;
    for (let ordinal = 0; ordinal < ORDINALS; ordinal++) {
      const { metadata, requested, capacity } = views.claim(this.#key, ordinal) ?? {};
      if (metadata === undefined) {
        continue;
      }
      const isUsed = this.runners().some(({ volume }) => volume === metadata.uid);
      if (metadata.deletionTimestamp !== undefined && !isUsed && metadata.finalizers.length > 0) {
        await api.patch(CLAIM, metadata, metadata.uid, { metadata: { finalizers: null } });
      } else if (requested !== undefined && capacity !== requested && this.isNews(metadata.uid, requested)) {
        const status = { phase: 'Bound', capacity: { storage: requested } };
        await api.patch(CLAIM, { ...metadata, subresource: 'status' }, metadata.uid, { status });
      }
    }
  }

  /** Whether this was not what was said last of the object with this UID. */
  isNews(uid: string, facts: unknown): boolean {
    const text = JSON.stringify(facts);
    const isNews = this.#written.get(uid) !== text;
    this.#written.set(uid, text);
    return isNews;
  }

  tell(what: PlayedFact['what'], who: string): void {
    const etcd = playedEtcdOf(this.#stage, this.#key);
    const leads = etcd?.member(etcd.leaderId)?.name === who;
    const replicas = this.#stage.views.set(this.#key)?.spec.replicas ?? 0;
    const [, cluster = ''] = this.#key.split('/');
    const serving = this.runners().filter(({ isReady, isEnding }) => isReady && !isEnding);
    const down = Array.from({ length: replicas }, (_, ordinal) => podNameOf(cluster, ordinal)).filter(
      (name) => name !== who && !serving.some(({ pod }) => pod.metadata.name === name),
    );
    this.#stage.tell({ cluster: this.#key, what, who, leads, down });
  }

  async #startOne(pod: SeenPod, volume: string): Promise<void> {
    const { addresses, voices, isThere } = this.#stage;
    const since = new Date().toISOString();
    const sight = playedSight(this.#stage, this.#key, undefined, { pod, volume, process: 'absent' });
    const status = playedStatus(sight, nextStep(sight), pod.version, since);
    let voice = await voices.open(addresses.take(), status);
    while (voice === undefined) {
      voice = await voices.open(addresses.take(), status);
    }
    const process = pod.containers.main.every(({ image }) => isThere(image)) ? 'at-gate' : 'absent';
    const state = { process, isReady: false, isEnding: false, step: undefined, since } as const;
    this.#runners.set(pod.metadata.uid, { pod, volume, voice, ...state });
  }

  async #endOne(set: SeenSet | undefined, { pod, volume, voice, process }: PlayedRunner): Promise<void> {
    const { api, voices, addresses, volumes } = this.#stage;
    const { metadata, ordinal } = pod;
    const data = process === 'running' ? volumes.get(volume) : undefined;
    if (data !== undefined) {
      data.etcd.stop(data.memberId);
      if (isScaledAway(set, ordinal)) {
        data.etcd.remove(data.memberId);
        this.tell('member left', metadata.name);
      }
    }
    this.#runners.delete(metadata.uid);
    await voices.close(voice);
    addresses.giveBack(voice.address);
    // Told before: whoever watches may be faster than the answer.
    this.tell('pod gone', metadata.name);
    await api.remove(POD, metadata, metadata.uid, 'at once');
  }
}

const ORDINALS = 9;

/** Not where the set goes, nor where it hibernates. */
function isScaledAway(set: SeenSet | undefined, ordinal: number): boolean {
  const replicas = set?.spec.replicas ?? 0;
  return set?.metadata.deletionTimestamp === undefined && replicas > 0 && ordinal >= replicas;
}
