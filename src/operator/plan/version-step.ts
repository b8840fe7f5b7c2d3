import {
  type EtcdVersion,
  formatEtcdVersion,
  isSupported,
  SUPPORTED_MINORS,
} from '../../model/etcd-version.ts';

/** Whether a live cluster may be taken from one version to another, and if not, what to do instead. */
export type VersionStep =
  | { readonly kind: 'none' }
  | { readonly kind: 'allowed' }
  | { readonly kind: 'blocked'; readonly message: string };

/**
 * The first patch of a minor from which the next minor may follow. Older patches of 3.5 leave membership
 * in the v2 store that 3.6 no longer reads, and can bring removed members back as voters (etcd's upgrade
 * guide for 3.6: 3.5.26); the same guide for 3.7 asks for 3.6.11.
 */
const LEAST_PATCH_BEFORE_NEXT_MINOR: ReadonlyMap<number, number> = new Map([
  [5, 26],
  [6, 11],
]);

/** Judges the step from the oldest version that any member runs to the one that is wanted. */
export function versionStep(running: EtcdVersion, wanted: EtcdVersion): VersionStep {
  if (running.minor === wanted.minor) {
    return running.patch === wanted.patch ? { kind: 'none' } : { kind: 'allowed' };
  }
  const from = formatEtcdVersion(running);
  const to = formatEtcdVersion(wanted);
  if (!isSupported(wanted)) {
    const minors = SUPPORTED_MINORS.map((minor) => `3.${minor}`).join(', ');
    return blocked(`${to} is none of the supported versions (${minors}); set spec.version to one of them.`);
  }
  if (wanted.minor < running.minor) {
    return blocked(
      `etcd does not go back from ${from} to ${to}: the data is already of the newer minor. Set spec.version to ${from} or newer; to go back, restore a backup into a new cluster.`,
    );
  }
  if (wanted.minor > running.minor + 1) {
    return blocked(
      `etcd upgrades one minor at a time and ${to} is more than one above ${from}; set spec.version to a 3.${running.minor + 1} first.`,
    );
  }
  const least = LEAST_PATCH_BEFORE_NEXT_MINOR.get(running.minor) ?? 0;
  return running.patch < least
    ? blocked(
        `The step to ${to} is safe only from 3.${running.minor}.${least} on, and a member runs ${from}; set spec.version to 3.${running.minor}.${least} or newer first.`,
      )
    : { kind: 'allowed' };
}

function blocked(message: string): VersionStep {
  return { kind: 'blocked', message };
}
