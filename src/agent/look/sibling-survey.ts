import * as v from 'valibot';
import type { ClusterApi } from '../../kube/cluster-api.ts';
import { type AgentStatus, parseAgentStatus } from '../../model/agent-status.ts';
import { type Known, unknown } from '../../model/known.ts';
import { type ClusterNames, hostOf, memberNameOf } from '../../model/naming.ts';
import type { Sibling, SiblingAgent, SiblingPod } from '../../model/sibling.ts';
import type { HttpClient } from '../../runtime/http-client.ts';
import type { TlsSettings } from '../certificates/tls-settings.ts';

export type SiblingSurveyDeps = {
  readonly api: ClusterApi;
  readonly http: HttpClient;
  readonly names: ClusterNames;
  readonly agentPort: number;
  readonly channel: TlsSettings['channel'];
  readonly agentTlsPort: number;
  readonly ordinal: number;
};

export type SiblingQuestion = {
  readonly ordinals: readonly number[];
  readonly pods: boolean;
  readonly agents: boolean;
  readonly reach: boolean;
};

/** An agent answers its status from memory; a sibling that does not is treated as silent for this pass. */
const SIBLING_TIMEOUT_MS = 300;
/** The sibling dials this member's peer port itself before it answers. */
const REACH_TIMEOUT_MS = 800;

const reachSchema = v.object({ reachable: v.boolean() });

/** Asks the API and the agents about the other Pods of the set. */
export async function surveySiblings(
  deps: SiblingSurveyDeps,
  question: SiblingQuestion,
  signal: AbortSignal,
): Promise<readonly Sibling[]> {
  return Promise.all(question.ordinals.map((ordinal) => surveySibling(deps, ordinal, question, signal)));
}

async function surveySibling(
  deps: SiblingSurveyDeps,
  ordinal: number,
  question: SiblingQuestion,
  signal: AbortSignal,
): Promise<Sibling> {
  const pod: Known<SiblingPod> = question.pods
    ? await deps.api.readPod(memberNameOf(deps.names, ordinal), signal)
    : unknown('the API was not asked');
  if (!question.agents || (pod.known && pod.value.kind === 'absent')) {
    return { ordinal, pod, agent: { kind: 'silent' } };
  }
  let agent: SiblingAgent = { kind: 'silent' };
  for (const way of waysTo(deps, ordinal, pod)) {
    agent = await askAgent(deps, way, question.reach, signal);
    if (agent.kind === 'answers') {
      break;
    }
  }
  return { ordinal, pod, agent };
}

/** Where an agent is asked, and who has to answer there under https. */
type Way = { readonly origin: string; readonly serverName?: string };

/** The API knows a Pod's address before DNS does, and asking DNS too early caches its "no" (F7). */
function waysTo(deps: SiblingSurveyDeps, ordinal: number, pod: Known<SiblingPod>): readonly Way[] {
  const address = pod.known && pod.value.kind === 'present' ? pod.value.address : '';
  const host = address.includes(':') ? `[${address}]` : address;
  const name = hostOf(deps.names, ordinal);
  const plain = { origin: `http://${host === '' ? name : host}:${deps.agentPort}` };
  const secure = { origin: `https://${host === '' ? name : host}:${deps.agentTlsPort}`, serverName: name };
  switch (deps.channel) {
    case 'plain':
      return [plain];
    case 'either':
      // A sibling that is there already answers nobody who shows nothing.
      return [secure, plain];
    case 'tls':
      return [secure];
  }
}

async function askAgent(
  deps: SiblingSurveyDeps,
  way: Way,
  reach: boolean,
  signal: AbortSignal,
): Promise<SiblingAgent> {
  const { origin, ...name } = way;
  const asked = { url: `${origin}/status`, ...name, timeoutMs: SIBLING_TIMEOUT_MS };
  const answer = await deps.http.send(asked, signal);
  const status = answer.kind === 'answered' && answer.status === 200 ? parseStatus(answer.body) : undefined;
  if (status === undefined) {
    return answer.kind === 'unknown' ? { kind: 'silent', late: true } : { kind: 'silent' };
  }
  const asks = reach && status.decision.stage === 'serving';
  return {
    kind: 'answers',
    stage: status.decision.stage,
    decides: status.decision.kind,
    hasData: status.hasData,
    etcdVersion: status.etcd.version,
    canReachMe: asks ? await askReach(deps, way, signal) : 'unasked',
  };
}

async function askReach(
  deps: SiblingSurveyDeps,
  { origin, ...name }: Way,
  signal: AbortSignal,
): Promise<boolean> {
  const url = `${origin}/reach?ordinal=${deps.ordinal}`;
  const answer = await deps.http.send({ url, ...name, timeoutMs: REACH_TIMEOUT_MS }, signal);
  if (answer.kind !== 'answered' || answer.status !== 200) {
    return false;
  }
  const parsed = v.safeParse(reachSchema, parseJson(answer.body));
  return parsed.success && parsed.output.reachable;
}

function parseStatus(body: string): AgentStatus | undefined {
  const status = parseAgentStatus(parseJson(body));
  return 'invalid' in status ? undefined : status;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
