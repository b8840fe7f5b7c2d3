/** Who the operator is to the agents and the etcd of each cluster: certificates of that cluster's own authority. */
import type { RecordKeeper } from '../../kube/object-api.ts';
import { ROOT } from '../../model/etcd-auth.ts';
import { readCertificate } from '../../pki/read-certificate.ts';
import { objectNamesOf } from '../../resources/names.ts';
import { createHttpClient, type HttpClient } from '../../runtime/http-client.ts';
import type { TlsMaterial } from '../../runtime/tls-material.ts';
import { type Authorities, signerOf, trustBundleOf } from './authorities.ts';
import type { Issuer } from './issuer.ts';
import { readAuthorities } from './secret-contents.ts';
import { ObstacleError, SecretShelf } from './secret-shelf.ts';

export type OperatorIdentitiesDeps = {
  readonly secrets: RecordKeeper;
  readonly issuer: Issuer;
  readonly nowMs: () => number;
};

/** Agents let in whoever shows it (see `src/agent/serve/pages.ts`). */
const OPERATOR_NAME = 'quorate-operator';
/** Kept in memory only, so it may be short. */
const LIFE_MS = 7 * 86_400_000;
const LIFE_SHARE = 2 / 3;

type Issued = { readonly material: TlsMaterial; readonly trust: string; readonly renewAtMs: number };

type Known = {
  readonly http: HttpClient;
  authorities: Authorities;
  operator: Issued;
  /** Made when it is first needed. */
  root: Issued | undefined;
};

export class OperatorIdentities {
  readonly #deps: OperatorIdentitiesDeps;
  readonly #known = new Map<string, Known>();

  constructor(deps: OperatorIdentitiesDeps) {
    this.#deps = deps;
  }

  /** Asks the agents of the cluster of `key`; undefined until its authority is known. */
  httpOf(key: string): HttpClient | undefined {
    return this.#known.get(key)?.http;
  }

  /** The cluster has these authorities now. @throws Error when nothing can be signed with them */
  async take(key: string, authorities: Authorities): Promise<void> {
    const known = this.#known.get(key);
    const trust = trustBundleOf(authorities, 'agent');
    const operator = await this.#issued(known?.operator, OPERATOR_NAME, authorities, trust);
    if (known !== undefined) {
      Object.assign(known, { authorities, operator });
      return;
    }
    const added: Known = {
      authorities,
      operator,
      root: undefined,
      http: createHttpClient({ identity: () => added.operator.material }),
    };
    this.#known.set(key, added);
  }

  /**
   * Who the operator is to the etcd of the cluster of `key`, which takes the name of a certificate for that of a user
   * (3.5–3.7, `AuthInfoFromTLS`). @throws ObstacleError; Error when nothing can be signed
   */
  async asRoot(key: string): Promise<TlsMaterial> {
    const known = this.#known.get(key);
    if (known === undefined) {
      throw new ObstacleError({ kind: 'failed', why: 'there is no certificate to show yet' });
    }
    const { authorities } = known;
    known.root = await this.#issued(known.root, ROOT, authorities, trustBundleOf(authorities, 'client'));
    return known.root.material;
  }

  /** Reads the authorities where they are not known: an operator that has just started, or may change nothing. */
  async ensure(key: string, namespace: string, cluster: string, signal: AbortSignal): Promise<void> {
    if (this.#known.has(key)) {
      return;
    }
    const shelf = new SecretShelf(this.#deps.secrets, { namespace, name: cluster });
    const secret = await shelf.read(objectNamesOf(cluster).caSecret, signal).catch(() => undefined);
    const authorities = secret === undefined ? undefined : readAuthorities(secret);
    if (authorities !== undefined) {
      await this.take(key, authorities).catch(() => undefined);
    }
  }

  forget(key: string): void {
    void this.#known.get(key)?.http.close();
    this.#known.delete(key);
  }

  /** `before` for as long as it is good. */
  async #issued(
    before: Issued | undefined,
    commonName: string,
    authorities: Authorities,
    trust: string,
  ): Promise<Issued> {
    const nowMs = this.#deps.nowMs();
    if (before !== undefined && before.trust === trust && nowMs < before.renewAtMs) {
      return before;
    }
    const request = {
      commonName,
      dnsNames: [],
      ipAddresses: [],
      usages: ['client'],
      lifeMs: LIFE_MS,
    } as const;
    const leaf = await this.#deps.issuer.leaf(signerOf(authorities), request, nowMs);
    const notAfterMs = readCertificate(leaf.certificate)?.notAfterMs ?? nowMs;
    return {
      material: { ...leaf, authorities: trust },
      trust,
      renewAtMs: nowMs + (notAfterMs - nowMs) * LIFE_SHARE,
    };
  }
}
