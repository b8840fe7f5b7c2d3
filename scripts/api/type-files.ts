/** The files of `src/api` whose types are the API; what stands beside them are its rules. */

/** What users import, and what is documented. */
export const API_FILES = [
  'etcd-cluster',
  'storage-spec',
  'security-spec',
  'cluster-status',
  'etcd-backup',
  'etcd-restore',
] as const;

/** What those are made of. */
export const PART_FILES = ['backup-store', 'kubernetes', 'times'] as const;
