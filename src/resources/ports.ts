/** Where a member listens. */
export const PORTS = {
  client: 2379,
  peer: 2380,
  /** etcd's own, always plain HTTP: probes and metrics. */
  metrics: 2381,
  /** The agent's HTTP. */
  agent: 2382,
} as const;
