/** Machines that Pods run on. A cut from A to B stops A from dialling B; what is up may still talk. */
export type Network = {
  /** One byte per directed pair of nodes. */
  readonly cuts: Uint8Array;
  /** Nodes whose etcd takes entries in only now and then. */
  readonly slow: Uint8Array;
  /** When each way was last opened or shut, in ms. */
  readonly changedAtMs: Float64Array;
};

/** More nodes than a run ever uses: nine ordinals, each on a second node after a move, and clients. */
export const NODES_MAX = 32;
/** Where the writing client lives. */
export const CLIENT_NODE = 31;

/** A network on which everybody reaches everybody. */
export function createNetwork(): Network {
  return {
    cuts: new Uint8Array(NODES_MAX * NODES_MAX),
    slow: new Uint8Array(NODES_MAX),
    changedAtMs: new Float64Array(NODES_MAX * NODES_MAX),
  };
}

/** Whether `from` can open a connection to `to`. */
export function canDial(network: Network, from: number, to: number): boolean {
  return from === to || network.cuts[from * NODES_MAX + to] === 0;
}

/**
 * Whether two etcds can exchange raft messages: each side dials streams and posts on its own, so one open
 * direction carries both (rafthttp `stream.go`, `pipeline.go`; etcd 3.5–3.7).
 */
export function canTalk(network: Network, a: number, b: number): boolean {
  return canDial(network, a, b) || canDial(network, b, a);
}

/** Shuts or opens the way from `from` to `to`. */
export function setCut(network: Network, from: number, to: number, isCut: boolean, nowMs: number): void {
  const way = from * NODES_MAX + to;
  const cut = isCut && from !== to ? 1 : 0;
  if (network.cuts[way] !== cut) {
    network.cuts[way] = cut;
    network.changedAtMs[way] = nowMs;
  }
}

/** When the ways between two nodes last changed, in ms. */
export function linkAgeStartMs(network: Network, a: number, b: number): number {
  return Math.max(network.changedAtMs[a * NODES_MAX + b] ?? 0, network.changedAtMs[b * NODES_MAX + a] ?? 0);
}

/** Opens every way again. */
export function healNetwork(network: Network, nowMs: number): void {
  for (let way = 0; way < network.cuts.length; way++) {
    if (network.cuts[way] === 1) {
      network.cuts[way] = 0;
      network.changedAtMs[way] = nowMs;
    }
  }
  network.slow.fill(0);
}
