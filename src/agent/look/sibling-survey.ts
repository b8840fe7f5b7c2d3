import * as v from 'valibot';
import type { ClusterApi } from '../../kube/cluster-api.ts';
import { type AgentStatus, parseAgentStatus } from '../../model/agent-status.ts';
import { type Known, unknown } from '../../model/known.ts';
import { type ClusterNames, hostOf, memberNameOf } from '../../model/naming.ts';
import type { Sibling, SiblingAgent, SiblingPod } from '../../model/sibling.ts';
import type { HttpClient } from '../../runtime/http-client.ts';

export type SiblingSurveyDeps = {
  readonly api: ClusterApi;
  readonly http: HttpClient;
  readonly names: ClusterNames;
  readonly agentPort: number;
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
  const origin = originOf(deps, ordinal, pod);
  return { ordinal, pod, agent: await askAgent(deps, origin, question.reach, signal) };
}

/** The API knows a Pod's address before DNS does, and asking DNS too early caches its "no" (F7). */
function originOf(deps: SiblingSurveyDeps, ordinal: number, pod: Known<SiblingPod>): string {
  const address = pod.known && pod.value.kind === 'present' ? pod.value.address : '';
  const host = address.includes(':') ? `[${address}]` : address;
  return `http://${host === '' ? hostOf(deps.names, ordinal) : host}:${deps.agentPort}`;
}

async function askAgent(
  deps: SiblingSurveyDeps,
  origin: string,
  reach: boolean,
  signal: AbortSignal,
): Promise<SiblingAgent> {
  const answer = await deps.http.send({ url: `${origin}/status`, timeoutMs: SIBLING_TIMEOUT_MS }, signal);
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
    canReachMe: asks ? await askReach(deps, origin, signal) : 'unasked',
  };
}

async function askReach(deps: SiblingSurveyDeps, origin: string, signal: AbortSignal): Promise<boolean> {
  const url = `${origin}/reach?ordinal=${deps.ordinal}`;
  const answer = await deps.http.send({ url, timeoutMs: REACH_TIMEOUT_MS }, signal);
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
