/** Where a member listens. */
export const PORTS = {
  client: 2379,
  peer: 2380,
  /** etcd's own, always plain HTTP: probes and metrics. */
  metrics: 2381,
  /** The agent's HTTP; under TLS only what probes and hooks ask for. */
  agent: 2382,
  /** The agent's pages for siblings and operator, under TLS. */
  agentTls: 2383,
} as const;
