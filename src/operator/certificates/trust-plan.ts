/**
 * How members come to trust other authorities than before where their certificates are given, or begin or cease to be
 * given. etcd reads whom it trusts once, at its start, and what it shows at every handshake (3.5–3.7), so that a change
 * takes three phases, each of which every member has to show before the next begins (F80):
 *
 *     trust both  →  show the other certificates  →  trust the other authorities alone
 */
import { CLIENTS_MS, type MembersWord } from './authority-plan.ts';

export type TrustView = {
  readonly nowMs: number;
  /** Fingerprints of the authorities that members are to trust towards each other; null before there are members. */
  readonly trusted: readonly string[] | null;
  /** When that was last changed. */
  readonly sinceMs: number;
  /** Fingerprints of those that they are to trust in the end. */
  readonly wanted: readonly string[];
  readonly shown: {
    /** The certificates that are stored are those that members are to show in the end. */
    readonly isWanted: boolean;
    /** An authority that signed what is stored has signed what they are to show in the end, too. */
    readonly isOfSameAuthority: boolean;
  };
  readonly members: MembersWord;
};

export type TrustStep =
  /** There is nobody yet who could be cut off. */
  | { readonly kind: 'begin' }
  /** What is wanted is trusted beside what was trusted. */
  | { readonly kind: 'trust-both' }
  /** The certificates are stored that members are to show in the end. */
  | { readonly kind: 'show' }
  /** What is wanted is trusted alone. */
  | { readonly kind: 'trust-wanted' }
  | { readonly kind: 'rest'; readonly waitingFor?: 'TrustLoaded' | 'LeavesTaken' | 'Clients' };

/** The next step; `rest` says what a change under way waits for. */
export function planTrust({ nowMs, trusted, sinceMs, wanted, shown, members }: TrustView): TrustStep {
  if (trusted === null) {
    return { kind: 'begin' };
  }
  if (!wanted.every((each) => trusted.includes(each))) {
    return { kind: 'trust-both' };
  }
  const haveClientsHadTime = nowMs - sinceMs >= CLIENTS_MS;
  if (!shown.isWanted) {
    // A renewal by the same authority needs nobody's word: whoever takes the one takes the other.
    return shown.isOfSameAuthority
      ? { kind: 'show' }
      : gated({ kind: 'show' }, members.isTrustLoaded, 'TrustLoaded', haveClientsHadTime);
  }
  return trusted.length === wanted.length
    ? { kind: 'rest' }
    : gated({ kind: 'trust-wanted' }, members.areLeavesTaken, 'LeavesTaken', haveClientsHadTime);
}

function gated(
  step: TrustStep,
  word: boolean | 'unknown',
  waitingFor: 'TrustLoaded' | 'LeavesTaken',
  haveClientsHadTime: boolean,
): TrustStep {
  if (word !== true) {
    return { kind: 'rest', waitingFor };
  }
  return haveClientsHadTime ? step : { kind: 'rest', waitingFor: 'Clients' };
}
