import type { Stage } from './decision.ts';
import type { Known } from './known.ts';

/** What the Kubernetes API says of another Pod of the set. */
export type SiblingPod =
  | { readonly kind: 'absent' }
  | {
      readonly kind: 'present';
      readonly podUid: string;
      /** Empty until the Pod has one. */
      readonly address: string;
      readonly running: boolean;
      readonly deleting: boolean;
    };

/** What the agent in another Pod says of itself. */
export type SiblingAgent =
  /** It does not answer; `late` where somebody is there who did not do so in time, as on a busy machine. */
  | { readonly kind: 'silent'; readonly late?: true }
  | {
      readonly kind: 'answers';
      readonly stage: Stage;
      /** The kind of its latest decision; a `Decision['kind']`, as far as its version and ours agree. */
      readonly decides: string;
      /** Whether its volume holds data that claims to be of this cluster. */
      readonly hasData: boolean;
      /** The etcd beside it, such as `3.6.16`. */
      readonly etcdVersion: string;
      /** Whether its own address book leads it to my peer port; `unasked` before that matters. */
      readonly canReachMe: boolean | 'unasked';
    };

/** Another ordinal of the set. */
export type Sibling = {
  readonly ordinal: number;
  readonly pod: Known<SiblingPod>;
  readonly agent: SiblingAgent;
};
