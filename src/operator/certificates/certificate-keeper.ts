/** Keeps the Secrets of a cluster's certificates as they are to be: issues, renews, rotates. */
import { createHash } from 'node:crypto';
import type { TlsSpec } from '../../api/security-spec.ts';
import type { LiveObject } from '../../kube/kube-object.ts';
import type { RecordKeeper } from '../../kube/object-api.ts';
import type { AgentStatus } from '../../model/agent-status.ts';
import type { Side } from '../../model/certificates.ts';
import type { KeyPair, LeafRequest } from '../../pki/certificate.ts';
import type { AppliedMetadata } from '../../resources/applied-object.ts';
import type { ObjectNames } from '../../resources/names.ts';
import { errorText } from '../../runtime/error-text.ts';
import { keyOf } from '../cache/object-store.ts';
import { type AuthorityStep, type MembersWord, planAuthority } from './authority-plan.ts';
import { type LeafStep, planLeaf } from './leaf-plan.ts';
import { membersWord } from './members-word.ts';
import {
  type Authorities,
  authoritiesSecret,
  factsOf,
  leafSecret,
  readAuthorities,
  readLeaf,
  signerOf,
  trustBundleOf,
  withoutKey,
} from './secret-contents.ts';
import { type Obstacle, ObstacleError, SecretShelf } from './secret-shelf.ts';
import { type LeafName, type LeafWish, rotationPeriodOf, wantedLeaves } from './wanted-leaves.ts';

/** Signs; an adapter, since its library is large. */
export type Issuer = {
  authority(commonName: string, nowMs: number, lifeMs: number): Promise<KeyPair>;
  leaf(authority: KeyPair, request: LeafRequest, nowMs: number): Promise<KeyPair>;
};

export type CertificateKeeperDeps = {
  readonly secrets: RecordKeeper;
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
  /** Only the agents' own where somebody else gives those of etcd. */
  readonly issues: 'all' | 'agents';
  /** What a human asks for with an annotation. */
  readonly request: string;
  /** One for each Pod; undefined where its agent was not heard. */
  readonly statuses: readonly (AgentStatus | undefined)[];
  /** Metadata of the Secret called `name`. */
  readonly metadataOf: (name: string) => AppliedMetadata;
};

export type Keeping =
  | {
      readonly kind: 'kept';
      readonly authorities: Authorities;
      /** SHA-256 of the authorities that are trusted, as hex. */
      readonly trust: string;
      /** What a rotation under way waits for; `rest` without more where there is none. */
      readonly step: AuthorityStep;
      readonly againAtMs: number;
    }
  | Obstacle;

const DAY_MS = 86_400_000;
const AUTHORITY_LIFE_MS = 3_650 * DAY_MS;
/** What others may have changed in a Secret is seen after this. */
const LOOK_MS = 60_000;

/** The side of a member on which a certificate is shown; users' are shown by nobody here. */
const SIDE_OF: Readonly<Record<LeafName, Side | undefined>> = {
  server: 'client',
  peer: 'peer',
  agent: 'agent',
  client: undefined,
};

type Settled = { readonly asked: string; readonly keeping: Extract<Keeping, { kind: 'kept' }> };

export class CertificateKeeper {
  readonly #deps: CertificateKeeperDeps;
  readonly #settled = new Map<string, Settled>();

  constructor(deps: CertificateKeeperDeps) {
    this.#deps = deps;
  }

