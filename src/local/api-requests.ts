/**
 * What the API answers, and what a request makes of the state: pure. The rules of refusing are those of
 * the API server (apiserver/pkg/registry/generic/registry/store.go, Kubernetes 1.34).
 */
import * as v from 'valibot';
import { ORDINAL_MAX } from '../model/naming.ts';
import {
  configMapJson,
  type Json,
  podJson,
  podListJson,
  scaleJson,
  statefulSetJson,
  statusJson,
} from './api-objects.ts';
import { type ApiRoute, routeOf } from './api-routes.ts';
import { type ApiState, type ConfigMap, putConfigMap, scaleStatefulSet } from './api-state.ts';

/** One request as it came in; `path` without the query, `body` whole. */
export type ApiRequest = {
  readonly method: string;
  readonly path: string;
  readonly contentType: string;
  readonly body: string;
};

/** What is answered, and the state afterwards; the same state when nothing was written. */
export type ApiAnswer = { readonly code: number; readonly json: Json; readonly state: ApiState };

/** The largest body that is read: the API server's own limit of 3 MiB. */
export const API_BODY_BYTES_MAX = 3 * 1024 * 1024;

/** Answers one request out of `state`. */
export function answerApiRequest(state: ApiState, request: ApiRequest, nowMs: number): ApiAnswer {
  const route = routeOf(request.method, request.path);
  switch (route.kind) {
    case 'unknown':
      return refusal(state, 404, 'NotFound', 'the server could not find the requested resource');
    case 'not-allowed':
      return refusal(
        state,
        405,
        'MethodNotAllowed',
        'the server does not allow this method on the requested resource',
      );
    default:
      return route.namespace === state.namespace
        ? answerRoute(state, route, request, nowMs)
        : notFound(state, route.kind, route.name);
  }
}

/** A body beyond the limit, in the API server's words. */
export function tooLargeJson(): Json {
  return statusJson(413, 'RequestEntityTooLarge', `Request entity too large: limit is ${API_BODY_BYTES_MAX}`);
}

type Route = Exclude<ApiRoute, { readonly kind: 'unknown' | 'not-allowed' }>;

function answerRoute(state: ApiState, route: Route, request: ApiRequest, nowMs: number): ApiAnswer {
  switch (route.kind) {
    case 'statefulsets':
      return isStatefulSet(state, route.name)
        ? ok(state, statefulSetJson(state))
        : notFound(state, route.kind, route.name);
    case 'scale':
      if (!isStatefulSet(state, route.name)) {
        return notFound(state, 'statefulsets', route.name);
      }
      return route.verb === 'get' ? ok(state, scaleJson(state)) : patchScale(state, request);
    case 'configmaps':
      return route.verb === 'get'
        ? getConfigMap(state, route.name)
        : updateConfigMap(state, route.name, request, nowMs);
    case 'pods':
      return route.name === '' ? ok(state, podListJson(state)) : getPod(state, route.name);
  }
}

function getPod(state: ApiState, name: string): ApiAnswer {
  const pod = state.pods.find((each) => each.name === name);
  return pod === undefined ? notFound(state, 'pods', name) : ok(state, podJson(state, pod));
}

function getConfigMap(state: ApiState, name: string): ApiAnswer {
  const configMap = configMapNamed(state, name);
  return configMap === undefined
    ? notFound(state, 'configmaps', name)
    : ok(state, configMapJson(state, configMap));
}

const configMapSchema = v.object({
  metadata: v.object({
    name: v.optional(v.string(), ''),
    uid: v.optional(v.string(), ''),
    resourceVersion: v.optional(v.string(), ''),
  }),
  data: v.optional(v.nullable(v.record(v.string(), v.string())), {}),
});

function updateConfigMap(state: ApiState, name: string, request: ApiRequest, nowMs: number): ApiAnswer {
  if (request.contentType !== 'application/json') {
    return unsupportedMediaType(state, request.contentType);
  }
  const body = parseBody(configMapSchema, request.body);
  if (!body.ok) {
    return refusal(state, 400, 'BadRequest', body.why);
  }
  const { metadata, data } = body.value;
  if (metadata.name !== '' && metadata.name !== name) {
    return refusal(
      state,
      400,
      'BadRequest',
      `the name of the object (${metadata.name}) does not match the name on the URL (${name})`,
    );
  }
  const before = configMapNamed(state, name);
  if (before === undefined) {
    return notFound(state, 'configmaps', name);
  }
  const lost = preconditionLost('configmaps', before, metadata);
  if (lost !== undefined) {
    return refusal(state, 409, 'Conflict', lost);
  }
  const next = putConfigMap(state, { name, uid: before.uid, data: data ?? {} }, nowMs);
  return ok(next, configMapJson(next, configMapNamed(next, name) ?? before));
}

