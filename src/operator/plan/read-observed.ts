/**
 * Live objects of Kubernetes, reduced to what planners look at: an operator of a thousand clusters keeps little
 * of each. What has another shape than it should is left out, never guessed; what is no such object at all is
 * undefined.
 */
import * as v from 'valibot';
import { numberOf } from '../../api/quantity.ts';
import { type EtcdVersion, parseEtcdVersion } from '../../model/etcd-version.ts';
import { parseFormationRecord } from '../../model/formation-record.ts';
import { ordinalOfPodName } from '../../model/naming.ts';
import { TLS_ANNOTATION, tlsModeIn } from '../../resources/tls-mode.ts';
import type {
  ObservedClaim,
  ObservedPod,
  ObservedRecord,
  ObservedStatefulSet,
  PodTrouble,
} from './observed-cluster.ts';

/** A Pod without what its agent says. */
export type PodFacts = Omit<ObservedPod, 'agent'>;

/** Which objects are a cluster's: names without the ordinal, and the name of etcd's container. */
export type ClusterParts = {
  readonly cluster: string;
  /** Such as `data-demo`. */
  readonly claims: string;
  readonly etcdContainer: string;
};

/** The label by which a Pod, or a Pod template, says which version of etcd it is for. */
const VERSION_LABEL = 'app.kubernetes.io/version';
const REVISION_LABEL = 'controller-revision-hash';

/** Why the kubelet says that a container waits when it will not start by itself. */
const STUCK_REASONS: ReadonlySet<string> = new Set([
  'ImagePullBackOff',
  'ErrImagePull',
  'ErrImageNeverPull',
  'InvalidImageName',
  'CreateContainerConfigError',
  'CreateContainerError',
  'RunContainerError',
  'PostStartHookError',
  'CrashLoopBackOff',
]);

/** Kubernetes leaves out what is empty, and some writers say null instead. */
function maybe<S extends v.GenericSchema>(schema: S) {
  return v.fallback(v.nullish(schema), undefined);
}

const text = maybe(v.string());
const texts = maybe(v.record(v.string(), v.string()));
const metadataSchema = v.object({
  name: v.string(),
  uid: v.string(),
  generation: maybe(v.number()),
  creationTimestamp: text,
  deletionTimestamp: text,
  labels: texts,
  annotations: texts,
});

const statefulSetSchema = v.object({
  metadata: metadataSchema,
  spec: v.object({
    replicas: maybe(v.number()),
    template: maybe(v.object({ metadata: maybe(v.object({ labels: texts, annotations: texts })) })),
  }),
  status: maybe(v.object({ observedGeneration: maybe(v.number()), updateRevision: text })),
});

/** The set as it is; its revision counts only once its controller has seen this very template. */
export function readStatefulSet(object: unknown): ObservedStatefulSet | undefined {
  const parsed = v.safeParse(statefulSetSchema, object);
  if (!parsed.success) {
    return undefined;
  }
  const { metadata, spec, status } = parsed.output;
  const isSeen = (status?.observedGeneration ?? 0) >= (metadata.generation ?? 0);
  return {
    name: metadata.name,
    uid: metadata.uid,
    // Kubernetes fills in 1 where none is said (apps/v1).
    replicas: spec.replicas ?? 1,
    updateRevision: (isSeen ? status?.updateRevision : undefined) ?? null,
    templateVersion: versionIn(spec.template?.metadata?.labels),
    tls: tlsModeIn(spec.template?.metadata?.annotations?.[TLS_ANNOTATION]),
    deleting: isDeleting(metadata),
  };
}

const containerStatusSchema = v.object({
  name: v.string(),
  ready: maybe(v.boolean()),
  state: maybe(
    v.object({
      waiting: maybe(v.object({ reason: text, message: text })),
      running: maybe(v.object({})),
    }),
  ),
});
const conditionSchema = v.object({ type: v.string(), status: v.string(), reason: text, message: text });
const podSchema = v.object({
  metadata: metadataSchema,
  spec: maybe(v.object({ nodeName: text })),
  status: maybe(
    v.object({
      phase: text,
      reason: text,
      message: text,
      podIP: text,
      conditions: maybe(v.array(conditionSchema)),
      initContainerStatuses: maybe(v.array(containerStatusSchema)),
      containerStatuses: maybe(v.array(containerStatusSchema)),
    }),
  ),
});

type PodStatus = NonNullable<v.InferOutput<typeof podSchema>['status']>;
type PodCondition = v.InferOutput<typeof conditionSchema>;