  /**
   * Makes the Secrets of one cluster so, one step of a rotation at most. Never throws. What is settled is looked at
   * again after a minute, or when a member or a human says something else.
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
    if (keeping.kind === 'kept' && keeping.step.kind === 'rest') {
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
    const { names, namespace, clusterDomain, tls } = cluster;
    const shelf = new SecretShelf(this.#deps.secrets, { namespace, name: names.cluster });
    const all = wantedLeaves(names, namespace, clusterDomain, tls);
    const wishes = cluster.issues === 'all' ? all : all.filter(({ name }) => name === 'agent');
    const secret = await shelf.read(names.caSecret, signal);
    const leaves = await readAll(shelf, wishes, signal);
    const stored = secret === undefined ? withoutKey([...leaves.values()]) : readAuthorities(secret);
    const { authorities, step } = await this.#rotate(shelf, cluster, secret, stored, leaves, signal);
    const againAtMs: number[] = [this.#deps.nowMs() + LOOK_MS];
    for (const wish of wishes) {
      againAtMs.push(await this.#keepLeaf(shelf, cluster, authorities, wish, leaves.get(wish.name), signal));
    }
    const trust = digestOf(trustBundleOf(authorities));
    return { kind: 'kept', authorities, trust, step, againAtMs: Math.min(...againAtMs) };
  }

  /** At most one step, so that every one is seen by all before the next is thought of. */
  async #rotate(
    shelf: SecretShelf,
    cluster: CertificatesOf,
    secret: LiveObject | undefined,
    stored: Authorities | undefined,
    leaves: ReadonlyMap<LeafName, LiveObject>,
    signal: AbortSignal,
  ): Promise<{ readonly authorities: Authorities; readonly step: AuthorityStep }> {
    const nowMs = this.#deps.nowMs();
    const step = planAuthority({
      nowMs,
      stored: stored === undefined ? null : factsOf(stored),
      members: this.#membersWord(cluster, stored, leaves),
      request: cluster.request,
      isRotated: cluster.tls.autoRotate !== false,
    });
    const next = await this.#after(step, cluster, stored, nowMs);
    if (next === stored) {
      return { authorities: next, step };
    }
    const object = authoritiesSecret(cluster.metadataOf(cluster.names.caSecret), next);
    await shelf.write(secret, object, signal);
    return { authorities: next, step };
  }

  async #after(
    step: AuthorityStep,
    cluster: CertificatesOf,
    stored: Authorities | undefined,
    nowMs: number,
  ): Promise<Authorities> {
    if (stored === undefined) {
      const current = await this.#newAuthority(nowMs);
      return { current, next: undefined, previous: undefined, sinceMs: nowMs, answered: cluster.request };
    }
    switch (step.kind) {
      case 'trust-next': {
        const next = await this.#newAuthority(nowMs);
        return { ...stored, next, sinceMs: nowMs, answered: cluster.request };
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
  #newAuthority(nowMs: number): Promise<KeyPair> {
    const mark = Math.floor(this.#deps.random() * 2 ** 32).toString(16);
    return this.#deps.issuer.authority(`etcd-ca-${mark.padStart(8, '0')}`, nowMs, AUTHORITY_LIFE_MS);
  }

  #membersWord(
    cluster: CertificatesOf,
    stored: Authorities | undefined,
    leaves: ReadonlyMap<LeafName, LiveObject>,
  ): MembersWord {
    if (stored === undefined) {
      return { isTrustLoaded: 'unknown', areLeavesTaken: 'unknown' };
    }
    const digests = [...leaves].flatMap(([name, secret]) => {
      const side = SIDE_OF[name];
      const leaf = readLeaf(secret, stored);
      return side === undefined || leaf === undefined
        ? []
        : ([[side, digestOf(leaf.pair.certificate)]] as const);
    });
    return membersWord(cluster.statuses, {
      trust: digestOf(trustBundleOf(stored)),
      leaves: new Map(digests),
    });
  }

  /** When there is something to do for it next. */
  async #keepLeaf(
    shelf: SecretShelf,
    cluster: CertificatesOf,
    authorities: Authorities,
    { request, secret: name }: LeafWish,
    secret: LiveObject | undefined,
    signal: AbortSignal,
  ): Promise<number> {
    const nowMs = this.#deps.nowMs();
    const leaf = secret === undefined ? undefined : readLeaf(secret, authorities);
    const step: LeafStep = planLeaf({
      nowMs,
      stored: secret === undefined ? null : (leaf?.stored ?? 'unreadable'),
      request,
      isRotated: cluster.tls.autoRotate !== false,
      periodMs: rotationPeriodOf(cluster.tls),
    });
    if (step.kind === 'rest') {
      return step.againAtMs;
    }
    const pair =
      step.kind === 'store-trust' && leaf !== undefined
        ? leaf.pair
        : await this.#deps.issuer.leaf(signerOf(authorities), request, nowMs);
    const object = leafSecret(cluster.metadataOf(name), pair, trustBundleOf(authorities));
    await shelf.write(secret, object, signal);
    return nowMs + LOOK_MS;
  }
}

/** All that a keeping depends on beside the Secrets and the time. */
function questionOf({ statuses, tls, issues, request }: CertificatesOf): string {
  return JSON.stringify([tls, issues, request, statuses.map((status) => status?.certificates ?? null)]);
}

async function readAll(
  shelf: SecretShelf,
  wishes: readonly LeafWish[],
  signal: AbortSignal,
): Promise<ReadonlyMap<LeafName, LiveObject>> {
  const found = await Promise.all(
    wishes.map(async ({ name, secret }) => [name, await shelf.read(secret, signal)] as const),
  );
  return new Map(found.flatMap(([name, secret]) => (secret === undefined ? [] : [[name, secret]])));
}

function digestOf(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
