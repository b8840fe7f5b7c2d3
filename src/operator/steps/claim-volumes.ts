import { claimTemplateOf } from '../../resources/claim-template.ts';
import { claimNameOf } from '../../resources/names.ts';
import { CLAIM } from '../kinds.ts';
import type { PassContext, PassStep } from './pass-context.ts';
import { CONTINUE } from './step.ts';

/**
 * Makes the claims of Pods that are about to be wanted, so that the scheduler knows them when it hears of the Pods:
 * the StatefulSet's controller makes both at once, and a Pod whose claim is not known yet is tried again a second
 * later (measured with 1.34). Also, they are of the size that is wanted now, which a set's templates never are again.
 *
 * What is refused, such as by a quota, the controller is refused as well, and says so about the set.
 */
export const claimVolumes: PassStep = {
  name: 'claims',
  run: async (context, signal) => {
    const { sight, records, blueprint } = context;
    const template = claimTemplateOf(blueprint);
    if (template === undefined) {
      return CONTINUE;
    }
    const { metadata, ...claim } = template;
    await Promise.all(
      unclaimed(context).map((name) =>
        records.create(
          CLAIM,
          { ...claim, metadata: { ...metadata, name, namespace: sight.namespace } },
          signal,
        ),
      ),
    );
    return CONTINUE;
  },
};

/** Names of claims that are missing, of Pods that nobody else is making yet. */
function unclaimed({ sight: { name, observed }, plan }: PassContext): readonly string[] {
  const { statefulSet, claims } = observed;
  const known = new Set(claims.map((claim) => claim.name));
  const names: string[] = [];
  for (let ordinal = statefulSet?.replicas ?? 0; ordinal < plan.size.replicas; ordinal++) {
    names.push(claimNameOf(name, ordinal));
  }
  return names.filter((claim) => !known.has(claim));
}
