/** Whom members trust, and what they show to each other, where their certificates are given or cease to be. */
import type { KeyPair } from '../../pki/certificate.ts';
import { certificatesIn, isSignedBy, leadsTo, readCertificate } from '../../pki/read-certificate.ts';
import { type Authorities, ownBundleOf } from './authorities.ts';
import type { MembersWord } from './authority-plan.ts';
import { GIVEN_SIDES, type GivenCertificates, type GivenSide } from './given-certificates.ts';
import { planTrust, type TrustStep } from './trust-plan.ts';

/** The certificates that lie in the Secrets of members; undefined where there is none that could be used. */
export type StoredSides = Readonly<Record<GivenSide, KeyPair | undefined>>;

/** What members are to show in the end: what is given, what the operator signs, or, unknown, what they have. */
export type Wanted = { readonly kind: 'given'; readonly certificates: GivenCertificates } | 'own' | 'unknown';

export type TrustWish = {
  readonly nowMs: number;
  readonly authorities: Authorities;
  readonly wanted: Wanted;
  readonly stored: StoredSides;
  readonly members: MembersWord;
};

/** Stands for all that are the cluster's own, which are replaced by a plan of their own. */
const OWN = 'own';

/** The authorities after the next step, and which it is. */
export function advanceTrust(wish: TrustWish): {
  readonly authorities: Authorities;
  readonly step: TrustStep;
} {
  const { nowMs, authorities, wanted, stored } = wish;
  const { given } = authorities;
  if (wanted === 'unknown' || (wanted === 'own' && given === undefined)) {
    return { authorities, step: { kind: 'rest' } };
  }
  const hasNone = GIVEN_SIDES.every((side) => stored[side] === undefined);
  const step = planTrust({
    nowMs,
    trusted: given === undefined && hasNone ? null : trustedNow(authorities),
    sinceMs: given?.sinceMs ?? 0,
    wanted: wanted === 'own' ? [OWN] : fingerprintsOf(wanted.certificates.authorities),
    shown: {
      isWanted: GIVEN_SIDES.every((side) => isWanted(wish, side)),
      isOfSameAuthority: GIVEN_SIDES.every((side) => isOfSameAuthority(wish, side)),
    },
    members: wish.members,
  });
  const next = trustAfter(step, wish);
  return { authorities: next === given ? authorities : { ...authorities, given: next }, step };
}

/** What `side` is to show after `step`: what is given, what the operator signs, or what it has. */
export function chooseLeaf(
  { authorities, wanted, stored }: TrustWish,
  step: TrustStep,
  side: GivenSide,
): KeyPair | 'own' | 'nothing' {
  const pair = stored[side];
  const isOwn = pair !== undefined && isSignedBy(pair.certificate, ownBundleOf(authorities));
  if (typeof wanted === 'object') {
    const isDue = step.kind === 'begin' || step.kind === 'show' || pair === undefined;
    return isDue ? wanted.certificates[side] : isOwn ? 'own' : pair;
  }
  if (isOwn || (wanted === 'own' && (pair === undefined || step.kind === 'show'))) {
    return 'own';
  }
  return pair ?? 'nothing';
}

function trustAfter(step: TrustStep, { nowMs, authorities, wanted }: TrustWish): Authorities['given'] {
  const { given } = authorities;
  const others = typeof wanted === 'object' ? wanted.certificates.authorities : '';
  switch (step.kind) {
    case 'begin':
      return { authorities: others, isWithOwn: false, sinceMs: nowMs };
    case 'trust-both':
      return {
        authorities: union(given?.authorities ?? '', others),
        isWithOwn: given === undefined || given.isWithOwn || wanted === 'own',
        sinceMs: nowMs,
      };
    case 'show':
      return given === undefined ? undefined : { ...given, sinceMs: nowMs };
    case 'trust-wanted':
      return wanted === 'own' ? undefined : { authorities: others, isWithOwn: false, sinceMs: nowMs };
    case 'rest':
      return given;
  }
}

function trustedNow({ given }: Authorities): readonly string[] {
  return given === undefined
    ? [OWN]
    : [...fingerprintsOf(given.authorities), ...(given.isWithOwn ? [OWN] : [])];
}

function isWanted({ authorities, wanted, stored }: TrustWish, side: GivenSide): boolean {
  const pair = stored[side];
  if (pair === undefined) {
    return false;
  }
  return typeof wanted === 'object'
    ? pair.certificate === wanted.certificates[side].certificate && pair.key === wanted.certificates[side].key
    : isSignedBy(pair.certificate, ownBundleOf(authorities));
}

/** Where nothing is stored there is nothing that could be taken away from anybody. */
function isOfSameAuthority({ authorities, wanted, stored }: TrustWish, side: GivenSide): boolean {
  const pair = stored[side];
  if (pair === undefined) {
    return true;
  }
  return (
    typeof wanted === 'object' &&
    certificatesIn(authorities.given?.authorities ?? '').some(
      (authority) =>
        leadsTo(pair.certificate, authority) && leadsTo(wanted.certificates[side].certificate, authority),
    )
  );
}

function fingerprintsOf(bundle: string): readonly string[] {
  return certificatesIn(bundle).flatMap((each) => readCertificate(each)?.fingerprint ?? []);
}

function union(...bundles: readonly string[]): string {
  return [...new Set(bundles.flatMap((bundle) => certificatesIn(bundle)))].toSorted().join('');
}
