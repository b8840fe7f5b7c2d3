/** The steps of a tour: what is done to a local cluster, one thing after another. */

/** Whom a step is about; `leader` and `follower` are looked up when its turn has come. */
export type Who = 'leader' | 'follower' | number;

export type StepAction =
  /** The cluster comes to be; always the first step. */
  | { readonly kind: 'form' }
  /** 0 hibernates: all Pods go, nobody leaves the cluster. */
  | { readonly kind: 'scale'; readonly replicas: number }
  /** `kill -9` of the etcd, or of the agent beside it. */
  | { readonly kind: 'kill'; readonly container: 'etcd' | 'agent'; readonly who: Who }
  /** etcd is stopped for a while, as by a machine that hangs, and then goes on. */
  | { readonly kind: 'freeze'; readonly who: Who }
  /** The member loses its disk, and its Pod with it. */
  | { readonly kind: 'wipe'; readonly who: Who }
  /** The Pod is deleted as by a drain: in order, hook first. */
  | { readonly kind: 'delete-pod'; readonly who: Who }
  /** Every Pod is replaced, one after another: highest ordinal first, leader last. */
  | { readonly kind: 'roll' }
  | { readonly kind: 'wait'; readonly seconds: number };

/** An action and how the person wrote it, such as `scale:5`. */
export type Step = StepAction & { readonly text: string };

/** A step about one member. */
export type MemberStep = Extract<Step, { readonly who: Who }>;
