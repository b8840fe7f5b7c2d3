/** The agents' own words, by long-poll: a change is known within a second, and a quiet cluster costs no CPU. */
import { type AgentStatus, parseAgentStatus } from '../model/agent-status.ts';
import { pause } from '../runtime/abort.ts';
import type { Clock } from '../runtime/clock.ts';
import type { HttpAnswer, HttpClient } from '../runtime/http-client.ts';
import { type BackOffRule, backOffDelayMs } from './back-off.ts';

/** A Pod whose agent is asked. */
export type FollowedPod = { readonly uid: string; readonly address: string };

/** The last word of an agent, and whether it still answers. */
export type AgentWord = {
  readonly status: AgentStatus;
  /** When it was last said or confirmed, on the monotonic clock. */
  readonly heardAtMs: number;
  readonly reachable: boolean;
};

export type AgentWatchDeps = {
  readonly http: HttpClient;
  readonly agentPort: number;
  readonly clock: Clock;
  readonly random: () => number;
  /** Called when the word of an agent of `cluster` has changed, or it ceased or began to answer. */
  readonly onChange: (cluster: string) => void;
};

/** How long an agent may keep a question that has no news; it confirms its word at least so often. */
const WAIT_SECONDS = 30;
/** Beyond the wait: an agent answers from memory. */
const ANSWER_MS_MAX = 3_000;
/** A Pod that just got its address serves within a second; one that is gone is soon no longer followed. */
const BACK_OFF: BackOffRule = { baseMs: 100, capMs: 5_000 };

type Followed = {
  readonly address: string;
  readonly stop: AbortController;
  word: AgentWord | undefined;
};

/** Follows the agents of every cluster it is told of. */
export class AgentWatch {
  readonly #deps: AgentWatchDeps;
  readonly #signal: AbortSignal;
  readonly #followed = new Map<string, Map<string, Followed>>();

  /** Everything ends when `signal` fires. */
  constructor(deps: AgentWatchDeps, signal: AbortSignal) {
    this.#deps = deps;
    this.#signal = signal;
  }

  /** Follows exactly these Pods of `cluster` from now on; none of a cluster that is gone. */
  follow(cluster: string, pods: readonly FollowedPod[]): void {
    const known = this.#followed.get(cluster) ?? new Map<string, Followed>();
    for (const [uid, followed] of known) {
      if (!pods.some((pod) => pod.uid === uid && pod.address === followed.address)) {
        followed.stop.abort();
        known.delete(uid);
      }
    }
    for (const pod of pods) {
      if (!known.has(pod.uid)) {
        known.set(pod.uid, this.#start(cluster, pod));
      }
    }
    if (known.size === 0) {
      this.#followed.delete(cluster);
    } else {
      this.#followed.set(cluster, known);
    }
  }

  /** The last word of the agent in a Pod of `cluster`; undefined when it has said nothing yet. */
  wordOf(cluster: string, podUid: string): AgentWord | undefined {
    return this.#followed.get(cluster)?.get(podUid)?.word;
  }

  #start(cluster: string, pod: FollowedPod): Followed {
    const followed: Followed = { address: pod.address, stop: new AbortController(), word: undefined };
    void this.#listen(cluster, pod, followed, AbortSignal.any([this.#signal, followed.stop.signal]));
    return followed;
  }

  async #listen(cluster: string, pod: FollowedPod, followed: Followed, signal: AbortSignal): Promise<void> {
    for (let failures = 0; !signal.aborted; ) {
      const answer = await this.#ask(pod.address, followed.word, signal);
      if (signal.aborted) {
        return;
      }
      const before = followed.word;
      followed.word = this.#wordAfter(answer, pod.uid, before);
      if (followed.word?.status !== before?.status || followed.word?.reachable !== before?.reachable) {
        this.#deps.onChange(cluster);
      }
      failures = followed.word?.reachable === true ? 0 : failures + 1;
      if (failures > 0) {
        await pause(backOffDelayMs(BACK_OFF, failures, this.#deps.random), signal);
      }
    }
  }

  #ask(address: string, word: AgentWord | undefined, signal: AbortSignal): Promise<HttpAnswer> {
    const url = new URL(`http://${address}:${this.#deps.agentPort}/status`);
    if (word?.reachable !== true) {
      return this.#deps.http.send({ url: url.href, timeoutMs: ANSWER_MS_MAX }, signal);
    }
    url.search = new URLSearchParams({ since: word.status.etag, wait: `${WAIT_SECONDS}s` }).toString();
    return this.#deps.http.send({ url: url.href, timeoutMs: WAIT_SECONDS * 1_000 + ANSWER_MS_MAX }, signal);
  }

  /** What is held to be the agent's word after `answer`; an address may be another Pod's by now. */
  #wordAfter(answer: HttpAnswer, podUid: string, before: AgentWord | undefined): AgentWord | undefined {
    const heardAtMs = this.#deps.clock.nowMs();
    if (answer.kind === 'answered' && answer.status === 304 && before !== undefined) {
      return { ...before, heardAtMs, reachable: true };
    }
    const status = answer.kind === 'answered' && answer.status === 200 ? statusIn(answer.body) : undefined;
    if (status?.podUid === podUid) {
      return { status, heardAtMs, reachable: true };
    }
    return before === undefined ? undefined : { ...before, reachable: false };
  }
}

function statusIn(body: string): AgentStatus | undefined {
  try {
    const status = parseAgentStatus(JSON.parse(body));
    return 'invalid' in status ? undefined : status;
  } catch {
    return undefined;
  }
}
