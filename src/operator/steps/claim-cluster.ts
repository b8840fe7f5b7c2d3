/** The finalizer, and what has to be remembered of a cluster for as long as it exists. */
import { type EtcdVersion, maxLearnersOf } from '../../model/etcd-version.ts';
import { ETCD_CLUSTER } from '../kinds.ts';
import type { PassStep } from './pass-context.ts';
import { CONTINUE, failed } from './step.ts';

export const FINALIZER = 'etcd.etcd.io/finalizer';
/** etcd's `max-learners` is fixed for a cluster's life, also where its record has to be written again. */
export const MAX_LEARNERS_ANNOTATION = 'etcd.etcd.io/max-learners';

/** Takes the cluster on before anything of it exists, so that it never goes without being taken down in order. */
export const claimCluster: PassStep = {
  name: 'claim',
  run: async ({ sight, writer, blueprint }, signal) => {
    const { cluster, record } = sight.observed;
    const { apiVersion, kind, metadata } = cluster;
    // Data that was adopted brings its own limit.
    const limit =
      record.kind === 'present'
        ? record.record.maxLearners
        : maxLearnersFor(metadata.annotations, blueprint.version);
    const annotations = { [MAX_LEARNERS_ANNOTATION]: String(limit) };
    const isClaimed =
      metadata.finalizers?.includes(FINALIZER) === true &&
      metadata.annotations?.[MAX_LEARNERS_ANNOTATION] === annotations[MAX_LEARNERS_ANNOTATION];
    if (isClaimed) {
      return CONTINUE;
    }
    // With the uid an apply never makes anew what was deleted meanwhile.
    const { name, namespace, uid } = sight;
    const claim = { name, namespace, uid, finalizers: [FINALIZER], annotations };
    const outcome = await writer.apply(ETCD_CLUSTER, { apiVersion, kind, metadata: claim }, signal);
    return outcome.kind === 'done' ? CONTINUE : failed('the finalizer', outcome);
  },
};

/** The limit that was noted when the cluster was taken on; else what its first version calls for. */
export function maxLearnersFor(
  annotations: Readonly<Record<string, string>> | undefined,
  version: EtcdVersion,
): number {
  const noted = Number(annotations?.[MAX_LEARNERS_ANNOTATION]);
  return Number.isInteger(noted) && noted >= 1 ? noted : maxLearnersOf(version);
}
