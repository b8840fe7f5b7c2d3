/**
 * When an authority is made and when it is replaced. etcd reads the authorities it trusts once, at its start, and
 * its own certificate at every handshake (3.5–3.7), so that a new authority takes three phases, each of which every
 * member has to show before the next begins (F80):
 *
 *     trust both  →  certificates of the new one  →  trust the new one alone
 */

/** An authority, as far as a plan looks at it. */
export type AuthorityFacts = {
  /** SHA-256 of its certificate. */
  readonly fingerprint: string;
  readonly notBeforeMs: number;
  readonly notAfterMs: number;
  /** Whether its key is there: without it nothing can be signed. */
  readonly canSign: boolean;
};

/** The authorities of one cluster as they are stored. All of them are trusted; `current` signs. */
export type StoredAuthorities = {
  readonly current: AuthorityFacts;
  /** Trusted already, to sign next. */
  readonly next: AuthorityFacts | undefined;
  /** Trusted still. */
  readonly previous: AuthorityFacts | undefined;
  /** When the phase began. */
  readonly sinceMs: number;
  /** The request of a human that the latest rotation has answered. */
  readonly answered: string;
};

/** What the members of a cluster say of what they use. `unknown` wherever one of them did not say. */
export type MembersWord = {
  /** Every process of etcd has started with exactly the authorities that are stored. */
  readonly isTrustLoaded: boolean | 'unknown';
  /** Every member shows the certificates that are stored. */
  readonly areLeavesTaken: boolean | 'unknown';
};

export type AuthorityView = {
  readonly nowMs: number;
  /** Null: a quorum of facts says that there is none. */
  readonly stored: StoredAuthorities | null;
  readonly members: MembersWord;
  /** The authority that somebody has given to sign with; undefined where it is made here. */
  readonly given?: AuthorityFacts | undefined;
  /** What a human asks for with an annotation; a new word asks for a new rotation. */
  readonly request: string;
  /** Whether authorities are renewed before they expire. */
  readonly isRotated: boolean;
};

export type AuthorityStep =
  | { readonly kind: 'create' }
  /** Makes the next authority, and trusts it beside the current one. */
  | { readonly kind: 'trust-next'; readonly why: 'Requested' | 'Expiring' | 'KeyLost' | 'Given' }
  /** The next authority becomes the current one. */
  | { readonly kind: 'sign-with-next' }
  /** The previous authority is trusted no more. */
  | { readonly kind: 'drop-previous' }
  | { readonly kind: 'rest'; readonly waitingFor?: 'TrustLoaded' | 'LeavesTaken' | 'Clients' };

/** An authority is renewed once this share of its life is over. */
const LIFE_SHARE = 2 / 3;
/** Clients take up what they trust on their own: a kubelet refreshes their files within two minutes. */
export const CLIENTS_MS = 180_000;

/** The next step; `rest` says what a rotation under way waits for. */
export function planAuthority(view: AuthorityView): AuthorityStep {
  const { stored, members } = view;
  if (stored === null) {
    return { kind: 'create' };
  }
  if (stored.next !== undefined && isToSign(stored.next, view)) {
    return afterClients(view, stored, members.isTrustLoaded === true, 'TrustLoaded', {
      kind: 'sign-with-next',
    });
  }
  if (stored.previous !== undefined) {
    return afterClients(view, stored, members.areLeavesTaken === true, 'LeavesTaken', {
      kind: 'drop-previous',
    });
  }
  const why = whyRotate(view, stored);
  if (why === undefined) {
    return { kind: 'rest' };
  }
  // A rotation that begins before the last one has reached every member would leave three authorities about.
  return members.isTrustLoaded === true || why === 'KeyLost'
    ? { kind: 'trust-next', why }
    : { kind: 'rest', waitingFor: 'TrustLoaded' };
}

/** One that is given may be exchanged for another before it has signed anything. */
function isToSign(next: AuthorityFacts, { given }: AuthorityView): boolean {
  return given === undefined ? next.canSign : given.fingerprint === next.fingerprint;
}

function afterClients(
  { nowMs }: AuthorityView,
  { sinceMs }: StoredAuthorities,
  isGiven: boolean,
  waitingFor: 'TrustLoaded' | 'LeavesTaken',
  step: AuthorityStep,
): AuthorityStep {
  if (!isGiven) {
    return { kind: 'rest', waitingFor };
  }
  return nowMs - sinceMs < CLIENTS_MS ? { kind: 'rest', waitingFor: 'Clients' } : step;
}

function whyRotate(
  { nowMs, request, isRotated, given }: AuthorityView,
  { current, answered }: StoredAuthorities,
): Extract<AuthorityStep, { kind: 'trust-next' }>['why'] | undefined {
  if (given !== undefined) {
    return given.fingerprint === current.fingerprint ? undefined : 'Given';
  }
  if (!current.canSign) {
    return 'KeyLost';
  }
  if (request !== answered) {
    return 'Requested';
  }
  const renewAtMs = current.notBeforeMs + (current.notAfterMs - current.notBeforeMs) * LIFE_SHARE;
  return isRotated && nowMs >= renewAtMs ? 'Expiring' : undefined;
}
