import type { Labels, PassThrough } from '../api/kubernetes.ts';
import type { AppliedObject } from './applied-object.ts';
import type { Blueprint } from './blueprint.ts';
import { type ClaimTemplate, claimTemplateOf } from './claim-template.ts';
import { selectorLabelsOf } from './labels.ts';
import { objectMetadata } from './object-metadata.ts';
import { type PodTemplate, podTemplate } from './pod-template.ts';
import { KNOWN_SINCE } from './resource-settings.ts';

type Retention = 'Retain' | 'Delete';

export type StatefulSet = AppliedObject & {
  readonly apiVersion: 'apps/v1';
  readonly kind: 'StatefulSet';
  readonly spec: {
    readonly replicas: number;
    readonly serviceName: string;
    readonly podManagementPolicy: 'Parallel';
    readonly updateStrategy: { readonly type: 'OnDelete' | 'RollingUpdate' };
    readonly selector: { readonly matchLabels: Labels };
    readonly template: PodTemplate;
    readonly volumeClaimTemplates?: readonly (ClaimTemplate | PassThrough)[];
    readonly persistentVolumeClaimRetentionPolicy?: {
      readonly whenDeleted: Retention;
      readonly whenScaled: Retention;
    };
  };
};

/** What is decided about the set anew in each pass. */
export type SetWish = {
  /** How many Pods; not `spec.size` while a step has to wait. */
  readonly replicas: number;
  /**
   * `spec.volumeClaimTemplates` of the set as it exists, to be repeated word for word: they are immutable,
   * and volumes grow by their claims. Undefined for a set that has to be made.
   */
  readonly claimTemplates: readonly PassThrough[] | undefined;
};

/**
 * The set of members. Parallel: members serialise themselves. OnDelete: who rolls them has to know whether
 * the others are healthy, and who leads; without an operator Kubernetes rolls them, one after another.
 */
export function statefulSet(blueprint: Blueprint, wish: SetWish): StatefulSet {
  const { names, ownerUid } = blueprint;
  return {
    apiVersion: 'apps/v1',
    kind: 'StatefulSet',
    metadata: objectMetadata(blueprint, names.cluster),
    spec: {
      replicas: wish.replicas,
      serviceName: names.peerService,
      podManagementPolicy: 'Parallel',
      updateStrategy: { type: ownerUid === undefined ? 'RollingUpdate' : 'OnDelete' },
      selector: { matchLabels: selectorLabelsOf(names.cluster) },
      template: podTemplate(blueprint),
      ...claimsOf(blueprint, wish),
    },
  };
}

/** Hibernation keeps every volume, whatever is to become of those of members that are scaled away. */
function claimsOf(
  blueprint: Blueprint,
  wish: SetWish,
): Pick<StatefulSet['spec'], 'volumeClaimTemplates' | 'persistentVolumeClaimRetentionPolicy'> {
  const template = claimTemplateOf(blueprint);
  if (template === undefined) {
    return {};
  }
  const volumeClaimTemplates = wish.claimTemplates ?? [template];
  if (blueprint.settings.kubernetesMinor < KNOWN_SINCE.claimRetention) {
    return { volumeClaimTemplates };
  }
  const { whenDeleted = 'Retain', whenScaled = 'Retain' } = blueprint.spec.storage?.retentionPolicy ?? {};
  return {
    volumeClaimTemplates,
    persistentVolumeClaimRetentionPolicy: {
      whenDeleted,
      whenScaled: wish.replicas === 0 ? 'Retain' : whenScaled,
    },
  };
}
