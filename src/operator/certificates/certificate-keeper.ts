/** Keeps the Secrets of a cluster's certificates as they are to be: issues, takes over what is given, renews, rotates. */
import type { TlsSpec } from '../../api/security-spec.ts';
import type { ObjectWriter, RecordKeeper } from '../../kube/object-api.ts';
import type { AgentStatus } from '../../model/agent-status.ts';
import type { Side } from '../../model/certificates.ts';
import type { AppliedMetadata } from '../../resources/applied-object.ts';
import type { ObjectNames } from '../../resources/names.ts';
import { errorText } from '../../runtime/error-text.ts';
import { keyOf } from '../cache/object-store.ts';
import type { Expiry } from '../plan/certificate-expiry.ts';
import { type Authorities, authorityFacts } from './authorities.ts';
import type { AuthorityStep } from './authority-plan.ts';
import { sourceOf } from './certificate-source.ts';
import { advanceTrust, type TrustWish } from './given-trust.ts';
import type { Issuer } from './issuer.ts';
import { keepLeaves } from './leaf-keeper.ts';
import { advanceOwn } from './own-authority.ts';
import { authoritiesSecret } from './secret-contents.ts';
import { type Obstacle, ObstacleError, SecretShelf } from './secret-shelf.ts';
import { type Provided, type SourceObstacle, SourceReader } from './source-reader.ts';
import { hasAllSides, type Stock, storedSides, takeStock, trustDigestsOf, wordOf } from './stock.ts';
import type { TrustStep } from './trust-plan.ts';
import { wantedLeaves } from './wanted-leaves.ts';

export type CertificateKeeperDeps = {
  readonly secrets: RecordKeeper;
  /** Asks cert-manager. */
  readonly writer: Pick<ObjectWriter, 'apply'>;
  readonly issuer: Issuer;
  /** Wall clock: certificates are good until an hour of a day. */
  readonly nowMs: () => number;
  readonly random: () => number;
};

export type CertificatesOf = {
  readonly names: ObjectNames;
  readonly namespace: string;
  readonly clusterDomain: string;
  readonly tls: TlsSpec;
  /** Of etcd, who prove by certificate who they are. */
  readonly users: readonly string[];
  /** What a human asks for with an annotation. */
  readonly request: string;
  /** Names that whoever dials the members there are now looks for. */
  readonly hosts: readonly string[];
  /** One for each Pod; undefined where its agent was not heard. */
  readonly statuses: readonly (AgentStatus | undefined)[];
  /** Metadata of the object called `name`. */
  readonly metadataOf: (name: string) => AppliedMetadata;
};

export type Kept = {
  readonly kind: 'kept';
  readonly authorities: Authorities;
  /** SHA-256 of the authorities that each side is to trust, as hex. */
  readonly trust: Readonly<Record<Side, string>>;
  /** What a replacement of the cluster's own authority waits for, and a change to or from given ones. */
  readonly step: AuthorityStep;
  readonly trustStep: TrustStep;
  /** Why what is given is not used, while members go on with what they have. */
  readonly obstacle: SourceObstacle | undefined;
  readonly expiries: readonly Expiry[];
  readonly againAtMs: number;
};

export type Keeping = Kept | Obstacle | SourceObstacle;

/** What others may have done to our own Secrets matters to no member that runs, so that it may be seen late. */
const OWN_LOOK_MS = 600_000;
/** Secrets that are given change when somebody renews them, and waits. */
const GIVEN_LOOK_MS = 60_000;
/** What a phase waits for is over some time, and nobody tells of it. */
const UNDER_WAY_LOOK_MS = 10_000;

type Settled = { readonly asked: string; readonly keeping: Kept };

export class CertificateKeeper {
  readonly #deps: CertificateKeeperDeps;
  readonly #sources: SourceReader;
  readonly #settled = new Map<string, Settled>();

  constructor(deps: CertificateKeeperDeps) {
    this.#deps = deps;
    this.#sources = new SourceReader(deps);
  }

  /**
   * Makes the Secrets of one cluster so, one step of a rotation at most. Never throws. What is settled is looked at
   * again after a while, or when a member or a human says something else.
   */
  async keep(cluster: CertificatesOf, signal: AbortSignal): Promise<Keeping> {
    const key = keyOf(cluster.namespace, cluster.names.cluster);
    const asked = questionOf(cluster);
    const settled = this.#settled.get(key);
    if (settled?.asked === asked && this.#deps.nowMs() < settled.keeping.againAtMs) {
      return settled.keeping;
    }
    this.#settled.delete(key);
    const keeping = await this.#tryToKeep(cluster, signal);
    if (keeping.kind === 'kept' && !isUnderWay(keeping) && keeping.obstacle === undefined) {
      this.#settled.set(key, { asked, keeping });
    }
    return keeping;
  }

