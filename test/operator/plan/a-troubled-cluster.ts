import fc from 'fast-check';
import { type AnObservedCluster, anObservedCluster, version } from '../../support/an-observed-cluster.ts';

/** What can be wrong with one Pod, or all right. */
const STATES: Readonly<Record<string, (cluster: AnObservedCluster, ordinal: number) => AnObservedCluster>> = {
  healthy: (cluster) => cluster,
  silent: (cluster, ordinal) => cluster.silent(ordinal),
  starting: (cluster, ordinal) => cluster.starting(ordinal),
  missing: (cluster, ordinal) => cluster.withoutPod(ordinal),
  deleting: (cluster, ordinal) => cluster.pod(ordinal, { deleting: true }),
  learning: (cluster, ordinal) => cluster.learner(ordinal),
  gated: (cluster, ordinal) => cluster.gated(ordinal, 'QuorumLost'),
  empty: (cluster, ordinal) => cluster.gated(ordinal, 'PeersUnreachable', { hasData: false }),
  unready: (cluster, ordinal) => cluster.pod(ordinal, { ready: false }),
  crashing: (cluster, ordinal) => cluster.stuck(ordinal, 'CrashLoopBackOff'),
  homeless: (cluster, ordinal) =>
    cluster.stuck(ordinal, 'Unschedulable').pod(ordinal, { nodeName: undefined }),
  differing: (cluster, ordinal) => cluster.word(ordinal, { decision: { reason: 'HashMismatch' } }),
};

/** Mostly all right, or there would be nothing to plan. */
const aState = fc.oneof(
  { weight: 5, arbitrary: fc.constant('healthy') },
  { weight: 3, arbitrary: fc.constantFrom(...Object.keys(STATES)) },
);

const aMemberState = fc.record({ state: aState, isOutdated: fc.boolean(), isOld: fc.boolean() });

/** A formed cluster of 1 to 7 in any state, of which any size is wanted. */
export function aTroubledCluster(): fc.Arbitrary<AnObservedCluster> {
  return fc
    .record({
      members: fc.array(aMemberState, { minLength: 1, maxLength: 7 }),
      wanted: fc.constantFrom(0, 1, 3, 5, 7, 9),
      wantedVersion: fc.constantFrom('3.5.35', '3.6.10', '3.6.16', '3.6.17', '3.7.3'),
    })
    .map(({ members, wanted, wantedVersion }) => {
      const whole = anObservedCluster(members.length)
        .set({ updateRevision: 'r2' })
        .wanting({ size: wanted, version: wantedVersion });
      return members.reduce((cluster, { state, isOutdated, isOld }, ordinal) => {
        const made = cluster.pod(ordinal, {
          revision: isOutdated ? 'r1' : 'r2',
          ...(isOld ? { version: version('3.6.15') } : {}),
        });
        return STATES[state]?.(made, ordinal) ?? made;
      }, whole);
    });
}
