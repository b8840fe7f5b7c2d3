/** Asking the agents of a local cluster over HTTP. */
import { type AgentStatus, parseAgentStatus } from '../model/agent-status.ts';
import type { HttpAnswer, HttpClient } from '../runtime/http-client.ts';
import { PORTS } from './cluster-layout.ts';

/** What an agent says of itself, or why it says nothing. */
export type AgentWord =
  | { readonly kind: 'answers'; readonly status: AgentStatus }
  /** Only to a long poll: nothing changed meanwhile. */
  | { readonly kind: 'unchanged' }
  | { readonly kind: 'silent'; readonly why: string };

/** Waits, for at most `waitSeconds`, until the status is no longer the one whose `etag` is `since`. */
export type LongPoll = { readonly since: string; readonly waitSeconds: number };

/** A status is kept ready by the agent and answered at once, however busy the machine is. */
const STATUS_TIMEOUT_MS = 2_000;

/** The status of the agent at `address`; never throws. */
export async function askAgentStatus(
  http: HttpClient,
  address: string,
  signal: AbortSignal,
  longPoll?: LongPoll,
): Promise<AgentWord> {
  const url = agentUrl(address, '/status');
  let timeoutMs = STATUS_TIMEOUT_MS;
  if (longPoll !== undefined) {
    url.search = new URLSearchParams({ since: longPoll.since, wait: `${longPoll.waitSeconds}s` }).toString();
    timeoutMs += longPoll.waitSeconds * 1000;
  }
  return wordOf(await http.send({ url: url.href, headers: UNKEPT, timeoutMs }, signal));
}

/**
 * `GET /leave` on the agent at `address`: the preStop hook of the etcd container. As with the kubelet the
 * status code is not judged, nothing is retried and no failure keeps the Pod from ending (Kubernetes 1.34,
 * pkg/kubelet/lifecycle/handlers.go).
 */
export function callPreStop(
  http: HttpClient,
  address: string,
  limits: { readonly timeoutMs: number; readonly signal: AbortSignal },
): Promise<HttpAnswer> {
  const url = agentUrl(address, '/leave').href;
  return http.send({ url, headers: UNKEPT, timeoutMs: limits.timeoutMs }, limits.signal);
}

/** A fresh connection for each call, as the kubelet's: a kept one may lead to an agent that died. */
const UNKEPT = { connection: 'close' };

function agentUrl(address: string, path: string): URL {
  return new URL(`http://${address}:${PORTS.agent}${path}`);
}

const NOT_MODIFIED = 304;

function wordOf(answer: HttpAnswer): AgentWord {
  switch (answer.kind) {
    case 'answered':
      return answer.status === NOT_MODIFIED ? { kind: 'unchanged' } : statusIn(answer.body);
    case 'refused':
      return { kind: 'silent', why: 'nobody listens on its port' };
    default:
      return { kind: 'silent', why: answer.why };
  }
}

function statusIn(body: string): AgentWord {
  let json: unknown;
  try {
    json = JSON.parse(body);
  } catch {
    return { kind: 'silent', why: 'its status is not JSON' };
  }
  const status = parseAgentStatus(json);
  return 'invalid' in status
    ? { kind: 'silent', why: `its status does not parse: ${status.invalid}` }
    : { kind: 'answers', status };
}
