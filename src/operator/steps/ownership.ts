import type { LiveObject } from '../../kube/kube-object.ts';
import { CLUSTER_LABEL, MANAGED_BY } from '../../resources/labels.ts';
import type { StepEnd } from './step.ts';

/** Whether an object that exists was made for the cluster of this name, by this operator or one before it. */
export function isOurs(
  { metadata: { labels = {} } }: Pick<LiveObject, 'metadata'>,
  cluster: string,
): boolean {
  return labels[CLUSTER_LABEL] === cluster && labels['app.kubernetes.io/managed-by'] === MANAGED_BY;
}

/** `what`: kind and name of an object that is somebody else's. */
export function nameTaken(what: string): StepEnd {
  const message = `${what} exists and was not made for this cluster, so it is not touched. Remove it, or give the cluster another name.`;
  return { kind: 'failed', why: message, hindrance: { reason: 'NameTaken', message } };
}
