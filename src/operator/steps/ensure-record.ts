/**
 * The formation record is created once, by whoever creates the cluster, and is the agents' from then on. It
 * says `Unformed` only where nothing was ever formed: not where the status knows a cluster ID, nor where
 * volumes of this name are older than the cluster.
 */
import type { FormationRecord } from '../../model/formation-record.ts';
import { etcdIdOfHex } from '../../model/member.ts';
import { formationConfigMap } from '../../resources/config-map.ts';
import { isOfAnother, isOurs, ownerUidOf } from '../is-ours.ts';
import { CONFIG_MAP } from '../kinds.ts';
import { maxLearnersFor } from './claim-cluster.ts';
import { nameTaken } from './name-taken.ts';
import { findOldVolumes } from './old-volumes.ts';
import type { PassContext, PassStep } from './pass-context.ts';
import { CONTINUE, failed, type StepEnd } from './step.ts';

/** A record that vanished is a human's doing, or a backup's that was put back; either takes a while to mend. */
const RECORD_LOST_MS = 60_000;
/** The garbage collector takes seconds, and whatever it removes brings the next pass. */
const RECORD_OF_ANOTHER_MS = 10_000;

export const ensureRecord: PassStep = {
  name: 'formation-record',
  run: async (context, signal) => {
    const { sight, records, blueprint } = context;
    if (sight.observed.record.kind !== 'absent') {
      return CONTINUE;
    }
    const old = await findOldVolumes(context, signal);
    if ('kind' in old) {
      return old;
    }
    const record = recordToCreate(context, old.names);
    if (record === undefined) {
      const why =
        'the formation record is gone and no cluster ID is known: whether this cluster was formed is unknown, so nothing starts until a human writes it again';
      return { kind: 'wait', why, afterMs: RECORD_LOST_MS };
    }
    const object = formationConfigMap(blueprint, record);
    const outcome = await records.create(CONFIG_MAP, { ...object }, signal);
    const isThere = outcome.kind === 'conflict' && outcome.reason === 'AlreadyExists';
    if (isThere) {
      return whoseRecord(context, object.metadata.name, signal);
    }
    return outcome.kind === 'done' ? CONTINUE : failed('the formation record', outcome);
  },
};

/** The views may just be late; or the cluster before this one left it behind; or somebody else's ConfigMap has the name. */
async function whoseRecord(
  { sight, reader }: PassContext,
  name: string,
  signal: AbortSignal,
): Promise<StepEnd> {
  const found = await reader.read(CONFIG_MAP, { namespace: sight.namespace, name }, signal);
  if (found.kind !== 'done') {
    return failed('the formation record', found);
  }
  if (!isOurs(found.value, sight.name)) {
    return nameTaken(`ConfigMap ${name}`);
  }
  return isOfAnother(ownerUidOf(found.value), sight.uid)
    ? {
        kind: 'wait',
        why: `ConfigMap ${name} is of the cluster that had this name before, and is not gone yet`,
        afterMs: RECORD_OF_ANOTHER_MS,
      }
    : CONTINUE;
}

/** Undefined where it cannot be known what to say. */
export function recordToCreate(
  { sight, blueprint }: Pick<PassContext, 'sight' | 'blueprint'>,
  oldVolumes: readonly string[],
): FormationRecord | undefined {
  const { cluster, statefulSet } = sight.observed;
  const base = {
    clusterUid: sight.uid,
    generation: cluster.status?.generation ?? 1,
    maxLearners: maxLearnersFor(cluster.metadata.annotations, blueprint.version),
  };
  const clusterId = etcdIdOfHex(cluster.status?.clusterID ?? '');
  if (clusterId !== undefined) {
    return { ...base, phase: 'Formed', clusterId };
  }
  if (oldVolumes.length > 0) {
    const message = `The volumes ${oldVolumes.join(', ')} are older than this cluster and may hold the data of another one.`;
    return { ...base, phase: 'Blocked', reason: 'ForeignData', message };
  }
  return statefulSet === undefined ? { ...base, phase: 'Unformed' } : undefined;
}
