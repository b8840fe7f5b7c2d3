/** An etcd release, such as 3.6.16. */
export type EtcdVersion = { readonly major: 3; readonly minor: number; readonly patch: number };

/** The minors this release runs. Their configuration keys differ; see `etcd/render-config.ts`. */
export const SUPPORTED_MINORS = [5, 6, 7] as const;

/** Used where nobody says otherwise: the newest patch of 3.6 known at release. */
export const DEFAULT_ETCD_VERSION = '3.6.16';

/** One tested patch of every supported minor, oldest first. */
export const TESTED_ETCD_VERSIONS = ['3.5.35', '3.6.16', '3.7.3'] as const;

/** Parses `3.6.16` or `v3.6.16`; undefined for anything else. */
export function parseEtcdVersion(text: string): EtcdVersion | undefined {
  const match = /^v?3\.([0-9]{1,3})\.([0-9]{1,3})$/.exec(text);
  return match === null ? undefined : { major: 3, minor: Number(match[1]), patch: Number(match[2]) };
}

/** Without a leading `v`. */
export function formatEtcdVersion(version: EtcdVersion): string {
  return `${version.major}.${version.minor}.${version.patch}`;
}

/** Whether this release of quorate knows how to run `version`. */
export function isSupported(version: EtcdVersion): boolean {
  return SUPPORTED_MINORS.some((minor) => minor === version.minor);
}

/**
 * How many learners a cluster formed by `version` may hold at once. It is fixed for the cluster's life:
 * unequal values on members corrupt their lists (know: measured on 3.6.16 and 3.7.3). `--max-learners`
 * is a plain flag since 3.6; before, one learner at a time.
 */
export function maxLearnersOf(version: EtcdVersion): number {
  return version.minor >= 6 ? MAX_LEARNERS_SINCE_3_6 : 1;
}

const MAX_LEARNERS_SINCE_3_6 = 8;
