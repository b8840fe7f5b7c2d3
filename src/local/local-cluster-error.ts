/** What can go wrong with a local cluster before or beside etcd; each code is explained in docs/errors.md. */
export const LOCAL_CLUSTER_CODES = [
  'ADDRESS_IN_USE',
  'CLUSTER_RUNNING',
  'CLUSTER_NOT_RUNNING',
  'CONTAINER_NOT_RUNNING',
  'CONTROL_FAILED',
  'ETCD_UNSUPPORTED',
  'ORDINAL_INVALID',
  'SIZE_INVALID',
  'STATE_MISMATCH',
  'STATE_PATH_TOO_LONG',
  'STATE_UNREADABLE',
  'STATE_UNWRITABLE',
] as const;

export type LocalClusterCode = (typeof LOCAL_CLUSTER_CODES)[number];

/** One sentence for people: what was seen, with the value, and what to do about it. */
export class LocalClusterError extends Error {
  override readonly name = 'LocalClusterError';
  readonly code: LocalClusterCode;

  constructor(code: LocalClusterCode, message: string, cause?: unknown) {
    super(message, { cause });
    this.code = code;
  }
}
