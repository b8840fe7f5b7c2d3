/** Rules about the names of objects: the names made of them have to be names, too. */
import { given, matches } from './cel.ts';
import type { Rule } from './rule.ts';

/**
 * The StatefulSet controller labels Pods with `NAME-` and a hash of ten characters, and a label's value has
 * at most 63 (Kubernetes 1.34, `controller-revision-hash`); Jobs and CronJobs have the same bound.
 */
const NAME_CHARS_MAX = 52;

/** Services are named after the cluster, and theirs begin with a letter and have no dots (RFC 1035). */
const SERVICE_NAME = /^[a-z]([-a-z0-9]*[a-z0-9])?$/;

/** The bound on the name of any of our objects. */
export function nameIsShort<Spec>(kind: string): Rule<Spec> {
  return {
    name: 'name-is-short',
    field: 'metadata.name',
    cel: `self.metadata.name.size() <= ${NAME_CHARS_MAX}`,
    isKept: ({ metadata }) => metadata.name.length <= NAME_CHARS_MAX,
    message: `the name of an ${kind} has at most ${NAME_CHARS_MAX} characters, since Kubernetes appends to it in labels: choose a shorter one`,
  };
}

/** The form of a cluster's name. */
export function nameOfServices<Spec>(): Rule<Spec> {
  return {
    name: 'name-of-services',
    field: 'metadata.name',
    cel: matches('self.metadata.name', SERVICE_NAME),
    isKept: ({ metadata }) => SERVICE_NAME.test(metadata.name),
    message:
      'the name of an EtcdCluster begins with a letter and has only lower-case letters, digits and hyphens, since Services are named after it: choose such a name',
  };
}

/** A namespace that is accepted as long as it says nothing new; a schema's CEL does not see an object's own. */
export function sameNamespace<Spec>(
  field: string,
  namespaceIn: (spec: Spec) => string | undefined,
): Rule<Spec> {
  const [next, before] = [`object.spec.${field}`, `oldObject.spec.${field}`];
  const isUnchanged = `(oldObject != null && ${given(before)} && ${next} == ${before})`;
  return {
    name: 'same-namespace',
    field: `spec.${field}`,
    cel: undefined,
    policyCel: `!(${given(next)}) || ${next} == request.namespace || ${isUnchanged}`,
    isKept: ({ metadata, spec }) => (namespaceIn(spec) ?? metadata.namespace) === metadata.namespace,
    message: `${field} must be the namespace of this object: references never leave a namespace; remove it, or create this object there`,
  };
}
