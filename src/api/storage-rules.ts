/** Rules about where members keep their data. */
import { isDeepStrictEqual } from 'node:util';
import { given, ifGiven, unchanged } from './cel.ts';
import type { EtcdClusterSpec } from './etcd-cluster.ts';
import type { Quantity } from './kubernetes.ts';
import { celDouble, celNumberOf, numberOf } from './quantity.ts';
import type { Rule, Transition } from './rule.ts';
import type { StorageSpec } from './storage-spec.ts';

/** Size of a volume where nobody says otherwise. */
export const VOLUME_SIZE_DEFAULT = '10Gi';

/** etcd writes two segments of 64 MiB of its log before the first entry, and needs room for a database. */
const VOLUME_SIZE_MIN = '256Mi';

/** What of a claim is fixed once the volume exists. */
const FIXED_CLAIM_FIELDS = ['accessModes', 'selector', 'volumeMode', 'volumeAttributesClassName'] as const;

const TEMPLATE_SIZE = 'storage.volumeClaimTemplate.spec.resources.requests';

/** The size asked for of each member's volume. */
export function volumeSizeOf(storage: StorageSpec | undefined): Quantity {
  const requested = storage?.volumeClaimTemplate?.spec.resources?.requests?.['storage'];
  return storage?.size ?? requested ?? VOLUME_SIZE_DEFAULT;
}

/** The StorageClass asked for; undefined for the default one. */
export function storageClassOf(storage: StorageSpec | undefined): string | undefined {
  return storage?.storageClassName ?? storage?.volumeClaimTemplate?.spec.storageClassName;
}

/** `volumeSizeOf` in CEL, in bytes; `root` is the path of a spec. */
export function celVolumeSize(root: string): string {
  const [size, requests] = [`${root}.storage.size`, `${root}.${TEMPLATE_SIZE}`];
  const requested = `${given(requests)} && 'storage' in ${requests}`;
  const otherwise = `(${requested} ? ${celNumberOf(`${requests}['storage']`)} : ${celDouble(bytesOf(VOLUME_SIZE_DEFAULT))})`;
  return ifGiven(size, celNumberOf(size), otherwise);
}

/** `storageClassOf` in CEL, as a list of none or one. */
function celStorageClass(root: 'self' | 'oldSelf'): string {
  const [own, template] = [
    `${root}.storage.storageClassName`,
    `${root}.storage.volumeClaimTemplate.spec.storageClassName`,
  ];
  return ifGiven(own, `[${own}]`, ifGiven(template, `[${template}]`, '[]'));
}

export const STORAGE_RULES: readonly Rule<EtcdClusterSpec>[] = [
  {
    name: 'volume-holds-etcd',
    field: 'spec',
    cel: `${celVolumeSize('self')} >= ${celDouble(bytesOf(VOLUME_SIZE_MIN))}`,
    isKept: ({ spec }) => bytesOf(volumeSizeOf(spec.storage)) >= bytesOf(VOLUME_SIZE_MIN),
    message: `storage.size must be at least ${VOLUME_SIZE_MIN}: etcd writes 128Mi of empty log before its first entry`,
  },
  {
    name: 'quota-fits-volume',
    field: 'spec',
    cel: `${ifGiven('self.etcd.quotaBackendBytes', `${celNumberOf('self.etcd.quotaBackendBytes')} < ${celVolumeSize('self')}`, 'true')}`,
    isKept: ({ spec }) =>
      spec.etcd?.quotaBackendBytes === undefined ||
      bytesOf(spec.etcd.quotaBackendBytes) < bytesOf(volumeSizeOf(spec.storage)),
    message:
      'etcd.quotaBackendBytes must be smaller than storage.size (10Gi when absent): a full volume stops etcd for good, a reached quota only refuses writes; enlarge the volume or lower the quota',
  },
  {
    name: 'ephemeral-has-no-claims',
    field: 'spec.storage',
    cel: "!has(self.medium) || self.medium != 'Ephemeral' || !(has(self.storageClassName) || has(self.volumeClaimTemplate) || has(self.retentionPolicy))",
    isKept: ({ spec: { storage } }) =>
      storage?.medium !== 'Ephemeral' ||
      (storage.storageClassName === undefined &&
        storage.volumeClaimTemplate === undefined &&
        storage.retentionPolicy === undefined),
    message:
      'storage.medium Ephemeral has no claims: remove storageClassName, volumeClaimTemplate and retentionPolicy, or use Persistent',
  },
  {
    name: 'ephemeral-never-hibernates',
    field: 'spec',
    cel: "!(has(self.size) && self.size == 0 && has(self.storage) && has(self.storage.medium) && self.storage.medium == 'Ephemeral')",
    isKept: ({ spec: { size, storage } }) => size !== 0 || storage?.medium !== 'Ephemeral',
    message:
      'size 0 would lose all data with storage.medium Ephemeral, which lives as long as the Pods: keep at least 1 member, or delete the cluster',
  },
];

export const STORAGE_TRANSITIONS: readonly Transition<EtcdClusterSpec>[] = [
  {
    name: 'volumes-only-grow',
    field: 'spec',
    cel: `${celVolumeSize('self')} >= ${celVolumeSize('oldSelf')}`,
    isKept: (next, before) =>
      bytesOf(volumeSizeOf(next.spec.storage)) >= bytesOf(volumeSizeOf(before.spec.storage)),
    message:
      'storage.size can only grow, since volumes cannot shrink (10Gi is assumed when absent): keep the size, or restore a backup into a new cluster with smaller volumes',
  },
  {
    name: 'medium-stays',
    field: 'spec',
    cel: `${ifGiven('self.storage.medium', 'self.storage.medium', "'Persistent'")} == ${ifGiven('oldSelf.storage.medium', 'oldSelf.storage.medium', "'Persistent'")}`,
    isKept: (next, before) =>
      (next.spec.storage?.medium ?? 'Persistent') === (before.spec.storage?.medium ?? 'Persistent'),
    message:
      'storage.medium cannot change on a living cluster: restore a backup into a new cluster that has the other medium',
  },
  {
    name: 'storage-class-stays',
    field: 'spec',
    cel: `${celStorageClass('self')} == ${celStorageClass('oldSelf')}`,
    isKept: (next, before) => storageClassOf(next.spec.storage) === storageClassOf(before.spec.storage),
    message:
      'storage.storageClassName cannot change, since existing volumes keep their class: restore a backup into a new cluster that names the other class',
  },
  {
    name: 'claim-template-stays',
    field: 'spec',
    cel: FIXED_CLAIM_FIELDS.map((name) => unchanged(`storage.volumeClaimTemplate.spec.${name}`)).join(' && '),
    isKept: (next, before) =>
      FIXED_CLAIM_FIELDS.every((name) =>
        isDeepStrictEqual(
          next.spec.storage?.volumeClaimTemplate?.spec[name],
          before.spec.storage?.volumeClaimTemplate?.spec[name],
        ),
      ),
    message:
      'storage.volumeClaimTemplate.spec cannot change but for its size: restore a backup into a new cluster whose volumes are as you want them',
  },
];

/** The schema admits nothing that is no quantity; such a value, met all the same, keeps no rule. */
function bytesOf(quantity: Quantity): number {
  return numberOf(quantity) ?? Number.NaN;
}
