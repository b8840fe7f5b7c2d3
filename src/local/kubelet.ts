/**
 * The kubelet of the one node of a local cluster: keeps processes in line with the Pods of the API.
 * Level-triggered: it compares what should run with what runs, at the start and after every change.
 */
import { mkdirSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { type Pod, removePod, reportPod } from './api-state.ts';
import type { ApiStore } from './api-store.ts';
import { podAddressOf } from './cluster-layout.ts';
import { type LevelTriggered, levelTriggered } from './level-triggered.ts';
import { LocalClusterError } from './local-cluster-error.ts';
import type { PodTemplate } from './pod-commands.ts';
import { type PodDeps, PodRunner } from './pod-runner.ts';

export type KubeletDeps = PodDeps & {
  /** Told when something could not be done; the next change tries again. */
  readonly onError: (error: unknown) => void;
  readonly onVolumeEmptied: (ordinal: number) => void;
};

/**
 * How long an etcd may take to end when the whole cluster is shut down. Short, because the leader would
 * wait 7 s for followers that end as well; killed, it loses nothing either.
 */
const SHUT_DOWN_GRACE_MS = 1_000;

/** A Pod that was ending anyway, perhaps in a long hook, gets no more than the others do. */
const SHUT_DOWN_MS_MAX = 4_000;

export class Kubelet {
  readonly #store: ApiStore;
  #template: PodTemplate;
  readonly #deps: KubeletDeps;
  readonly #loop: LevelTriggered;
  #unsubscribe: () => void = () => undefined;
  readonly #runners = new Map<number, PodRunner>();
  readonly #wipes = new Map<number, PromiseWithResolvers<void>>();
  /** Ordinals whose volume is being emptied right now: nothing may start there. */
  readonly #wiping = new Set<number>();
  readonly #killAll = (): void => {
    for (const runner of this.#runners.values()) {
      runner.kill();
    }
  };

  constructor(store: ApiStore, template: PodTemplate, deps: KubeletDeps) {
    this.#store = store;
    this.#template = template;
    this.#deps = deps;
    this.#loop = levelTriggered(() => this.#sync(), deps.onError);
  }

  /** What Pods are made of. Those that are there keep what they were made of (OnDelete). */
  get template(): PodTemplate {
    return this.#template;
  }

  set template(template: PodTemplate) {
    this.#template = template;
  }

  start(): void {
    this.#unsubscribe = this.#store.subscribe(this.#loop.wake);
    // Whatever way this process ends, short of SIGKILL, it takes its children along.
    process.once('exit', this.#killAll);
    this.#loop.wake();
  }

  /** The Pod that runs, or is ending, at `ordinal`. */
  runnerOf(ordinal: number): PodRunner | undefined {
    return this.#runners.get(ordinal);
  }

  /**
   * Empties the volume of `ordinal` as soon as no process uses it; nothing starts there in between. Call
   * it before the Pod is deleted, so that the next Pod cannot be faster.
   *
   * @throws the system's error when the folder cannot be emptied
   */
  wipeVolume(ordinal: number): Promise<void> {
    const wipe = this.#wipes.get(ordinal) ?? Promise.withResolvers<void>();
    this.#wipes.set(ordinal, wipe);
    this.#loop.wake();
    return wipe.promise;
  }

  /** Ends all processes, as when the node is shut down: no Pod is deleted, no hook called. */
  async stop(): Promise<void> {
    this.#loop.stop();
    this.#unsubscribe();
    const runners = [...this.#runners.values()];
    for (const runner of runners) {
      runner.shutDown(SHUT_DOWN_GRACE_MS);
    }
    const tooLong = setTimeout(this.#killAll, SHUT_DOWN_MS_MAX);
    await Promise.all(runners.map((runner) => runner.ended));
    clearTimeout(tooLong);
    process.removeListener('exit', this.#killAll);
    for (const wipe of this.#wipes.values()) {
      wipe.reject(
        new LocalClusterError('CLUSTER_NOT_RUNNING', 'the cluster was stopped before the volume was free'),
      );
    }
  }

  #sync(): void {
    const { pods } = this.#store.read();
    for (const runner of this.#runners.values()) {
      this.#endIfUnwanted(
        runner,
        pods.find((pod) => pod.uid === runner.podUid),
      );
    }
    for (const ordinal of this.#wipes.keys()) {
      this.#wipeIfFree(ordinal);
    }
    for (const pod of pods) {
      const isFree = !this.#runners.has(pod.ordinal) && !this.#wiping.has(pod.ordinal);
      if (isFree && pod.deletion !== null) {
        this.#store.update((state) => removePod(state, pod.uid));
      } else if (isFree) {
        this.#start(pod);
      }
    }
  }

  /** A Pod whose object is gone was deleted by force: it loses its processes without ceremony. */
  #endIfUnwanted(runner: PodRunner, pod: Pod | undefined): void {
    if (pod === undefined) {
      runner.kill();
    } else if (pod.deletion !== null) {
      runner.terminate(pod.deletion.graceSeconds);
    }
  }

  #start(pod: Pod): void {
    const { ordinal, uid: podUid } = pod;
    const podIp = podAddressOf(this.#template.block, ordinal);
    // The address is known as soon as the Pod has a network, before any container runs.
    this.#store.update((state) => reportPod(state, podUid, pod.phase, podIp));
    const runner = new PodRunner(this.#template, { ordinal, podUid }, this.#deps, () =>
      this.#attempt(() => this.#store.update((state) => reportPod(state, podUid, 'Running', podIp))),
    );
    this.#runners.set(ordinal, runner);
    void runner.ended.then(() => {
      this.#runners.delete(ordinal);
      this.#loop.wake();
    });
    runner.start();
  }

  #wipeIfFree(ordinal: number): void {
    const wipe = this.#wipes.get(ordinal);
    if (wipe === undefined || this.#runners.has(ordinal) || this.#wiping.has(ordinal)) {
      return;
    }
    const volume = this.#template.paths.volumeOf(ordinal);
    this.#wiping.add(ordinal);
    void rm(volume, { recursive: true, force: true })
      .then(() => {
        mkdirSync(volume, { recursive: true, mode: 0o700 });
        this.#deps.onVolumeEmptied(ordinal);
      })
      .then(wipe.resolve, wipe.reject)
      .finally(() => {
        this.#wipes.delete(ordinal);
        this.#wiping.delete(ordinal);
        this.#loop.wake();
      });
  }

  #attempt(action: () => void): void {
    try {
      action();
    } catch (error) {
      this.#deps.onError(error);
    }
  }
}
