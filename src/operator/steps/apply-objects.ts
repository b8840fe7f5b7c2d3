import type { ObjectReader } from '../../kube/object-api.ts';
import { failureText } from '../../kube/outcome.ts';
import type { AppliedObject } from '../../resources/applied-object.ts';
import { clusterObjects, surplusObjects } from '../../resources/cluster-objects.ts';
import { isOurs } from '../is-ours.ts';
import { appliedKindOf } from '../kinds.ts';
import { nameTaken } from './name-taken.ts';
import type { PassContext, PassStep } from './pass-context.ts';
import { CONTINUE, failed, type StepEnd } from './step.ts';

/** Makes every object of the cluster as it should be; the StatefulSet last, with the size that was planned. */
export const applyObjects: PassStep = {
  name: 'objects',
  run: async (context, signal) => {
    const { sight, plan, blueprint } = context;
    const wish = { replicas: plan.size.replicas, claimTemplates: sight.claimTemplates };
    const objects = clusterObjects(blueprint, wish);
    const needed = objects.slice(0, -1);
    const ends = await Promise.all(needed.map((object) => applyOne(context, object, signal)));
    const stopped = ends.find((end) => end.kind !== 'continue');
    const set = objects.at(-1);
    return stopped ?? (set === undefined ? CONTINUE : await applyOne(context, set, signal));
  },
};

/** What the views do not show may be new, or somebody else's: an apply would take it over without a word. */
async function applyOne(context: PassContext, object: AppliedObject, signal: AbortSignal): Promise<StepEnd> {
  const { sight, applied, reader } = context;
  const live = sight.markOf(object);
  const taken = live === undefined ? await whoseName(reader, sight.name, object, signal) : undefined;
  if (taken !== undefined) {
    return taken;
  }
  const outcome = await applied.apply(sight.key, object, live, signal);
  return outcome.kind === 'done' ? CONTINUE : failed(titleOf(object), outcome);
}

/** Undefined: the name is free, or the object is ours. */
async function whoseName(
  reader: Pick<ObjectReader, 'read'>,
  cluster: string,
  object: AppliedObject,
  signal: AbortSignal,
): Promise<StepEnd | undefined> {
  const { namespace, name } = object.metadata;
  const found = await reader.read(appliedKindOf(object), { namespace, name }, signal);
  switch (found.kind) {
    case 'not-found':
      return undefined;
    case 'done':
      return isOurs(found.value, cluster) ? undefined : nameTaken(titleOf(object));
    default:
      return failed(titleOf(object), found);
  }
}

function titleOf({ kind, metadata }: AppliedObject): string {
  return `${kind} ${metadata.name}`;
}

/** Removes what an earlier spec called for and this one does not. */
export const removeSurplus: PassStep = {
  name: 'surplus',
  run: async ({ sight, blueprint, writer }, signal) => {
    for (const object of surplusObjects(blueprint)) {
      const live = sight.markOf(object);
      if (live !== undefined) {
        const { name } = object.metadata;
        const place = { namespace: sight.namespace, name };
        const outcome = await writer.remove(appliedKindOf(object), place, { uid: live.uid }, signal);
        if (outcome.kind !== 'done' && outcome.kind !== 'not-found' && outcome.kind !== 'conflict') {
          return { kind: 'failed', why: `${titleOf(object)}: ${failureText(outcome)}` };
        }
      }
    }
    return CONTINUE;
  },
};