  /** The cluster of `key` is gone. */
  forget(key: string): void {
    this.#settled.delete(key);
  }

  async #tryToKeep(cluster: CertificatesOf, signal: AbortSignal): Promise<Keeping> {
    try {
      return await this.#keep(cluster, signal);
    } catch (error) {
      return error instanceof ObstacleError ? error.obstacle : { kind: 'failed', why: errorText(error) };
    }
  }

  async #keep(cluster: CertificatesOf, signal: AbortSignal): Promise<Keeping> {
    const { names, namespace, clusterDomain, tls, users } = cluster;
    const wishes = wantedLeaves(names, namespace, clusterDomain, tls, users);
    const shelf = new SecretShelf(this.#deps.secrets, { namespace, name: names.cluster });
    const source = sourceOf(tls);
    const provided = await this.#sources.read(source, { ...cluster, wishes }, signal);
    const stock = await takeStock(shelf, names, wishes, provided, signal);
    if (provided.kind === 'source' && !hasAllSides(stock)) {
      return provided;
    }
    const { authorities, step, trustStep, wish } = await this.#advance(cluster, provided, stock);
    if (stock.secret === undefined || authorities !== stock.authorities) {
      const object = authoritiesSecret(
        cluster.metadataOf(names.caSecret),
        authorities,
        authorityGivenBy(provided),
      );
      await shelf.write(stock.secret, object, signal);
    }
    const leaves = await keepLeaves(
      { ...this.#deps, shelf, tls, metadataOf: cluster.metadataOf },
      { wishes, stock, authorities, wish, trustStep },
      signal,
    );
    const kept = {
      kind: 'kept',
      authorities,
      trust: trustDigestsOf(authorities),
      step,
      trustStep,
      obstacle: provided.kind === 'source' ? provided : undefined,
      expiries: [expiryOf(names.caSecret, authorities), ...leaves.expiries],
    } as const;
    const lookMs = isUnderWay(kept) ? UNDER_WAY_LOOK_MS : source.kind === 'own' ? OWN_LOOK_MS : GIVEN_LOOK_MS;
    return { ...kept, againAtMs: Math.min(this.#deps.nowMs() + lookMs, leaves.againAtMs) };
  }

  /** At most one step of each kind, so that every one is seen by all before the next is thought of. */
  async #advance(cluster: CertificatesOf, provided: Provided, stock: Stock) {
    const members = wordOf(cluster.statuses, stock);
    const own = await advanceOwn(this.#deps, {
      stored: stock.authorities,
      members,
      given: provided.kind === 'authority' ? provided.pair : undefined,
      request: cluster.request,
      isRotated: cluster.tls.autoRotate !== false,
    });
    const wish: TrustWish = {
      nowMs: this.#deps.nowMs(),
      authorities: own.authorities,
      wanted: wantedOf(provided),
      stored: storedSides(stock),
      members,
    };
    const trust = advanceTrust(wish);
    const { authorities } = trust;
    return { authorities, step: own.step, trustStep: trust.step, wish: { ...wish, authorities } };
  }
}

function wantedOf(provided: Provided): TrustWish['wanted'] {
  switch (provided.kind) {
    case 'given':
      return provided;
    case 'source':
      return 'unknown';
    default:
      return 'own';
  }
}

function authorityGivenBy(provided: Provided): string | undefined {
  return provided.kind === 'authority' ? provided.pair.certificate : undefined;
}

function expiryOf(secret: string, { current }: Authorities): Expiry {
  return { certificate: 'authority', secret, notAfterMs: authorityFacts(current).notAfterMs };
}

function isUnderWay({ step, trustStep }: Pick<Kept, 'step' | 'trustStep'>): boolean {
  return [step, trustStep].some((each) => each.kind !== 'rest' || each.waitingFor !== undefined);
}

/** All that a keeping depends on beside the Secrets and the time. */
function questionOf({ statuses, tls, users, hosts, request }: CertificatesOf): string {
  return JSON.stringify([tls, users, hosts, request, statuses.map((status) => status?.certificates ?? null)]);
}
