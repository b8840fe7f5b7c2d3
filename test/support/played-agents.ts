/** The agents of one set, each beside an etcd: they form a cluster, join it, and repair what is left behind. */
import type { FormationRecord } from '../../src/model/formation-record.ts';
import { ordinalOfPodName } from '../../src/model/naming.ts';
import { CONFIG_MAP } from '../../src/operator/kinds.ts';
import {
  nextStep,
  type PlayedData,
  type PlayedSight,
  type PlayedStep,
  playedStatus,
} from './played-agent.ts';
import { PlayedEtcd } from './played-etcd.ts';
import type { PlayedPods } from './played-pods.ts';
import { type PlayedRunner, type PlayedStage, playedEtcdOf, playedSight } from './played-stage.ts';
import type { SeenSet } from './played-views.ts';

export class PlayedAgents {
  readonly #stage: PlayedStage;
  readonly #key: string;
  readonly #pods: PlayedPods;

  constructor(stage: PlayedStage, key: string, pods: PlayedPods) {
    this.#stage = stage;
    this.#key = key;
    this.#pods = pods;
  }

  /**
   * Each agent takes one step, and all say what they see then.
   *
   * @returns whether another look is worth it at once
   */
  async step(set: SeenSet | undefined): Promise<boolean> {
    let isMoving = false;
    for (const runner of this.#free()) {
      if (!runner.isEnding) {
        const sight = playedSight(this.#stage, this.#key, set, runner);
        const moves = await this.#take(runner, sight, nextStep(sight));
        isMoving ||= moves;
      }
    }
    this.#removeOrphans(set);
    for (const runner of this.#free()) {
      this.#show(set, runner);
    }
    return isMoving;
  }

  #free(): readonly PlayedRunner[] {
    return this.#pods
      .runners()
      .filter(({ pod }) => !this.#stage.isHeld(this.#key, 'agent', pod.metadata.name));
  }

  #show(set: SeenSet | undefined, runner: PlayedRunner): void {
    const sight = playedSight(this.#stage, this.#key, set, runner);
    const step = nextStep(sight);
    if (runner.step?.reason !== step.reason) {
      runner.since = new Date().toISOString();
    }
    runner.step = step;
    runner.voice.show(playedStatus(sight, step, runner.pod.version, runner.since));
  }

  async #take(
    runner: PlayedRunner,
    { record, etcd, data, name }: PlayedSight,
    { kind }: PlayedStep,
  ): Promise<boolean> {
    switch (kind) {
      case 'wait':
      case 'serve':
        return false;
      case 'claim-seed':
      case 'seal':
      case 'block':
        await this.#write(runner, kind);
        return false;
      case 'form':
        this.#startOn(runner, new PlayedEtcd(name), record);
        return true;
      case 'join':
        etcd?.add(name);
        this.#startOn(runner, etcd, record);
        this.#pods.tell('member joined', name);
        return true;
      case 'resume':
        data?.etcd.start(data.memberId);
        runner.process = 'running';
        this.#pods.tell('member resumed', name);
        return true;
      case 'promote':
        data?.etcd.promote(data.memberId);
        this.#pods.tell('member promoted', name);
        return true;
      case 'remove-lost':
        etcd?.remove(etcd.named(name)?.id);
        return true;
      case 'set-aside':
        this.#stage.volumes.delete(runner.volume);
        this.#pods.tell('data set aside', name);
        return true;
    }
  }

  /** The member that `etcd` lists by this Pod's name begins to run, on this volume. */
  #startOn(runner: PlayedRunner, etcd: PlayedEtcd | undefined, record: FormationRecord | undefined): void {
    const member = etcd?.named(runner.pod.metadata.name);
    if (etcd !== undefined && member !== undefined) {
      const { generation = 1, maxLearners = 1 } = record ?? {};
      this.#stage.etcds.set(etcd.clusterId, etcd);
      this.#stage.volumes.set(runner.volume, { etcd, memberId: member.id, generation, maxLearners });
      etcd.start(member.id);
      runner.process = 'running';
    }
  }

  /** By compare-and-swap: if somebody was faster, the next look sees what they wrote. */
  async #write(runner: PlayedRunner, kind: 'claim-seed' | 'seal' | 'block'): Promise<void> {
    const { views, api, volumes } = this.#stage;
    const seen = views.record(this.#key);
    if (seen !== undefined) {
      const record = recordAfter(kind, seen.record, runner, volumes.get(runner.volume));
      await api.replace(CONFIG_MAP, { ...seen.object, data: { record: JSON.stringify(record) } });
    }
  }

  /** What the agent beside the leader does with members that were scaled away and whose Pods are gone. */
  #removeOrphans(set: SeenSet | undefined): void {
    const etcd = playedEtcdOf(this.#stage, this.#key);
    const replicas = set?.spec.replicas ?? 0;
    if (etcd === undefined || replicas === 0 || !etcd.hasQuorum()) {
      return;
    }
    for (const { id, name } of etcd.members) {
      const ordinal = ordinalOfPodName(set?.metadata.name ?? '', name) ?? 0;
      if (ordinal >= replicas && this.#pods.runnerOf(name) === undefined) {
        etcd.remove(id);
        this.#pods.tell('member left', name);
      }
    }
  }
}

function recordAfter(
  kind: 'claim-seed' | 'seal' | 'block',
  { clusterUid, generation, maxLearners }: FormationRecord,
  { pod, volume }: PlayedRunner,
  data: PlayedData | undefined,
): FormationRecord {
  const base = { clusterUid, generation, maxLearners };
  if (kind === 'block') {
    const message = `${pod.metadata.name} holds data that nobody expected.`;
    return { ...base, phase: 'Blocked', reason: 'ForeignData', message };
  }
  if (kind === 'seal' && data !== undefined) {
    return { ...base, phase: 'Formed', clusterId: data.etcd.clusterId };
  }
  const seed = { ordinal: pod.ordinal, podUid: pod.metadata.uid, volumeId: volume, attempt: 1 };
  return { ...base, phase: 'Forming', seed };
}
