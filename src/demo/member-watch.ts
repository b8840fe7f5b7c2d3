/** Keeps a member board up to date: the supervisor's events, and one long poll for each agent. */
import type { ClusterEvent } from '../local/cluster-event.ts';
import type { LocalCluster } from '../local/local-cluster.ts';
import type { AgentStatus } from '../model/agent-status.ts';
import { pause } from '../runtime/abort.ts';
import { boardAfter, boardWithStatus, type MemberBoard, type SeenMember } from './member-board.ts';

/** Changes are told at once; this is how old figures that are no news, such as the raft index, may get. */
const POLL_SECONDS = 1;

/** An agent needs some tenths of a second from its start to its first answer. */
const SILENT_PAUSE_MS = 100;

export class MemberWatch {
  #board: MemberBoard = new Map();
  #cluster: Pick<LocalCluster, 'agentStatus'> | undefined;
  readonly #polls = new Map<string, AbortController>();
  readonly #listeners = new Set<() => void>();

  get board(): MemberBoard {
    return this.#board;
  }

  /** To be given every event of the cluster, from its first one on. */
  noteEvent(event: ClusterEvent): void {
    this.#show(boardAfter(this.#board, event));
    this.#follow();
  }

  /** Takes in what the agent of a Pod says; null when it does not answer. */
  noteStatus(pod: { readonly ordinal: number; readonly podUid: string }, status: AgentStatus | null): void {
    this.#show(boardWithStatus(this.#board, pod, status, Date.now()));
  }

  /** Asks the agents of `cluster` from now on. */
  start(cluster: Pick<LocalCluster, 'agentStatus'>): void {
    this.#cluster = cluster;
    this.#follow();
  }

  stop(): void {
    this.#cluster = undefined;
    for (const poll of this.#polls.values()) {
      poll.abort();
    }
    this.#polls.clear();
  }

  /** Resolves at the next change, or when `signal` fires. */
  changed(signal: AbortSignal): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const done = (): void => {
      this.#listeners.delete(done);
      signal.removeEventListener('abort', done);
      resolve();
    };
    this.#listeners.add(done);
    signal.addEventListener('abort', done, { once: true });
    if (signal.aborted) {
      done();
    }
    return promise;
  }

  #show(board: MemberBoard): void {
    if (board !== this.#board) {
      this.#board = board;
      for (const listener of this.#listeners) {
        listener();
      }
    }
  }

  /** One poll for each Pod that is, none for one that is gone. */
  #follow(): void {
    const cluster = this.#cluster;
    if (cluster === undefined) {
      return;
    }
    const pods = new Map([...this.#board.values()].map((member) => [member.podUid, member]));
    for (const [podUid, poll] of this.#polls) {
      if (!pods.has(podUid)) {
        poll.abort();
        this.#polls.delete(podUid);
      }
    }
    for (const [podUid, member] of pods) {
      if (!this.#polls.has(podUid)) {
        const poll = new AbortController();
        this.#polls.set(podUid, poll);
        void this.#poll(cluster, member, poll.signal);
      }
    }
  }

  async #poll(
    cluster: Pick<LocalCluster, 'agentStatus'>,
    pod: SeenMember,
    signal: AbortSignal,
  ): Promise<void> {
    let since: string | undefined;
    while (!signal.aborted) {
      const word = await cluster.agentStatus(
        pod.ordinal,
        signal,
        since === undefined ? undefined : { since, waitSeconds: POLL_SECONDS },
      );
      if (signal.aborted) {
        return;
      }
      // Two Pods of one ordinal have the same address: the old one may still be there when the new one is asked.
      const status = word.kind === 'answers' && word.status.podUid === pod.podUid ? word.status : null;
      since = status?.etag;
      this.noteStatus(pod, status);
      if (status === null) {
        await pause(SILENT_PAUSE_MS, signal);
      }
    }
  }
}
