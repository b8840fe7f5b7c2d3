import * as v from 'valibot';
import type { KubeObject, LiveObject } from '../../kube/kube-object.ts';
import type { ResourceType } from '../../kube/resource-type.ts';

/** coordination.k8s.io/v1 Lease, as leader election uses it (client-go 0.35: resourcelock/leaselock.go). */
export const LEASE: ResourceType = { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', plural: 'leases' };

/** Who leads, by a Lease's own words; its times are for people, no rule compares them with a clock. */
export type LeaseRecord = {
  /** Empty when released. */
  readonly holder: string;
  /** How long others wait after the last change they saw. */
  readonly durationSeconds: number;
  readonly acquireTime: string;
  readonly renewTime: string;
  readonly transitions: number;
};

/** What a Lease says; undefined if it says nothing of the kind. */
export function readLease(lease: LiveObject): LeaseRecord | undefined {
  const parsed = v.safeParse(specSchema, lease['spec'] ?? {});
  if (!parsed.success) {
    return undefined;
  }
  const spec = parsed.output;
  return {
    holder: spec.holderIdentity ?? '',
    durationSeconds: spec.leaseDurationSeconds ?? 0,
    acquireTime: spec.acquireTime ?? '',
    renewTime: spec.renewTime ?? '',
    transitions: spec.leaseTransitions ?? 0,
  };
}

/** The Lease that says this; what else `previous` says stays, and so does its version as a precondition. */
export function writeLease(
  name: { readonly namespace: string; readonly name: string },
  record: LeaseRecord,
  previous: LiveObject | undefined,
): KubeObject {
  const known = v.parse(looseSchema, previous?.['spec'] ?? {});
  return {
    ...previous,
    metadata: previous?.metadata ?? name,
    spec: {
      ...known,
      holderIdentity: record.holder,
      leaseDurationSeconds: record.durationSeconds,
      acquireTime: record.acquireTime,
      renewTime: record.renewTime,
      leaseTransitions: record.transitions,
    },
  };
}

/** The API server reads MicroTime with exactly six digits after the point (meta/v1 RFC3339Micro). */
export function microTime(timestamp: string): string {
  return timestamp.replace(/\.(\d{3})Z$/, '.$1000Z');
}

const looseSchema = v.looseObject({});
const specSchema = v.object({
  holderIdentity: v.nullish(v.string()),
  leaseDurationSeconds: v.nullish(v.number()),
  acquireTime: v.nullish(v.string()),
  renewTime: v.nullish(v.string()),
  leaseTransitions: v.nullish(v.number()),
});
