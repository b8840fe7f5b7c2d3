/** Machines that Pods run on. A cut from A to B stops A from dialling B; what is up may still talk. */
export type Network = {
  /** One byte per directed pair of nodes. */
  readonly cuts: Uint8Array;
  /** Nodes whose etcd takes entries in only now and then. */
  readonly slow: Uint8Array;
  /** When anything here last changed, in ms. */
  changedAtMs: number;
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
    changedAtMs: 0,
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

/** Opens or closes the way from `from` to `to`. */
export function setCut(network: Network, from: number, to: number, cut: boolean): void {
  if (from !== to) {
    network.cuts[from * NODES_MAX + to] = cut ? 1 : 0;
  }
}

/** Opens every way again. */
export function healNetwork(network: Network): void {
  network.cuts.fill(0);
  network.slow.fill(0);
}
