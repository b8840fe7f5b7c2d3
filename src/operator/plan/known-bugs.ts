import { type EtcdVersion, formatEtcdVersion } from '../../model/etcd-version.ts';

/** First patches without what is named, by etcd's changelogs; the newest patch of a minor comes last. */
const CURED_IN: readonly { readonly minor: number; readonly patch: number; readonly bug: string }[] = [
  { minor: 5, patch: 26, bug: 'can bring removed members back, and learners that were promoted' },
  { minor: 5, patch: 28, bug: 'can answer reads with old data after its process was paused' },
  { minor: 6, patch: 4, bug: 'can fail to start again after a learner was promoted' },
  { minor: 6, patch: 5, bug: 'can corrupt data that is defragmented while a snapshot is applied' },
  { minor: 6, patch: 9, bug: 'can answer reads with old data after its process was paused' },
];

/** What is wrong with a version that runs all the same, and which one to take; undefined when nothing is known. */
export function knownBugsOf(version: EtcdVersion): string | undefined {
  const bugs = CURED_IN.filter(({ minor, patch }) => minor === version.minor && version.patch < patch);
  const last = bugs.at(-1);
  return last === undefined
    ? undefined
    : `etcd ${formatEtcdVersion(version)} ${bugs.map(({ bug }) => bug).join('; it ')}. Set spec.version to 3.${last.minor}.${last.patch} or newer.`;
}
