/** Objects and statuses as the StatefulSet controller, the kubelet and the volume controllers write them. */
import { CLUSTER_LABEL } from '../../src/resources/labels.ts';
import { claimNameOf, podNameOf } from '../../src/resources/names.ts';
import type { PlayedObject } from './played-api.ts';
import type { Image, SeenPod, SeenSet } from './played-views.ts';

/** A Pod that was bound to a node ends in order; one that was not is gone as soon as it is deleted. */
const NODE = 'played-node';

/** The Pod of `ordinal`, made of the template as it is now. */
export function playedPod({ metadata: owner, spec, revision }: SeenSet, ordinal: number): PlayedObject {
  const name = podNameOf(owner.name, ordinal);
  const { template, volumeClaimTemplates } = spec;
  const { volumes = [], ...podSpec } = template.spec as { volumes?: readonly object[] };
  const claims = volumeClaimTemplates.map(({ metadata }) => ({
    name: metadata.name,
    persistentVolumeClaim: { claimName: claimNameOf(owner.name, ordinal) },
  }));
  return {
    metadata: {
      ...template.metadata,
      name,
      namespace: owner.namespace,
      labels: {
        ...template.metadata.labels,
        'controller-revision-hash': revision,
        'statefulset.kubernetes.io/pod-name': name,
        'apps.kubernetes.io/pod-index': String(ordinal),
      },
      ownerReferences: [
        {
          apiVersion: 'apps/v1',
          kind: 'StatefulSet',
          name: owner.name,
          uid: owner.uid,
          controller: true,
          blockOwnerDeletion: true,
        },
      ],
    },
    spec: {
      ...podSpec,
      hostname: name,
      subdomain: spec['serviceName'],
      nodeName: NODE,
      volumes: [...volumes, ...claims],
    },
  } as PlayedObject;
}

/** The claim of `ordinal`; undefined where the set has no templates of claims. */
export function playedClaim({ metadata: owner, spec }: SeenSet, ordinal: number): PlayedObject | undefined {
  const [template] = spec.volumeClaimTemplates;
  if (template === undefined) {
    return undefined;
  }
  const labels = { [CLUSTER_LABEL]: owner.name, ...(template.metadata['labels'] as object) };
  const name = claimNameOf(owner.name, ordinal);
  return { metadata: { name, namespace: owner.namespace, labels }, spec: template.spec } as PlayedObject;
}

/** What a kubelet says of a Pod whose containers run. */
export function playedPodStatus(
  { containers }: Pick<SeenPod, 'containers'>,
  { address, isReady, imageMissing }: { address: string; isReady: boolean; imageMissing: boolean },
): object {
  const now = new Date().toISOString().replace(/\.\d+Z$/, 'Z');
  const truth = (type: string, holds: boolean): object => ({
    type,
    status: holds ? 'True' : 'False',
    lastTransitionTime: now,
  });
  const running = ({ name, image }: Image, ready: boolean): object => ({
    ...{ name, image, ready, imageID: image, restartCount: 0, started: true },
    state: { running: { startedAt: now } },
  });
  const missing = ({ name, image }: Image): object => ({
    ...{ name, image, ready: false, imageID: '', restartCount: 0, started: false },
    state: { waiting: { reason: 'ImagePullBackOff', message: `Back-off pulling image "${image}"` } },
  });
  return {
    phase: imageMissing ? 'Pending' : 'Running',
    podIP: address,
    podIPs: [{ ip: address }],
    startTime: now,
    conditions: [
      truth('PodScheduled', true),
      truth('Initialized', true),
      truth('ContainersReady', isReady),
      truth('Ready', isReady),
    ],
    initContainerStatuses: containers.init.map((each) => running(each, true)),
    containerStatuses: containers.main.map((each) =>
      imageMissing && each.name === 'etcd' ? missing(each) : running(each, isReady || each.name !== 'etcd'),
    ),
  };
}