/** A Pod of this cluster's set. */
export function readPod(object: unknown, parts: ClusterParts): PodFacts | undefined {
  const parsed = v.safeParse(podSchema, object);
  if (!parsed.success) {
    return undefined;
  }
  const { metadata, spec, status } = parsed.output;
  const ordinal = ordinalOfPodName(parts.cluster, metadata.name);
  if (ordinal === undefined) {
    return undefined;
  }
  const etcd = status?.containerStatuses?.find(({ name }) => name === parts.etcdContainer);
  const { deletionTimestamp } = metadata;
  return {
    name: metadata.name,
    ordinal,
    uid: metadata.uid,
    createdAtMs: Date.parse(metadata.creationTimestamp ?? ''),
    deleting: isDeleting(metadata),
    // Kubernetes adds the grace period to the time of the request.
    ...(deletionTimestamp == null ? {} : { endsByMs: Date.parse(deletionTimestamp) }),
    ready: etcd?.ready === true && !isNodeLost(status?.conditions ?? []),
    etcdRuns: etcd?.state?.running != null,
    revision: metadata.labels?.[REVISION_LABEL],
    version: versionIn(metadata.labels),
    tls: tlsModeIn(metadata.annotations?.[TLS_ANNOTATION]),
    nodeName: spec?.nodeName ?? undefined,
    podIP: status?.podIP ?? undefined,
    trouble: status == null ? undefined : troubleIn(status),
  };
}

/**
 * A kubelet that is lost leaves its containers as they were. What the node controller then writes is a Pod that
 * is not ready while all its containers are; no kubelet says that of a Pod without readiness gates.
 */
function isNodeLost(conditions: readonly PodCondition[]): boolean {
  const statusOf = (type: string): string | undefined =>
    conditions.find((condition) => condition.type === type)?.status;
  return statusOf('Ready') !== 'True' && statusOf('ContainersReady') === 'True';
}

function troubleIn(status: PodStatus): PodTrouble | undefined {
  if (status.phase === 'Failed') {
    return { reason: status.reason ?? 'PodFailed', message: status.message ?? 'The Pod has failed.' };
  }
  const scheduled = status.conditions?.find(({ type }) => type === 'PodScheduled');
  if (scheduled?.status === 'False' && scheduled.reason === 'Unschedulable') {
    return { reason: scheduled.reason, message: scheduled.message ?? 'No node takes the Pod.' };
  }
  const containers = [...(status.initContainerStatuses ?? []), ...(status.containerStatuses ?? [])];
  for (const { name, state } of containers) {
    const { reason, message } = state?.waiting ?? {};
    if (reason != null && STUCK_REASONS.has(reason)) {
      return { reason, message: `container ${name}: ${message ?? reason}` };
    }
  }
  return undefined;
}

const quantities = maybe(v.object({ storage: maybe(v.union([v.string(), v.number()])) }));
const claimSchema = v.object({
  metadata: metadataSchema,
  spec: maybe(v.object({ resources: maybe(v.object({ requests: quantities })) })),
  status: maybe(v.object({ capacity: quantities })),
});

/** A claim of this cluster's set. */
export function readClaim(object: unknown, parts: ClusterParts): ObservedClaim | undefined {
  const parsed = v.safeParse(claimSchema, object);
  if (!parsed.success) {
    return undefined;
  }
  const { metadata, spec, status } = parsed.output;
  const ordinal = ordinalOfPodName(parts.claims, metadata.name);
  return ordinal === undefined
    ? undefined
    : {
        name: metadata.name,
        ordinal,
        uid: metadata.uid,
        deleting: isDeleting(metadata),
        requestedBytes: bytesIn(spec?.resources?.requests),
        capacityBytes: bytesIn(status?.capacity),
      };
}

const recordSchema = v.object({
  metadata: v.object({ resourceVersion: v.string() }),
  data: maybe(v.object({ record: text })),
});

/** The formation record in its ConfigMap; undefined: there is no ConfigMap. */
export function readRecord(object: unknown): ObservedRecord {
  if (object === undefined) {
    return { kind: 'absent' };
  }
  const parsed = v.safeParse(recordSchema, object);
  if (!parsed.success) {
    return { kind: 'unreadable', why: 'it is no ConfigMap' };
  }
  const written = parsed.output.data?.record;
  if (written == null) {
    return { kind: 'unreadable', why: 'its key "record" is missing' };
  }
  const record = parseFormationRecord(written);
  return 'invalid' in record
    ? { kind: 'unreadable', why: record.invalid }
    : { kind: 'present', record, resourceVersion: parsed.output.metadata.resourceVersion };
}

function isDeleting({ deletionTimestamp }: v.InferOutput<typeof metadataSchema>): boolean {
  return deletionTimestamp != null;
}

function versionIn(labels: Readonly<Record<string, string>> | null | undefined): EtcdVersion | undefined {
  return parseEtcdVersion(labels?.[VERSION_LABEL] ?? '');
}

function bytesIn(amounts: v.InferOutput<typeof quantities>): number | undefined {
  return amounts?.storage == null ? undefined : numberOf(amounts.storage);
}
