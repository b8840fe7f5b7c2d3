import type { DecisionKind } from './decision.ts';
import type { Known } from './known.ts';

/** What the Kubernetes API says of another Pod of the set. */
export type SiblingPod =
  | { readonly kind: 'absent' }
  | {
      readonly kind: 'present';
      readonly podUid: string;
      readonly running: boolean;
      readonly deleting: boolean;
    };

/** What the agent in another Pod says of itself; `silent` when it does not answer. */
export type SiblingAgent =
  | { readonly kind: 'silent' }
  | {
      readonly kind: 'answers';
      readonly decision: DecisionKind;
      readonly reason: string;
      readonly canReachMe: boolean;
    };

/** Another ordinal of the set. */
export type Sibling = {
  readonly ordinal: number;
  readonly pod: Known<SiblingPod>;
  readonly agent: SiblingAgent;
};
