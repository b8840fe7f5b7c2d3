import type { Exceptions } from './compare-rights.ts';

/** Rights of the operator that it holds without calls of its own. */
export const OPERATOR_EXCEPTIONS: Exceptions = {
  'update etcdclusters/finalizers.etcd.etcd.io':
    'an API server with the admission plugin OwnerReferencesPermissionEnforcement asks for it where an object names the cluster as the owner whose deletion waits for it',
  'get pods':
    'nobody may grant what he may not do himself (RBAC, "Privilege escalation prevention"), and the agents’ Role has it',
};
