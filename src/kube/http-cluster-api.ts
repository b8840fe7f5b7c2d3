import * as v from 'valibot';
import type { VersionedRecord } from '../model/formation-record.ts';
import { formatFormationRecord, parseFormationRecord } from '../model/formation-record.ts';
import { type Known, known, unknown } from '../model/known.ts';
import type { SiblingPod } from '../model/sibling.ts';
import type { Clock } from '../runtime/clock.ts';
import { errorText } from '../runtime/error-text.ts';
import type { HttpAnswer, HttpClient } from '../runtime/http-client.ts';
import type { ClusterApi, SwapOutcome, WantedSet } from './cluster-api.ts';

export type HttpClusterApiOptions = {
  readonly http: HttpClient;
  readonly clock: Clock;
  /** Such as `https://10.96.0.1:443`. */
  readonly apiUrl: string;
  /** Read anew for each call: kubelet rotates projected tokens. Undefined means no authentication. */
  readonly readToken: () => Promise<string | undefined>;
  readonly namespace: string;
  readonly statefulSet: string;
  readonly recordConfigMap: string;
};

/** A healthy API server answers in milliseconds; the agent would rather look again than hang. */
const API_TIMEOUT_MS = 1_500;

const wantedSetSchema = v.object({
  metadata: v.object({ uid: v.string(), deletionTimestamp: v.optional(v.string()) }),
  spec: v.object({ replicas: v.optional(v.pipe(v.number(), v.integer(), v.minValue(0)), 1) }),
});
const recordMapSchema = v.object({
  metadata: v.object({ resourceVersion: v.string() }),
  data: v.optional(v.object({ record: v.optional(v.string()) }), {}),
});
const anyMapSchema = v.looseObject({
  metadata: v.looseObject({ resourceVersion: v.string() }),
  data: v.optional(v.record(v.string(), v.string()), {}),
});
const podSchema = v.object({
  metadata: v.object({ uid: v.string(), deletionTimestamp: v.optional(v.string()) }),
  status: v.optional(v.object({ phase: v.optional(v.string(), ''), podIP: v.optional(v.string(), '') }), {}),
});

/** What the API server says of an object that does not exist (meta/v1 Status). */
const notFoundSchema = v.object({ kind: v.literal('Status'), reason: v.literal('NotFound') });

/** The agent's calls over plain HTTP: importing a whole Kubernetes client costs a second and 130 MB. */
export function createHttpClusterApi(options: HttpClusterApiOptions): ClusterApi {
  const base = `${options.apiUrl}/api/v1/namespaces/${options.namespace}`;
  const setUrl = `${options.apiUrl}/apis/apps/v1/namespaces/${options.namespace}/statefulsets/${options.statefulSet}`;
  const recordUrl = `${base}/configmaps/${options.recordConfigMap}`;
  const call = async (
    method: 'GET' | 'PUT',
    url: string,
    signal: AbortSignal,
    body?: string,
  ): Promise<HttpAnswer> => {
    let token: string | undefined;
    try {
      token = await options.readToken();
    } catch (error) {
      // A token that cannot be read is one more way of not reaching the API, and no reason to stop looking.
      return { kind: 'unknown', why: `its token cannot be read: ${errorText(error)}` };
    }
    const headers = {
      accept: 'application/json',
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    };
    const request = {
      method,
      url,
      headers,
      timeoutMs: API_TIMEOUT_MS,
      ...(body === undefined ? {} : { body }),
    };
    return options.http.send(request, signal);
  };
  const now = (): number => options.clock.nowMs();
  return {
    readWantedSet: async (signal) => readWantedSet(await call('GET', setUrl, signal), now()),
    readRecord: async (signal) => readRecord(await call('GET', recordUrl, signal), now()),
    readPod: async (podName, signal) => readPod(await call('GET', `${base}/pods/${podName}`, signal), now()),
    swapRecord: async (record, resourceVersion, signal) => {
      const current = parseAs(anyMapSchema, await call('GET', recordUrl, signal));
      if (!current.known) {
        return 'unknown';
      }
      if (current.value.metadata.resourceVersion !== resourceVersion) {
        return 'conflict';
      }
      // The whole object goes back, so that labels and owner references stay as their owners left them.
      const next = {
        ...current.value,
        data: { ...current.value.data, record: formatFormationRecord(record) },
      };
      return swapOutcomeOf(await call('PUT', recordUrl, signal, JSON.stringify(next)));
    },
  };
}

