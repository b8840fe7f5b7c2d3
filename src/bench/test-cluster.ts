import type { ClusterNames } from '../model/naming.ts';
import type { EtcdAccess } from './etcd-access.ts';
import type { JoinTimeline } from './join-timeline.ts';
import type { Traffic } from './traffic.ts';

/** How long a step took, and for the product what its new agents did when. */
export type StepTime = { readonly ms: number; readonly joins: readonly JoinTimeline[] };

/**
 * A cluster under measurement: the product's, or bare etcd driven by hand. Every step resolves, with its
 * time, once the members wanted, and no others, are voters in a linearizable member list.
 */
export type TestCluster = {
  readonly names: ClusterNames;
  readonly access: EtcdAccess;
  readonly traffic: Traffic;
  /** How many members are wanted now. */
  readonly size: () => number;
  readonly scale: (size: number, signal: AbortSignal) => Promise<StepTime>;
  /** Kills a member and loses its disk; over when it is replaced. */
  readonly loseDisk: (ordinal: number, signal: AbortSignal) => Promise<StepTime>;
  /** Restarts every member, one after another, the leader last. */
  readonly roll: (signal: AbortSignal) => Promise<StepTime>;
  /** Resolves once nothing that belongs to the last step is under way any more. */
  readonly untilQuiet: (signal: AbortSignal) => Promise<void>;
  /** Leaves nothing behind; safe to call twice. */
  readonly close: () => Promise<void>;
};
