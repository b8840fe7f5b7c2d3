/** What is measured: a cluster of ours, over TLS or not, or the plain one beside it; handled alike. */
import type { EtcdClusterSpec } from '../../src/api/etcd-cluster.ts';
import type { ObjectReader, ObjectWriter } from '../../src/kube/object-api.ts';
import { failureText, type Outcome } from '../../src/kube/outcome.ts';
import type { ResourceType } from '../../src/kube/resource-type.ts';
import { type EtcdVersion, formatEtcdVersion } from '../../src/model/etcd-version.ts';
import { dataIn } from '../../src/operator/certificates/secret-contents.ts';
import { CLAIM, ETCD_CLUSTER, POD, SECRET, STATEFUL_SET } from '../../src/operator/kinds.ts';
import type { NamespaceView } from '../../test/e2e/support/namespace-view.ts';
import { plainEtcd } from './plain-etcd.ts';
import type { Door } from './prober.ts';

export type SubjectKind = 'quorate' | 'encrypted' | 'plain';

export type Subject = {
  readonly kind: SubjectKind;
  readonly name: string;
  /** Asks Kubernetes for it; the time is that of the first request. */
  readonly create: (size: number) => Promise<number>;
  /** Edits the size; the time is that of the request. Only a cluster of ours can do that. */
  readonly resize: (size: number) => Promise<number>;
  /** Where its clients connect, by address: a name that was asked for too early may be remembered as missing. */
  readonly door: () => Promise<Door>;
  readonly remove: () => Promise<void>;
};

export type BenchApi = ObjectReader & ObjectWriter;

export type SubjectParts = {
  readonly api: BenchApi;
  readonly view: NamespaceView;
  readonly version: EtcdVersion;
  readonly signal: AbortSignal;
};

const SERVICE: ResourceType = { apiVersion: 'v1', kind: 'Service', plural: 'services' };
const CLIENT_PORT = 2379;
/** Volumes go with the cluster: nothing may be left of one run for the next. */
const STORAGE = { size: '1Gi', retentionPolicy: { whenDeleted: 'Delete', whenScaled: 'Delete' } } as const;

/** A cluster of that kind and name in the namespace of the view; nothing is made yet. */
export function subjectOf(kind: SubjectKind, name: string, parts: SubjectParts): Subject {
  const { api, view, version, signal } = parts;
  const { namespace } = view;
  const applySpec = async (size: number): Promise<number> => {
    const spec: EtcdClusterSpec = {
      size,
      version: formatEtcdVersion(version),
      storage: STORAGE,
      ...(kind === 'encrypted' ? { security: { tls: { enabled: true } } } : {}),
    };
    const atMs = Date.now();
    must(await api.apply(ETCD_CLUSTER, { metadata: { name, namespace }, spec }, signal));
    return atMs;
  };
  return {
    kind,
    name,
    create: async (size) => {
      if (kind !== 'plain') {
        return applySpec(size);
      }
      const atMs = Date.now();
      for (const object of plainEtcd({ name, namespace, size, version })) {
        must(await api.apply(typeOf(object), object as never, signal));
      }
      return atMs;
    },
    resize: applySpec,
    door: async () => {
      const address = await serviceAddress(parts, `${name}-client`);
      return kind === 'encrypted'
        ? { base: `https://${address}`, tls: await identityOf(parts, name) }
        : { base: `http://${address}` };
    },
    remove: () => (kind === 'plain' ? removePlain(parts, name) : removeOurs(parts, name)),
  };
}

function typeOf({ kind }: Readonly<Record<string, unknown>>): ResourceType {
  return kind === 'StatefulSet' ? STATEFUL_SET : SERVICE;
}

/** It has its address as soon as it exists. */
async function serviceAddress({ api, view, signal }: SubjectParts, name: string): Promise<string> {
  for (;;) {
    signal.throwIfAborted();
    const found = await api.read(SERVICE, { namespace: view.namespace, name }, signal);
    if (found.kind === 'done') {
      const { clusterIP } = found.value['spec'] as { readonly clusterIP: string };
      return `${clusterIP}:${CLIENT_PORT}`;
    }
    if (found.kind !== 'not-found') {
      throw new Error(failureText(found));
    }
  }
}

/** What people's clients have; it is there before any member is. */
async function identityOf(
  { api, view, signal }: SubjectParts,
  name: string,
): Promise<NonNullable<Door['tls']>> {
  const secret = must(
    await api.read(SECRET, { namespace: view.namespace, name: `${name}-client-tls` }, signal),
  );
  const data = dataIn(secret);
  const text = (key: string): string => data.get(key) ?? '';
  const servername = `${name}-client.${view.namespace}.svc`;
  return { cert: text('tls.crt'), key: text('tls.key'), ca: text('ca.crt'), servername };
}

async function removeOurs({ api, view, signal }: SubjectParts, name: string): Promise<void> {
  must(await api.remove(ETCD_CLUSTER, { namespace: view.namespace, name }, {}, signal));
  await view.until(`EtcdCluster ${name} is gone`, () => view.cluster(name) === undefined);
  await untilBare(view, name);
}

async function removePlain({ api, view, signal }: SubjectParts, name: string): Promise<void> {
  const { namespace } = view;
  must(await api.remove(STATEFUL_SET, { namespace, name }, { propagation: 'Foreground' }, signal));
  for (const service of [`${name}-peer`, `${name}-client`]) {
    must(await api.remove(SERVICE, { namespace, name: service }, {}, signal));
  }
  await view.until(`StatefulSet ${name} is gone`, () => view.statefulSet(name) === undefined);
  for (const claim of view.claims().keys()) {
    if (claim.startsWith(`data-${name}-`)) {
      must(await api.remove(CLAIM, { namespace, name: claim }, {}, signal));
    }
  }
  await untilBare(view, name);
}

async function untilBare(view: NamespaceView, name: string): Promise<void> {
  await view.until(
    `nothing of ${name} is left`,
    () =>
      ![...view.claims().keys()].some((claim) => claim.startsWith(`data-${name}-`)) &&
      !view.pods().some((pod) => pod.name.startsWith(`${name}-`)),
  );
}

/** Deletes a Pod as `kubectl delete pod` does; the time is that of the request. */
export async function deletePod({ api, view, signal }: SubjectParts, name: string): Promise<number> {
  const atMs = Date.now();
  must(await api.remove(POD, { namespace: view.namespace, name }, {}, signal));
  return atMs;
}

/** @throws Error that says what the API server said */
export function must<T>(outcome: Outcome<T>): T {
  if (outcome.kind !== 'done') {
    throw new Error(failureText(outcome));
  }
  return outcome.value;
}
