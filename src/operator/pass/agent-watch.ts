/** The agents' own words, by long-poll: a change is known within a second, and a quiet cluster costs no CPU. */
import { type AgentStatus, parseAgentStatus } from '../../model/agent-status.ts';
import { pause } from '../../runtime/abort.ts';
import type { Clock } from '../../runtime/clock.ts';
import type { HttpAnswer, HttpClient } from '../../runtime/http-client.ts';
import { FIRST_WORD_MS_MAX } from '../plan/member-health.ts';
import { type BackOffRule, backOffDelayMs } from '../queue/back-off.ts';

/** A Pod whose agent is asked. */
export type FollowedPod = {
  readonly uid: string;
  readonly address: string;
  /** Whom its agent shows a certificate for, where it is asked over TLS. */
  readonly secureName?: string;
};

/** The last word of an agent, and whether it still answers. Times are on the monotonic clock. */
export type AgentWord = {
  readonly status: AgentStatus;
  /** When it was last said or confirmed. */
  readonly heardAtMs: number;
  readonly reachable: boolean;
};

/** What is known of an agent that is asked: its last word, or since when it was asked in vain. */
export type Hearing =
  | ({ readonly kind: 'heard' } & AgentWord)
  | { readonly kind: 'never'; readonly askedSinceMs: number };

export type AgentWatchDeps = {
  readonly http: HttpClient;
  /** Asks agents over TLS; undefined while it is not known who the operator is to them. */
  readonly secureHttp: (cluster: string) => HttpClient | undefined;
  readonly agentPort: number;
  readonly agentTlsPort: number;
  readonly clock: Clock;
  readonly random: () => number;
  /** Called when the word of an agent of `cluster` has changed, it ceased or began to answer, or stays silent. */
  readonly onChange: (cluster: string) => void;
};

/** How long an agent may keep a question that has no news; it confirms its word at least so often. */
const WAIT_SECONDS = 30;
/** Beyond the wait: an agent answers from memory. */
const ANSWER_MS_MAX = 3_000;
/** A Pod that just got its address serves within a second; one that is gone is soon no longer followed. */
const BACK_OFF: BackOffRule = { baseMs: 100, capMs: 5_000 };

/** An agent that keeps no question, since it has too many, is not asked again at once. */
const NO_NEWS_MS_MIN = 1_000;

type Followed = {
  readonly address: string;
  readonly secureName: string | undefined;
  readonly stop: AbortController;
  readonly sinceMs: number;
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
      const isSame = (pod: FollowedPod): boolean =>
        pod.uid === uid && pod.address === followed.address && pod.secureName === followed.secureName;
      if (!pods.some(isSame)) {
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

  /** What is known of the agent in a Pod of `cluster`; undefined where it is not asked. */
  hearingOf(cluster: string, podUid: string): Hearing | undefined {
    const followed = this.#followed.get(cluster)?.get(podUid);
    if (followed === undefined) {
      return undefined;
    }
    const { word, sinceMs } = followed;
    return word === undefined ? { kind: 'never', askedSinceMs: sinceMs } : { kind: 'heard', ...word };
  }

  #start(cluster: string, pod: FollowedPod): Followed {
    const followed: Followed = {
      address: pod.address,
      secureName: pod.secureName,
      stop: new AbortController(),
      sinceMs: this.#deps.clock.nowMs(),
      word: undefined,
    };
    const signal = AbortSignal.any([this.#signal, followed.stop.signal]);
    void this.#listen(cluster, pod, followed, signal);
    void this.#tellOfSilence(cluster, followed, signal);
    return followed;
  }

  /** Nothing else would, where an agent never says its first word. */
  async #tellOfSilence(cluster: string, followed: Followed, signal: AbortSignal): Promise<void> {
    await pause(FIRST_WORD_MS_MAX + 1, signal);
    if (!signal.aborted && followed.word === undefined) {
      this.#deps.onChange(cluster);
    }
  }

  async #listen(cluster: string, pod: FollowedPod, followed: Followed, signal: AbortSignal): Promise<void> {
    for (let failures = 0; !signal.aborted; ) {
      const askedMs = this.#deps.clock.nowMs();
      const answer = await this.#ask(cluster, pod, followed.word, signal);
      if (signal.aborted) {
        return;
      }
      const before = followed.word;
      followed.word = this.#wordAfter(answer, pod.uid, before);
      // Each answer is another object; its etag stays while nothing of interest has changed.
      if (
        followed.word?.status.etag !== before?.status.etag ||
        followed.word?.reachable !== before?.reachable
      ) {
        this.#deps.onChange(cluster);
      }
      const isHeard = followed.word?.reachable === true;
      failures = isHeard ? 0 : failures + 1;
      if (failures > 0) {
        await pause(backOffDelayMs(BACK_OFF, failures, this.#deps.random), signal);
      } else if (followed.word?.status.etag === before?.status.etag) {
        await pause(Math.max(0, NO_NEWS_MS_MIN - (this.#deps.clock.nowMs() - askedMs)), signal);
      }
    }
  }

  async #ask(
    cluster: string,
    { address, secureName }: FollowedPod,
    word: AgentWord | undefined,
    signal: AbortSignal,
  ): Promise<HttpAnswer> {
    const { http, secureHttp, agentPort, agentTlsPort } = this.#deps;
    const asks = secureName === undefined ? http : secureHttp(cluster);
    if (asks === undefined) {
      return { kind: 'unknown', why: 'there is no certificate to show yet' };
    }
    const origin =
      secureName === undefined ? `http://${address}:${agentPort}` : `https://${address}:${agentTlsPort}`;
    const named = secureName === undefined ? {} : { serverName: secureName };
    const url = new URL(`${origin}/status`);
    if (word?.reachable !== true) {
      return asks.send({ url: url.href, ...named, timeoutMs: ANSWER_MS_MAX }, signal);
    }
    url.search = new URLSearchParams({ since: word.status.etag, wait: `${WAIT_SECONDS}s` }).toString();
    const timeoutMs = WAIT_SECONDS * 1_000 + ANSWER_MS_MAX;
    return asks.send({ url: url.href, ...named, timeoutMs }, signal);
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
