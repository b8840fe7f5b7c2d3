import type { DeploymentPlace } from '../../../scripts/e2e/operator-manifest.ts';

/** Name of the RoleBinding in each namespace of a test that lets the operator keep certificates there. */
export const CERTIFICATES_BINDING = 'quorate-operator-secrets';

/** As `certificateNamespaces` of the chart makes it. */
export function certificatesBinding(namespace: string, operator: DeploymentPlace): unknown {
  return {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'RoleBinding',
    metadata: { name: CERTIFICATES_BINDING, namespace },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: CERTIFICATES_BINDING },
    subjects: [{ kind: 'ServiceAccount', name: operator.name, namespace: operator.namespace }],
  };
}
