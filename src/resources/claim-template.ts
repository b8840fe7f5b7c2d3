import type { Annotations, Labels } from '../api/kubernetes.ts';
import { storageClassOf, volumeSizeOf } from '../api/storage-rules.ts';
import type { VolumeClaimSpec } from '../api/storage-spec.ts';
import type { Blueprint } from './blueprint.ts';
import { selectorLabelsOf } from './labels.ts';
import { DATA_VOLUME } from './names.ts';
import { quantityTexts } from './quantity-texts.ts';

/** What a member's PersistentVolumeClaim is made from. */
export type ClaimTemplate = {
  readonly apiVersion: 'v1';
  readonly kind: 'PersistentVolumeClaim';
  readonly metadata: {
    readonly name: string;
    readonly labels: Labels;
    readonly annotations?: Annotations;
  };
  readonly spec: Omit<VolumeClaimSpec, 'resources'> & {
    readonly resources: {
      readonly requests: Readonly<Record<string, string>>;
      readonly limits?: Readonly<Record<string, string>>;
    };
  };
};

/**
 * The claim of each member; undefined for Ephemeral. A StatefulSet's claim templates can never change, so it
 * carries no label that a later release, or another version of etcd, would have otherwise.
 */
export function claimTemplateOf({ names, spec: { storage } }: Blueprint): ClaimTemplate | undefined {
  if (storage?.medium === 'Ephemeral') {
    return undefined;
  }
  const { metadata, spec } = storage?.volumeClaimTemplate ?? {};
  const { resources, storageClassName: _, ...others } = spec ?? {};
  const storageClassName = storageClassOf(storage);
  return {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: {
      name: DATA_VOLUME,
      labels: { ...metadata?.labels, ...selectorLabelsOf(names.cluster) },
      ...(metadata?.annotations === undefined ? {} : { annotations: metadata.annotations }),
    },
    spec: {
      accessModes: ['ReadWriteOnce'],
      volumeMode: 'Filesystem',
      ...others,
      ...(storageClassName === undefined ? {} : { storageClassName }),
      resources: {
        ...(resources?.limits === undefined ? {} : { limits: quantityTexts(resources.limits) }),
        requests: quantityTexts({ ...resources?.requests, storage: volumeSizeOf(storage) }),
      },
    },
  };
}
