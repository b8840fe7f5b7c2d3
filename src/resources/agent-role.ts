/** What agents may do in Kubernetes: three reads and one write, all by name. */
import type { AppliedObject } from './applied-object.ts';
import type { Blueprint } from './blueprint.ts';
import { everyPodNameOf } from './names.ts';
import { objectMetadata } from './object-metadata.ts';

export type PolicyRule = {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly resourceNames: readonly string[];
  readonly verbs: readonly string[];
};

export type Role = AppliedObject & {
  readonly apiVersion: 'rbac.authorization.k8s.io/v1';
  readonly kind: 'Role';
  readonly rules: readonly PolicyRule[];
};

export type RoleBinding = AppliedObject & {
  readonly apiVersion: 'rbac.authorization.k8s.io/v1';
  readonly kind: 'RoleBinding';
  readonly roleRef: { readonly apiGroup: string; readonly kind: 'Role'; readonly name: string };
  readonly subjects: readonly { readonly kind: 'ServiceAccount'; readonly name: string }[];
};

/** It names every Pod there can ever be, so that scaling changes no permission. */
export function agentRole(blueprint: Blueprint): Role {
  const { names } = blueprint;
  return {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'Role',
    metadata: objectMetadata(blueprint, names.agent),
    rules: [
      { apiGroups: ['apps'], resources: ['statefulsets'], resourceNames: [names.cluster], verbs: ['get'] },
      {
        apiGroups: [''],
        resources: ['configmaps'],
        resourceNames: [names.formation],
        verbs: ['get', 'update'],
      },
      {
        apiGroups: [''],
        resources: ['pods'],
        resourceNames: everyPodNameOf(names.cluster),
        verbs: ['get'],
      },
    ],
  };
}

/** Gives the role to the agents. A subject without a namespace is one of the binding's own. */
export function agentRoleBinding(blueprint: Blueprint): RoleBinding {
  const { agent } = blueprint.names;
  return {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'RoleBinding',
    metadata: objectMetadata(blueprint, agent),
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: agent },
    subjects: [{ kind: 'ServiceAccount', name: agent }],
  };
}
