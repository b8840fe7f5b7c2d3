import { type EtcdVersion, formatEtcdVersion } from '../model/etcd-version.ts';

/** A tag or a digest; the colon of a registry's port has a slash behind it. */
const TAG_OR_DIGEST = /@|:[^/]*$/;

/** Bitnami's etcd, wherever it is mirrored: its tags are bare version numbers. */
const BARE_TAGS = /(^|\/)bitnami[a-z]*\//;

/**
 * The image of etcd `version` in `repository`. etcd's own repositories, and what mirrors them, tag `v3.6.16`;
 * Bitnami's tag `3.6.16`.
 */
export function imageReferenceOf(
  repository: string,
  version: EtcdVersion,
): string | { readonly refused: string } {
  if (TAG_OR_DIGEST.test(repository)) {
    const kind = repository.includes('@') ? 'digest' : 'tag';
    return {
      refused: `spec.repository "${repository}" carries a ${kind}, and spec.version says which image is meant: remove the ${kind}`,
    };
  }
  return `${repository}:${BARE_TAGS.test(repository) ? '' : 'v'}${formatEtcdVersion(version)}`;
}
