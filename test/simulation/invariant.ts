/** The invariants of design §5 and what it looks like when one does not hold. */

/** The invariants, by their number in the design. */
export const INVARIANTS = {
  oneClusterId: '1 one cluster ID per UID and generation',
  newOnlyBySeed: '2 nobody starts new but the recorded seed',
  noEmptyUnderOldId: '3 no empty volume runs under an ID that ran before',
  promotedAlive: '4 no voter but by promotion of a live, caught-up learner',
  quorumKept: '5 one voter change at a time, each keeping a quorum',
  noLastCopyLost: '6 no data is put away unless a quorum holds it',
  noForeignStart: '7 no removed or foreign data is started',
  noLeaveUnscaled: '8 nobody leaves unless scaled away, nobody joins unless wanted',
  quorumLostNoChange: '9 without a quorum nothing is changed',
  writesSurvive: '10 acknowledged writes survive',
  statusObserved: '11 status claims only what was observed',
  converges: '12 converges, then makes no write and no API call',
} as const;

export type InvariantName = keyof typeof INVARIANTS;

/** A broken invariant: which, and what was seen. */
export class InvariantBroken extends Error {
  override readonly name = 'InvariantBroken';
  readonly invariant: InvariantName;

  constructor(invariant: InvariantName, seen: string) {
    super(`${INVARIANTS[invariant]}: ${seen}`);
    this.invariant = invariant;
  }
}

/** Ends the run: `invariant` does not hold, as was seen. @throws {InvariantBroken} */
export function broken(invariant: InvariantName, seen: string): never {
  throw new InvariantBroken(invariant, seen);
}
