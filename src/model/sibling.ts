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

/** What the agent in another Pod says of itself; `silent` when it does not answer. */
export type SiblingAgent =
  | { readonly kind: 'silent' }
  | {
      readonly kind: 'answers';
      readonly stage: Stage;
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
