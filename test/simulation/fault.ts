/** Everything that may be done to a cluster from outside, as data: what a seed plans and a shrinker cuts. */

type At = { readonly atMs: number };
type Of = At & { readonly ordinal: number };
type For = { readonly forMs: number };

export type Fault =
  | (At & { readonly kind: 'scale'; readonly replicas: number })
  | (At & { readonly kind: 'delete-set' })
  /** The cluster is deleted and made again under its name; its volumes stay. `record`: what the new one begins with. */
  | (At & { readonly kind: 'recreate'; readonly record: 'Unformed' | 'Blocked' })
  | (Of & { readonly kind: 'kill-etcd' | 'kill-agent' | 'kill-leader' })
  | (Of & For & { readonly kind: 'crash-node' | 'pause-etcd' | 'pause-agent' })
  /** A leader takes a peer, or as a peer everybody, for inactive whose streams are up (etcd-io/etcd#14523). */
  | (Of & { readonly kind: 'inactive-peer' })
  | (Of & { readonly kind: 'delete-pod' })
  | (At & { readonly kind: 'delete-all-pods' })
  | (Of & For & { readonly kind: 'force-delete'; readonly volume: 'kept' | 'shared' | 'lost' })
  | (Of & { readonly kind: 'lose-disk'; readonly how: 'new-volume' | 'wiped' | 'data-only' })
  | (Of & { readonly kind: 'damage-data'; readonly damage: 'etcd-fails' | 'unreadable' | 'too-old' })
  | (Of & { readonly kind: 'damage-marker' })
  | (Of & For & { readonly kind: 'unreadable-volume' | 'roll-back-disk' })
  | (Of & For & { readonly kind: 'isolate' | 'deaf' | 'mute' | 'slow' })
  | (At & For & { readonly kind: 'split'; readonly side: number })
  | (At & For & { readonly kind: 'api-outage' | 'dns-outage' })
  | (Of & For & { readonly kind: 'api-cut' | 'dns-hidden' | 'dns-frozen' })
  | (Of & For & { readonly kind: 'dns-astray'; readonly to: number })
  | (Of & For & { readonly kind: 'foreign-answers' })
  | (At & For & { readonly kind: 'record-deleted' })
  | (At & For & { readonly kind: 'lost-answers'; readonly probability: number })
  | (At & For & { readonly kind: 'stale-api'; readonly staleMs: number })
  | (At & For & { readonly kind: 'agent-crashes'; readonly probability: number });

export type FaultKind = Fault['kind'];

/** The faults of some kinds. */
export type FaultOf<K extends FaultKind> = Extract<Fault, { readonly kind: K }>;

/** One line for people. */
export function describeFault(fault: Fault): string {
  const { atMs, kind, ...rest } = fault;
  const details = Object.entries(rest).map(([key, value]) => `${key}=${value}`);
  return `${(atMs / 1_000).toFixed(2).padStart(7)} s  ${kind} ${details.join(' ')}`;
}
