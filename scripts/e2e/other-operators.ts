import * as v from 'valibot';

const leasesSchema = v.object({
  items: v.array(
    v.object({
      metadata: v.object({ name: v.string(), namespace: v.string() }),
      spec: v.optional(
        v.object({
          holderIdentity: v.optional(v.nullable(v.string())),
          renewTime: v.optional(v.nullable(v.string())),
          leaseDurationSeconds: v.optional(v.nullable(v.number())),
        }),
        {},
      ),
    }),
  ),
});

/** What every operator calls its Lease. */
const LEASE = 'quorate-operator';
/** Another machine's clock may be off by a little. */
const CLOCK_SLACK_MS = 5_000;

/**
 * Operators that are at work, by their Leases (`kubectl get leases -A -o json`), as `namespace (holder)`. Two must
 * never serve the same namespace, and one that is installed for all namespaces serves every one.
 */
export function operatorsAtWork(leases: string, nowMs: number): readonly string[] {
  return v.parse(leasesSchema, JSON.parse(leases)).items.flatMap(({ metadata, spec }) => {
    const { holderIdentity, renewTime, leaseDurationSeconds } = spec;
    const freshMs = (leaseDurationSeconds ?? 0) * 1_000 + CLOCK_SLACK_MS;
    const isHeld = holderIdentity != null && holderIdentity !== '' && renewTime != null;
    return metadata.name === LEASE && isHeld && nowMs - Date.parse(renewTime) <= freshMs
      ? [`${metadata.namespace} (${holderIdentity})`]
      : [];
  });
}
