/** The cluster's own authority: made, exchanged and given up, one step at a time. */
import type { KeyPair } from '../../pki/certificate.ts';
import { type Authorities, authorityFacts, factsOf } from './authorities.ts';
import { type AuthorityStep, type MembersWord, planAuthority } from './authority-plan.ts';
import type { Issuer } from './issuer.ts';

export type OwnAuthorityDeps = {
  readonly issuer: Pick<Issuer, 'authority'>;
  readonly nowMs: () => number;
  readonly random: () => number;
};

export type OwnAuthorityWish = {
  readonly stored: Authorities | undefined;
  readonly members: MembersWord;
  /** The authority that somebody gives; undefined where it is made here. */
  readonly given: KeyPair | undefined;
  /** What a human asks for with an annotation. */
  readonly request: string;
  readonly isRotated: boolean;
};

export type Advanced = { readonly authorities: Authorities; readonly step: AuthorityStep };

const DAY_MS = 86_400_000;
const AUTHORITY_LIFE_MS = 3_650 * DAY_MS;

/** The authorities after the next step, which every member has to see before there is another. */
export async function advanceOwn(deps: OwnAuthorityDeps, wish: OwnAuthorityWish): Promise<Advanced> {
  const { stored, members, given, request, isRotated } = wish;
  const nowMs = deps.nowMs();
  const step = planAuthority({
    nowMs,
    stored: stored === undefined ? null : factsOf(stored),
    members,
    given: given === undefined ? undefined : authorityFacts(given),
    request,
    isRotated,
  });
  if (stored === undefined) {
    const current = given ?? (await newAuthority(deps, nowMs));
    const nothing = { next: undefined, previous: undefined, given: undefined };
    return { authorities: { ...nothing, current, sinceMs: nowMs, answered: request }, step };
  }
  return { authorities: await after(step, deps, wish, stored), step };
}

async function after(
  step: AuthorityStep,
  deps: OwnAuthorityDeps,
  { given, request }: OwnAuthorityWish,
  stored: Authorities,
): Promise<Authorities> {
  const nowMs = deps.nowMs();
  switch (step.kind) {
    case 'trust-next': {
      const next = given ?? (await newAuthority(deps, nowMs));
      return { ...stored, next, sinceMs: nowMs, answered: request };
    }
    case 'sign-with-next':
      return stored.next === undefined
        ? stored
        : {
            ...stored,
            current: stored.next,
            next: undefined,
            previous: stored.current.certificate,
            sinceMs: nowMs,
          };
    case 'drop-previous':
      return { ...stored, previous: undefined, sinceMs: nowMs };
    default:
      return stored;
  }
}

/** Each has a name of its own: two of one name in a bundle are hard to tell apart for people and for clients. */
function newAuthority({ issuer, random }: OwnAuthorityDeps, nowMs: number): Promise<KeyPair> {
  const mark = Math.floor(random() * 2 ** 32).toString(16);
  return issuer.authority(`etcd-ca-${mark.padStart(8, '0')}`, nowMs, AUTHORITY_LIFE_MS);
}
