/** Keeps the certificates of one cluster: those that are issued here, and those that are taken over. */
import type { TlsSpec } from '../../api/security-spec.ts';
import type { LiveObject } from '../../kube/kube-object.ts';
import type { LeafName } from '../../model/certificates.ts';
import type { KeyPair } from '../../pki/certificate.ts';
import { readCertificate } from '../../pki/read-certificate.ts';
import type { AppliedMetadata } from '../../resources/applied-object.ts';
import type { Expiry } from '../plan/certificate-expiry.ts';
import { type Authorities, authorityFacts, signerOf, trustBundleOf } from './authorities.ts';
import { chooseLeaf, type TrustWish } from './given-trust.ts';
import type { Issuer } from './issuer.ts';
import { type LeafStep, planLeaf } from './leaf-plan.ts';
import { dataIn, leafSecret, pairOf, readLeaf } from './secret-contents.ts';
import type { SecretShelf } from './secret-shelf.ts';
import type { Stock } from './stock.ts';
import type { TrustStep } from './trust-plan.ts';
import { type LeafWish, rotationPeriodOf } from './wanted-leaves.ts';

export type LeafKeeperDeps = {
  readonly issuer: Pick<Issuer, 'leaf'>;
  readonly shelf: SecretShelf;
  readonly nowMs: () => number;
  readonly tls: TlsSpec;
  readonly metadataOf: (name: string) => AppliedMetadata;
};

export type LeavesWish = {
  readonly wishes: readonly LeafWish[];
  readonly stock: Stock;
  /** As they are stored now. */
  readonly authorities: Authorities;
  readonly wish: TrustWish;
  readonly trustStep: TrustStep;
};

export type LeavesKept = { readonly expiries: readonly Expiry[]; readonly againAtMs: number };

type LeafKept = { readonly pair: KeyPair | undefined; readonly againAtMs: number };

const NEVER_MS = Number.POSITIVE_INFINITY;

/** Makes every certificate so. @throws ObstacleError */
export async function keepLeaves(
  deps: LeafKeeperDeps,
  leaves: LeavesWish,
  signal: AbortSignal,
): Promise<LeavesKept> {
  const expiries: Expiry[] = [];
  let againAtMs = NEVER_MS;
  for (const wish of leaves.wishes) {
    const kept = await keepLeaf(deps, leaves, wish, signal);
    const facts = readCertificate(kept.pair?.certificate ?? '');
    againAtMs = Math.min(againAtMs, kept.againAtMs);
    if (facts !== undefined) {
      expiries.push({ certificate: wish.name, secret: wish.secret, notAfterMs: facts.notAfterMs });
    }
  }
  return { expiries, againAtMs };
}

function keepLeaf(
  deps: LeafKeeperDeps,
  leaves: LeavesWish,
  leaf: LeafWish,
  signal: AbortSignal,
): Promise<LeafKept> {
  const choice =
    leaf.name === 'server' || leaf.name === 'peer'
      ? chooseLeaf(leaves.wish, leaves.trustStep, leaf.name)
      : 'own';
  switch (choice) {
    case 'own':
      return keepOwn(deps, leaves, leaf, signal);
    case 'nothing':
      return Promise.resolve({ pair: undefined, againAtMs: NEVER_MS });
    default:
      return store(deps, leaves, leaf, choice, signal);
  }
}

async function keepOwn(
  deps: LeafKeeperDeps,
  leaves: LeavesWish,
  leaf: LeafWish,
  signal: AbortSignal,
): Promise<LeafKept> {
  const nowMs = deps.nowMs();
  const signer = signerOf(leaves.authorities);
  const { pair, step } = planOwn(deps, leaves, leaf);
  switch (step.kind) {
    case 'rest':
      return { pair, againAtMs: step.againAtMs };
    case 'store-trust':
      return pair === undefined ? { pair, againAtMs: NEVER_MS } : store(deps, leaves, leaf, pair, signal);
    case 'issue':
      // Without a key there is nothing to be done, which is told as the plan of the authority.
      return authorityFacts(signer).canSign
        ? store(deps, leaves, leaf, await deps.issuer.leaf(signer, leaf.request, nowMs), signal)
        : { pair, againAtMs: NEVER_MS };
  }
}

function planOwn(
  { nowMs, tls }: LeafKeeperDeps,
  { stock, authorities }: LeavesWish,
  { name, request }: LeafWish,
): { readonly pair: KeyPair | undefined; readonly step: LeafStep } {
  const secret = stock.leaves.get(name);
  const stored = secret === undefined ? undefined : readLeaf(secret, authorities, sideOf(name));
  const step = planLeaf({
    nowMs: nowMs(),
    stored: secret === undefined ? null : (stored?.stored ?? 'unreadable'),
    request,
    isRotated: tls.autoRotate !== false,
    periodMs: rotationPeriodOf(tls),
  });
  return { pair: stored?.pair, step };
}

/** Writes nothing where it lies there already, with the authorities that are to be trusted. */
async function store(
  { shelf, metadataOf }: LeafKeeperDeps,
  { stock, authorities }: LeavesWish,
  { name, secret }: LeafWish,
  pair: KeyPair,
  signal: AbortSignal,
): Promise<LeafKept> {
  const before = stock.leaves.get(name);
  const trust = trustBundleOf(authorities, sideOf(name));
  if (!isStored(before, pair, trust)) {
    await shelf.write(before, leafSecret(metadataOf(secret), pair, trust), signal);
  }
  return { pair, againAtMs: NEVER_MS };
}

function isStored(secret: LiveObject | undefined, pair: KeyPair, trust: string): boolean {
  const stored = pairOf(secret);
  return (
    secret !== undefined &&
    stored?.certificate === pair.certificate &&
    stored.key === pair.key &&
    dataIn(secret).get('ca.crt') === trust
  );
}

/** Users trust what clients are to trust. */
function sideOf(name: LeafName): 'client' | 'peer' | 'agent' {
  return name === 'peer' || name === 'agent' ? name : 'client';
}
