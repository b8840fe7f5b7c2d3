import type { FormationRecord } from './formation-record.ts';
import type { Marker } from './marker.ts';
import type { EtcdId } from './member.ts';
import type { Reason } from './reason.ts';

/**
 * How far this member has come. Patience is counted from the moment a stage was entered, so a stage
 * that is left and entered again starts anew.
 */
export const STAGES = [
  'gated',
  'forming',
  'joining',
  'registered',
  'starting',
  'catching-up',
  'promoting',
  'serving',
  'out',
] as const;

export type Stage = (typeof STAGES)[number];

type Because = {
  readonly reason: Reason;
  /** One sentence for people: what was seen, and what is done about it. */
  readonly message: string;
  readonly stage: Stage;
};

type MaybeUnannounced = {
  /**
   * Others, who ask this agent for its status, may not have read yet that it is about to do this, and have to
   * give way to it: it is decided once more, as what destroys something is, before it is done.
   */
  readonly unannounced?: true;
};

/** What to do next: exactly one action, or none and why. */
export type Decision = Because &
  (
    | { readonly kind: 'wait' }
    | { readonly kind: 'stay-out' }
    | { readonly kind: 'settled' }
    // On the volume
    | { readonly kind: 'write-marker'; readonly marker: Omit<Marker, 'volumeId'> }
    /** `place` is where the data lies when it is not `data/`; see `Wal`. */
    | { readonly kind: 'set-data-aside'; readonly place?: string }
    | { readonly kind: 'take-in-data'; readonly memberId: EtcdId; readonly place: string }
    | { readonly kind: 'prune-quarantine'; readonly keep: number }
    // On the formation record, by compare-and-swap
    | { readonly kind: 'claim-seed'; readonly record: FormationRecord; readonly resourceVersion: string }
    | { readonly kind: 'block-formation'; readonly record: FormationRecord; readonly resourceVersion: string }
    | { readonly kind: 'seal'; readonly record: FormationRecord; readonly resourceVersion: string }
    // At the gate: the only three ways etcd may start
    | {
        readonly kind: 'resume';
        readonly memberId: EtcdId;
        readonly maxLearners: number;
        /** Only while a quorum serves: members that boot together would wait 7 s for each other. */
        readonly initialCorruptCheck: boolean;
        /** In place of the configured one, for this start alone: so low that a snapshot is written right away. */
        readonly snapshotCount?: number;
      }
    | { readonly kind: 'seed'; readonly token: string; readonly maxLearners: number }
    | ({
        readonly kind: 'start-joined';
        readonly memberId: EtcdId;
        readonly token: string;
        readonly maxLearners: number;
        /** Peer URLs of all listed members, with the name each goes by. */
        readonly initialCluster: readonly { readonly name: string; readonly peerUrl: string }[];
      } & MaybeUnannounced)
    // On the membership, through the leader
    | ({
        readonly kind: 'join-as-learner';
        readonly peerUrl: string;
        /** The client URL of the voter that is asked; see `voterToAsk`. */
        readonly voterUrl: string;
      } & MaybeUnannounced)
    | { readonly kind: 'remove-lost-identity'; readonly memberId: EtcdId; readonly leaderUrl: string }
    | { readonly kind: 'promote-self'; readonly memberId: EtcdId; readonly leaderUrl: string }
    | { readonly kind: 'remove-orphan'; readonly memberId: EtcdId; readonly leaderUrl: string }
    | {
        readonly kind: 'correct-peer-url';
        readonly memberId: EtcdId;
        readonly peerUrl: string;
        readonly leaderUrl: string;
      }
    // Housekeeping beside the leader
    | {
        readonly kind: 'compare-hashes';
        /** Names the voters that are compared; see `membershipKeyOf`. */
        readonly membershipKey: string;
        readonly clientUrls: readonly string[];
      }
    | { readonly kind: 'defragment'; readonly clientUrl: string }
    | { readonly kind: 'hand-over'; readonly target: EtcdId; readonly leaderUrl: string }
    | { readonly kind: 'disarm-space-alarm' }
  );

export type DecisionKind = Decision['kind'];

/** A decision of one kind, with its own fields. */
export type DecisionOf<K extends DecisionKind> = Extract<Decision, { readonly kind: K }>;

/**
 * Decisions that destroy or seize something. They are taken twice: once to want them, and once more on
 * facts gathered anew right before acting; only the same decision twice is carried out.
 */
export const CONFIRMED_KINDS: ReadonlySet<DecisionKind> = new Set<DecisionKind>([
  'set-data-aside',
  'take-in-data',
  'claim-seed',
  'block-formation',
  'remove-lost-identity',
  'remove-orphan',
  'promote-self',
  'correct-peer-url',
  'prune-quarantine',
]);

/** Whether two decisions would do the same thing to the same object. */
export function isSameDecision(a: Decision, b: Decision): boolean {
  return a.kind === b.kind && a.reason === b.reason && targetOf(a) === targetOf(b);
}

function targetOf(decision: Decision): string {
  const memberId = 'memberId' in decision ? decision.memberId : '';
  const place = 'place' in decision ? decision.place : '';
  return `${memberId} ${place}`;
}
