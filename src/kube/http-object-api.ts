import * as v from 'valibot';
import type { ApiRequest, ApiTransport } from './api-transport.ts';
import { isLiveObject, type KubeObject, type LiveObject } from './kube-object.ts';
import type {
  ObjectName,
  ObjectPage,
  ObjectReader,
  ObjectScope,
  ObjectWriter,
  RecordKeeper,
  RemoveOptions,
} from './object-api.ts';
import { type Outcome, outcomeOf } from './outcome.ts';
import { readWatch } from './read-watch.ts';
import { type ResourcePlace, type ResourceType, resourcePath } from './resource-type.ts';

export type HttpObjectApiOptions = {
  readonly transport: ApiTransport;
  /** Under this name our fields are ours (server-side apply). */
  readonly fieldManager: string;
};

/** A healthy API server answers in milliseconds; admission webhooks may take up to 10 s by default. */
const CALL_TIMEOUT_MS = 15_000;
/** A page of objects is read and sent in one piece. */
const LIST_TIMEOUT_MS = 30_000;
/** Until a watch begins; a server that must first fill its cache takes seconds. */
const WATCH_BEGIN_TIMEOUT_MS = 30_000;
/** etcd refuses values above 1.5 MiB; as JSON an object may be a few times that. */
const OBJECT_BYTES_MAX = 8 * 1024 * 1024;
/** Room for a page of a hundred large objects; who asks for pages asks for fewer if it is not enough. */
const PAGE_BYTES_MAX = 32 * 1024 * 1024;

/** Kubernetes over plain HTTP: reading, server-side apply, and records written whole. */
export function createHttpObjectApi(
  options: HttpObjectApiOptions,
): ObjectReader & ObjectWriter & RecordKeeper {
  const { transport } = options;
  const ask = async (call: Call, signal: AbortSignal): Promise<Outcome<LiveObject>> =>
    outcomeOf(await transport.exchange(requestOf(call), signal), liveObjectOf);
  const manager = { fieldManager: options.fieldManager };
  const apply = (
    type: ResourceType,
    object: KubeObject,
    place: ResourcePlace,
    signal: AbortSignal,
  ): Promise<Outcome<LiveObject>> => {
    // Every field is ours alone or not named by us at all, so another's claim to it is a mistake: force.
    const query = { ...manager, force: 'true' };
    const call = { method: 'PATCH', contentType: 'application/apply-patch+yaml' } as const;
    return ask({ ...call, path: pathOf(type, place, query), body: identified(type, object) }, signal);
  };
  return {
    read: (type, name, signal) => ask({ method: 'GET', path: pathOf(type, name) }, signal),
    list: async (type, query, signal) => {
      const { limit, continueToken, ...scope } = query;
      const page = { ...selection(scope), limit: String(limit), continue: continueToken };
      const path = pathOf(type, { namespace: scope.namespace }, page);
      const bounds = { timeoutMs: LIST_TIMEOUT_MS, bodyBytesMax: PAGE_BYTES_MAX };
      return outcomeOf(await transport.exchange({ method: 'GET', path, ...bounds }, signal), pageOf);
    },
    watch: (type, query, signal) => {
      const { resourceVersion, timeoutSeconds, silenceMsMax, ...scope } = query;
      const path = pathOf(
        type,
        { namespace: scope.namespace },
        {
          ...selection(scope),
          watch: 'true',
          allowWatchBookmarks: 'true',
          resourceVersion,
          timeoutSeconds: String(timeoutSeconds),
        },
      );
      const bounds = { timeoutMs: WATCH_BEGIN_TIMEOUT_MS, bodyBytesMax: OBJECT_BYTES_MAX };
      return readWatch(transport, { method: 'GET', path, ...bounds }, silenceMsMax, signal);
    },
    apply: (type, object, signal) => apply(type, object, nameOf(object), signal),
    applyStatus: (type, object, signal) =>
      apply(type, object, { ...nameOf(object), subresource: 'status' }, signal),
    remove: async (type, name, how, signal) => {
      const request = requestOf({ method: 'DELETE', path: pathOf(type, name), body: deleteOptions(how) });
      return outcomeOf(await transport.exchange(request, signal), () => 'accepted');
    },
    create: (type, object, signal) => {
      const path = pathOf(type, { namespace: object.metadata.namespace }, manager);
      return ask({ method: 'POST', path, body: identified(type, object) }, signal);
    },
    update: (type, object, signal) => {
      const path = pathOf(type, nameOf(object), manager);
      return ask({ method: 'PUT', path, body: identified(type, object) }, signal);
    },
  };
}

type Call = Pick<ApiRequest, 'method' | 'path'> & { readonly body?: string; readonly contentType?: string };

function requestOf(call: Call): ApiRequest {
  const contentType = call.body === undefined ? {} : { contentType: 'application/json' };
  return { ...contentType, ...call, timeoutMs: CALL_TIMEOUT_MS, bodyBytesMax: OBJECT_BYTES_MAX };
}

function pathOf(
  type: ResourceType,
  place: ResourcePlace,
  query: Readonly<Record<string, string | undefined>> = {},
): string {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined) {
      parameters.set(name, value);
    }
  }
  const text = parameters.toString();
  return `${resourcePath(type, place)}${text === '' ? '' : `?${text}`}`;
}

function selection(scope: ObjectScope): Readonly<Record<string, string | undefined>> {
  return { labelSelector: scope.labelSelector, fieldSelector: scope.fieldSelector };
}

function nameOf(object: KubeObject): ObjectName {
  return { namespace: object.metadata.namespace, name: object.metadata.name };
}

/** Items of lists come without apiVersion and kind, and go back with them. */
function identified(type: ResourceType, object: KubeObject): string {
  return JSON.stringify({ ...object, apiVersion: type.apiVersion, kind: type.kind });
}

function deleteOptions(options: RemoveOptions): string {
  const { uid, resourceVersion, propagation } = options;
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'DeleteOptions',
    preconditions: { uid, resourceVersion },
    propagationPolicy: propagation,
  });
}

function liveObjectOf(json: unknown): LiveObject | undefined {
  return isLiveObject(json) ? json : undefined;
}

const pageSchema = v.object({
  metadata: v.object({ resourceVersion: v.string(), continue: v.optional(v.string(), '') }),
  items: v.nullish(v.array(v.unknown()), []),
});

function pageOf(json: unknown): ObjectPage | undefined {
  const parsed = v.safeParse(pageSchema, json);
  if (!parsed.success) {
    return undefined;
  }
  const { metadata, items } = parsed.output;
  const token = metadata.continue === '' ? undefined : metadata.continue;
  return items.every(isLiveObject)
    ? { items, resourceVersion: metadata.resourceVersion, continueToken: token }
    : undefined;
}