/** A set that is not found is unknown, not size 0: its absence must never move data or members (F84). */
function readWantedSet(answer: HttpAnswer, nowMs: number): Known<WantedSet> {
  const parsed = parseAs(wantedSetSchema, answer);
  if (!parsed.known) {
    return parsed;
  }
  const { metadata, spec } = parsed.value;
  return known(
    { uid: metadata.uid, replicas: spec.replicas, deleting: metadata.deletionTimestamp !== undefined },
    nowMs,
  );
}

function readRecord(answer: HttpAnswer, nowMs: number): Known<VersionedRecord | 'absent'> {
  if (isNotFound(answer)) {
    return known('absent', nowMs);
  }
  const parsed = parseAs(recordMapSchema, answer);
  if (!parsed.known) {
    return parsed;
  }
  const text = parsed.value.data.record;
  if (text === undefined) {
    return known('absent', nowMs);
  }
  const record = parseFormationRecord(text);
  return 'invalid' in record
    ? unknown(`the formation record does not parse (${record.invalid})`)
    : known({ record, resourceVersion: parsed.value.metadata.resourceVersion }, nowMs);
}

function readPod(answer: HttpAnswer, nowMs: number): Known<SiblingPod> {
  if (isNotFound(answer)) {
    return known({ kind: 'absent' }, nowMs);
  }
  const parsed = parseAs(podSchema, answer);
  if (!parsed.known) {
    return parsed;
  }
  const { metadata, status } = parsed.value;
  const pod: SiblingPod = {
    kind: 'present',
    podUid: metadata.uid,
    address: status.podIP ?? '',
    running: status.phase === 'Running',
    deleting: metadata.deletionTimestamp !== undefined,
  };
  return known(pod, nowMs);
}

/** Only the API server's own word is absence: a proxy or a wrong address says 404 too. */
function isNotFound(answer: HttpAnswer): boolean {
  return answer.kind === 'answered' && answer.status === 404 && parseBody(notFoundSchema, answer.body).known;
}

function swapOutcomeOf(answer: HttpAnswer): SwapOutcome {
  if (answer.kind === 'answered' && answer.status === 200) {
    return 'written';
  }
  return answer.kind === 'answered' && answer.status === 409 ? 'conflict' : 'unknown';
}

function parseAs<S extends v.GenericSchema>(schema: S, answer: HttpAnswer): Known<v.InferOutput<S>> {
  if (answer.kind !== 'answered') {
    return unknown(
      answer.kind === 'refused'
        ? 'the API server refuses connections'
        : `the API server gave no answer (${answer.why})`,
    );
  }
  if (answer.status !== 200) {
    return unknown(`the API server answered ${answer.status}`);
  }
  return parseBody(schema, answer.body);
}

function parseBody<S extends v.GenericSchema>(schema: S, body: string): Known<v.InferOutput<S>> {
  try {
    const parsed = v.safeParse(schema, JSON.parse(body));
    return parsed.success
      ? known(parsed.output, 0)
      : unknown(`the API server's answer makes no sense (${placesOf(parsed.issues)})`);
  } catch {
    return unknown("the API server's answer is not JSON");
  }
}

/** Where and what was expected, without what is there instead: whatever answers may quote what it was sent. */
function placesOf(issues: readonly v.BaseIssue<unknown>[]): string {
  return issues
    .map((issue) => `${v.getDotPath(issue) ?? 'the answer'} is no ${issue.expected ?? 'such value'}`)
    .join('; ');
}
