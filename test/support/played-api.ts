import { type ResourcePlace, type ResourceType, resourcePath } from '../../src/kube/resource-type.ts';
import type { RealApiClient } from './real-api-server-client.ts';

/** How the played controllers write. Each gives the object as it is then, or undefined: somebody was faster. */
export type PlayedApi = {
  create(type: ResourceType, object: PlayedObject): Promise<unknown>;
  /** Merges `change` into the object, or into its status, if it still is the one with this UID. */
  patch(type: ResourceType, place: ResourcePlace, uid: string, change: object): Promise<unknown>;
  /** Writes it whole, if it still has the resourceVersion that `object` says. */
  replace(type: ResourceType, object: PlayedObject): Promise<unknown>;
  /** `atOnce` is for what only a kubelet may say: the process has ended. */
  remove(
    type: ResourceType,
    place: ResourcePlace,
    uid: string,
    how: 'in order' | 'at once',
  ): Promise<unknown>;
  /** Removes this version of it and no later one, as the garbage collector does (Kubernetes 1.34). */
  collect(type: ResourceType, place: ResourcePlace, version: ObjectVersion): Promise<unknown>;
};

export type ObjectVersion = { readonly uid: string; readonly resourceVersion: string };

export type PlayedObject = {
  readonly metadata: { readonly name: string; readonly namespace: string };
  readonly [field: string]: unknown;
};

/** Not there any more, or another one by now. */
const OVERTAKEN: ReadonlySet<number> = new Set([404, 409]);

export function createPlayedApi(client: RealApiClient): PlayedApi {
  const send = async (
    method: 'POST' | 'PATCH' | 'PUT' | 'DELETE',
    path: string,
    body: unknown,
    contentType = 'application/json',
  ): Promise<unknown> => {
    const answer = await client.send(method, path, body, { contentType });
    if (OVERTAKEN.has(answer.status)) {
      return undefined;
    }
    if (answer.status >= 300) {
      throw new Error(`${method} ${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
    }
    return answer.body;
  };
  return {
    create: (type, object) =>
      send('POST', resourcePath(type, { namespace: object.metadata.namespace }), identified(type, object)),
    patch: (type, place, uid, change) =>
      send('PATCH', resourcePath(type, place), withUid(uid, change), 'application/merge-patch+json'),
    replace: (type, object) => send('PUT', resourcePath(type, object.metadata), identified(type, object)),
    remove: (type, place, uid, how) =>
      send('DELETE', resourcePath(type, place), {
        preconditions: { uid },
        ...(how === 'at once' ? { gracePeriodSeconds: 0 } : {}),
      }),
    collect: (type, place, { uid, resourceVersion }) =>
      send('DELETE', resourcePath(type, place), { preconditions: { uid, resourceVersion } }),
  };
}

function identified({ apiVersion, kind }: ResourceType, object: object): object {
  return { ...object, apiVersion, kind };
}

function withUid(uid: string, change: object): object {
  const { metadata = {}, ...others }: { metadata?: object } = change;
  return { ...others, metadata: { ...metadata, uid } };
}
