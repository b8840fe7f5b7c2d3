/** Annotations by which humans speak to the operator. */

/** Their value is the ID of the cluster whose data is meant, or `true` where there is only one. */
export const ADOPT_ANNOTATION = 'etcd.etcd.io/adopt';
export const DISCARD_ANNOTATION = 'etcd.etcd.io/discard';

/** While it is `true`, a request to delete the cluster is refused. */
export const PROTECTION_ANNOTATION = 'etcd.etcd.io/delete-protection';
