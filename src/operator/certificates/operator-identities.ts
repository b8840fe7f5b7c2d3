/** Who the operator is to the agents of each cluster: a certificate of that cluster's own authority. */
import type { RecordKeeper } from '../../kube/object-api.ts';
import { readCertificate } from '../../pki/read-certificate.ts';
import { objectNamesOf } from '../../resources/names.ts';
import { createHttpClient, type HttpClient } from '../../runtime/http-client.ts';
import type { TlsMaterial } from '../../runtime/tls-material.ts';
import { type Authorities, signerOf, trustBundleOf } from './authorities.ts';
import type { Issuer } from './issuer.ts';
import { readAuthorities } from './secret-contents.ts';
import { SecretShelf } from './secret-shelf.ts';

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

type Known = { readonly http: HttpClient; material: TlsMaterial; trust: string; renewAtMs: number };

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
    const trust = trustBundleOf(authorities, 'agent');
    const known = this.#known.get(key);
    const nowMs = this.#deps.nowMs();
    if (known !== undefined && known.trust === trust && nowMs < known.renewAtMs) {
      return;
    }
    const request = {
      commonName: OPERATOR_NAME,
      dnsNames: [],
      ipAddresses: [],
      usages: ['client'],
      lifeMs: LIFE_MS,
    } as const;
    const leaf = await this.#deps.issuer.leaf(signerOf(authorities), request, nowMs);
    const material = { ...leaf, authorities: trust };
    const notAfterMs = readCertificate(leaf.certificate)?.notAfterMs ?? nowMs;
    const renewAtMs = nowMs + (notAfterMs - nowMs) * LIFE_SHARE;
    if (known === undefined) {
      const added: Known = {
        material,
        trust,
        renewAtMs,
        http: createHttpClient({ identity: () => added.material }),
      };
      this.#known.set(key, added);
    } else {
      Object.assign(known, { material, trust, renewAtMs });
    }
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
}
