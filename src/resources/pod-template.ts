import type { Annotations, Labels, LocalReference, PassThrough } from '../api/kubernetes.ts';
import { agentNextToEtcd, agentSidecar, pipeMaker } from './agent-container.ts';
import type { Blueprint } from './blueprint.ts';
import type { Container } from './container.ts';
import { ETCD_CONTAINER, etcdContainer } from './etcd-container.ts';
import { labelsOf } from './labels.ts';
import { affinityOf, topologySpreadOf } from './placement.ts';
import { gracePeriodSecondsOf } from './pod-lifetime.ts';
import { tlsAnnotationsOf } from './tls.ts';
import { type Volume, volumesOf } from './volumes.ts';

export type PodTemplate = {
  readonly metadata: { readonly labels: Labels; readonly annotations: Annotations };
  readonly spec: PodSpec;
};

/** The part of a Pod's spec (core/v1) that we set. */
export type PodSpec = {
  readonly serviceAccountName: string;
  readonly automountServiceAccountToken: false;
  readonly enableServiceLinks: false;
  readonly terminationGracePeriodSeconds: number;
  readonly securityContext: PassThrough;
  readonly initContainers: readonly Container[];
  readonly containers: readonly Container[];
  readonly volumes: readonly Volume[];
  readonly affinity: PassThrough;
  readonly topologySpreadConstraints: readonly PassThrough[];
  readonly nodeSelector?: Labels;
  readonly tolerations?: readonly PassThrough[];
  readonly priorityClassName?: string;
  readonly imagePullSecrets?: readonly LocalReference[];
};

/** The user of distroless images, `nonroot`. Volumes that are the group's already are not walked through. */
const NON_ROOT_ID = 65_532;
const POD_SECURITY: PassThrough = {
  runAsNonRoot: true,
  runAsUser: NON_ROOT_ID,
  runAsGroup: NON_ROOT_ID,
  fsGroup: NON_ROOT_ID,
  fsGroupChangePolicy: 'OnRootMismatch',
  seccompProfile: { type: 'RuntimeDefault' },
};

/**
 * The template of the members' Pods. It is a function of nothing that scaling edits, or a new size would
 * restart the members it is to be agreed on with.
 */
export function podTemplate(blueprint: Blueprint): PodTemplate {
  const { names, version, ownerUid, spec } = blueprint;
  const { metadata, securityContext } = spec.podTemplate ?? {};
  const cluster = { name: names.cluster, version, isManaged: ownerUid !== undefined };
  return {
    metadata: {
      labels: { ...metadata?.labels, ...labelsOf(cluster, 'database') },
      annotations: {
        'kubectl.kubernetes.io/default-container': ETCD_CONTAINER,
        ...metadata?.annotations,
        ...tlsAnnotationsOf(blueprint),
      },
    },
    spec: {
      serviceAccountName: names.agent,
      automountServiceAccountToken: false,
      enableServiceLinks: false,
      terminationGracePeriodSeconds: gracePeriodSecondsOf(spec),
      securityContext: { ...POD_SECURITY, ...securityContext },
      ...containersOf(blueprint),
      volumes: volumesOf(blueprint),
      ...placementOf(blueprint),
    },
  };
}

function containersOf(blueprint: Blueprint): Pick<PodSpec, 'initContainers' | 'containers'> {
  const etcd = etcdContainer(blueprint);
  switch (blueprint.settings.sidecarMode) {
    case 'native':
      return { initContainers: [agentSidecar(blueprint)], containers: [etcd] };
    case 'ordinary':
      // Containers start in this order; the agent needs longer than etcd until it is up.
      return { initContainers: [pipeMaker(blueprint)], containers: [agentNextToEtcd(blueprint), etcd] };
  }
}

function placementOf({
  names,
  spec: { podTemplate: given = {} },
}: Blueprint): Pick<
  PodSpec,
  | 'affinity'
  | 'topologySpreadConstraints'
  | 'nodeSelector'
  | 'tolerations'
  | 'priorityClassName'
  | 'imagePullSecrets'
> {
  const { nodeSelector, tolerations, priorityClassName, imagePullSecrets } = given;
  return {
    affinity: given.affinity ?? affinityOf(names.cluster),
    topologySpreadConstraints: given.topologySpreadConstraints ?? topologySpreadOf(names.cluster),
    ...(nodeSelector === undefined ? {} : { nodeSelector }),
    ...(tolerations === undefined ? {} : { tolerations }),
    ...(priorityClassName === undefined ? {} : { priorityClassName }),
    ...(imagePullSecrets === undefined ? {} : { imagePullSecrets }),
  };
}