const scalePatchSchema = v.object({
  metadata: v.optional(
    v.object({ uid: v.optional(v.string(), ''), resourceVersion: v.optional(v.string(), '') }),
    {},
  ),
  spec: v.optional(v.object({ replicas: v.optional(v.pipe(v.number(), v.integer())) }), {}),
});

/** A merge patch; of a Scale only `spec.replicas` can be changed. */
function patchScale(state: ApiState, request: ApiRequest): ApiAnswer {
  if (!PATCH_TYPES.has(request.contentType)) {
    return unsupportedMediaType(state, request.contentType);
  }
  const body = parseBody(scalePatchSchema, request.body);
  if (!body.ok) {
    return refusal(state, 400, 'BadRequest', body.why);
  }
  const lost = preconditionLost('statefulsets.apps', state.statefulSet, body.value.metadata);
  if (lost !== undefined) {
    return refusal(state, 409, 'Conflict', lost);
  }
  const replicas = body.value.spec.replicas ?? state.statefulSet.replicas;
  if (replicas < 0 || replicas > ORDINAL_MAX + 1) {
    return refusal(
      state,
      422,
      'Invalid',
      `Scale "${state.statefulSet.name}" is invalid: spec.replicas: Invalid value: ${replicas}: must be from 0 to ${ORDINAL_MAX + 1}`,
    );
  }
  const next = scaleStatefulSet(state, replicas);
  return ok(next, scaleJson(next));
}

const PATCH_TYPES: ReadonlySet<string> = new Set([
  'application/merge-patch+json',
  'application/strategic-merge-patch+json',
]);

/**
 * Compare-and-swap: a resourceVersion or UID that is given must be the object's. Without a
 * resourceVersion an update is unconditional, which ConfigMaps and scales allow.
 */
function preconditionLost(
  resource: string,
  object: { readonly name: string; readonly uid: string; readonly resourceVersion: number },
  given: { readonly uid?: string; readonly resourceVersion?: string },
): string | undefined {
  const operation = `Operation cannot be fulfilled on ${resource} "${object.name}"`;
  const { uid = '', resourceVersion = '' } = given;
  if (uid !== '' && uid !== object.uid) {
    return `${operation}: Precondition failed: UID in precondition: ${uid}, UID in object meta: ${object.uid}`;
  }
  return resourceVersion !== '' && resourceVersion !== String(object.resourceVersion)
    ? `${operation}: the object has been modified; please apply your changes to the latest version and try again`
    : undefined;
}

type Parsed<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly why: string };

function parseBody<S extends v.GenericSchema>(schema: S, body: string): Parsed<v.InferOutput<S>> {
  let json: unknown;
  try {
    json = JSON.parse(body);
  } catch {
    return { ok: false, why: 'the body of the request is not JSON' };
  }
  const parsed = v.safeParse(schema, json);
  return parsed.success
    ? { ok: true, value: parsed.output }
    : { ok: false, why: `the body of the request was unexpected: ${v.summarize(parsed.issues)}` };
}

function isStatefulSet(state: ApiState, name: string): boolean {
  return state.statefulSet.name === name;
}

function configMapNamed(state: ApiState, name: string): ConfigMap | undefined {
  return state.configMaps.find((each) => each.name === name);
}

function ok(state: ApiState, json: Json): ApiAnswer {
  return { code: 200, json, state };
}

function notFound(state: ApiState, kind: Route['kind'], name: string): ApiAnswer {
  const resource = kind === 'statefulsets' || kind === 'scale' ? 'statefulsets.apps' : kind;
  return refusal(state, 404, 'NotFound', `${resource} "${name}" not found`);
}

function unsupportedMediaType(state: ApiState, contentType: string): ApiAnswer {
  return refusal(
    state,
    415,
    'UnsupportedMediaType',
    `the body of the request was in an unknown format: ${contentType === '' ? 'none given' : contentType}`,
  );
}

function refusal(state: ApiState, code: number, reason: string, message: string): ApiAnswer {
  return { code, json: statusJson(code, reason, message), state };
}
