/**
 * Runs one Pod: the agent as a native sidecar, then etcd; and ends it in the kubelet's order (Kubernetes
 * 1.34, kuberuntime_container.go `killContainer`), each step within what is left of the grace period but
 * never less than two seconds:
 *
 *     preStop of etcd ─▶ SIGTERM etcd ─▶ SIGKILL etcd ─▶ SIGTERM agent ─▶ SIGKILL agent
 */
import { mkdirSync, rmSync } from 'node:fs';
import type { HttpAnswer } from '../runtime/http-client.ts';
import { type AgentLine, parseAgentLine } from './agent-line.ts';
import type { PodEvent } from './cluster-event.ts';
import { type ContainerName, podAddressOf } from './cluster-layout.ts';
import { Container, type ContainerView } from './container.ts';
import { openContainerLog } from './container-log.ts';
import { splitLines } from './line-splitter.ts';
import { makeGate } from './make-gate.ts';
import { agentCommand, etcdCommand, type PodTemplate } from './pod-commands.ts';
import type { BackOffRule } from './restart-back-off.ts';

/** What running a Pod needs beside its template. */
export type PodDeps = {
  readonly backOff: BackOffRule;
  readonly callPreStop: (
    address: string,
    limits: { readonly timeoutMs: number; readonly signal: AbortSignal },
  ) => Promise<HttpAnswer>;
  readonly onEvent: (event: PodEvent) => void;
  readonly onAgentLine: (ordinal: number, line: AgentLine) => void;
};

/** The kubelet's `minimumGracePeriodInSeconds`. */
const GRACE_MS_MIN = 2_000;

export class PodRunner {
  readonly ordinal: number;
  readonly podUid: string;
  readonly #template: PodTemplate;
  readonly #deps: PodDeps;
  readonly #agent: Container;
  readonly #etcd: Container;
  readonly #killed = new AbortController();
  readonly #ended = Promise.withResolvers<void>();
  #isEnding = false;

  constructor(
    template: PodTemplate,
    pod: { readonly ordinal: number; readonly podUid: string },
    deps: PodDeps,
    onRunning: () => void,
  ) {
    this.ordinal = pod.ordinal;
    this.podUid = pod.podUid;
    this.#template = template;
    this.#deps = deps;
    this.#etcd = this.#makeContainer('etcd', onRunning);
    // A native sidecar without a startup probe counts as started once its process is; then comes etcd's turn.
    this.#agent = this.#makeContainer('agent', () => this.#etcd.start());
  }

  /** Resolves once no process of this Pod is left, for good. */
  get ended(): Promise<void> {
    return this.#ended.promise;
  }

  start(): void {
    // An emptyDir lives as long as its Pod: a new Pod begins with an empty one.
    rmSync(this.#template.paths.runFolderOf(this.ordinal), { recursive: true, force: true });
    this.#agent.start();
  }

  containerOf(name: ContainerName): ContainerView {
    return this.#container(name).view();
  }

  /** Sends a signal to a container's process, as an outsider would; false when none runs. */
  signal(name: ContainerName, signal: NodeJS.Signals): boolean {
    return this.#container(name).signal(signal);
  }

  /** Ends the Pod in order, hook first; does nothing when it is ending already. */
  terminate(graceSeconds: number): void {
    this.#endBy(async () => {
      const deadlineMs = performance.now() + graceSeconds * 1000;
      const leftMs = (): number => Math.max(GRACE_MS_MIN, deadlineMs - performance.now());
      await this.#callPreStop(graceSeconds * 1000);
      await this.#etcd.stop(leftMs());
      await this.#agent.stop(leftMs());
    });
  }

  /**
   * Ends both processes in order without the hook: the node goes down, the Pod stays wanted. Only etcd has
   * anything to bring to an end.
   */
  shutDown(etcdGraceMs: number): void {
    this.#endBy(async () => {
      await this.#etcd.stop(etcdGraceMs);
      await this.#agent.stop(GRACE_MS_MIN);
    });
  }

  /** SIGKILL to both at once, whatever else is under way. */
  kill(): void {
    this.#killed.abort();
    const gone = Promise.all([this.#agent.kill(), this.#etcd.kill()]);
    this.#endBy(async () => {
      await gone;
    });
  }

  /** In a Pod that is ending the kubelet starts no container again, sidecars included. */
  #endBy(sequence: () => Promise<void>): void {
    if (!this.#isEnding) {
      this.#isEnding = true;
      this.#agent.forbidRestart();
      this.#etcd.forbidRestart();
      void sequence().then(this.#ended.resolve);
    }
  }

  async #callPreStop(timeoutMs: number): Promise<void> {
    const pod = { ordinal: this.ordinal, podUid: this.podUid };
    // The hook belongs to a running container; one that waits in its back-off has nothing to stop.
    if (this.#etcd.view().state !== 'running') {
      return;
    }
    this.#deps.onEvent({ ...pod, kind: 'pre-stop-called' });
    const address = podAddressOf(this.#template.block, this.ordinal);
    const answer = await this.#deps.callPreStop(address, { timeoutMs, signal: this.#killed.signal });
    this.#deps.onEvent({ ...pod, kind: 'pre-stop-returned', answer });
  }

  #container(name: ContainerName): Container {
    return name === 'agent' ? this.#agent : this.#etcd;
  }

  #makeContainer(container: ContainerName, onFirstStart: () => void): Container {
    const { ordinal, podUid } = this;
    const { onEvent, onAgentLine, backOff } = this.#deps;
    const readLine = splitLines((line) => {
      const parsed = parseAgentLine(line);
      if (parsed !== undefined) {
        onAgentLine(ordinal, parsed);
      }
    });
    const pod = { ordinal, podUid, container };
    return new Container({
      command:
        container === 'agent'
          ? agentCommand(this.#template, ordinal, podUid)
          : etcdCommand(this.#template, ordinal),
      backOff,
      log: openContainerLog(this.#template.paths.logOf(ordinal, container)),
      ...(container === 'agent' ? { onStdout: readLine } : {}),
      prepare: () => this.#mountVolumes(),
      onStarted: (pid, restarts) => {
        onEvent({ ...pod, kind: 'container-started', pid, restarts });
        onFirstStart();
      },
      onExited: (pid, exit) => onEvent({ ...pod, kind: 'container-exited', pid, exit }),
      onWaiting: (delayMs) => onEvent({ ...pod, kind: 'container-waiting', delayMs }),
    });
  }

  /** A container always finds its mount points, whatever was done to what is behind them. */
  #mountVolumes(): void {
    const { paths } = this.#template;
    mkdirSync(paths.volumeOf(this.ordinal), { recursive: true, mode: 0o700 });
    mkdirSync(paths.runFolderOf(this.ordinal), { recursive: true, mode: 0o700 });
    makeGate(paths.gateOf(this.ordinal));
  }
}
