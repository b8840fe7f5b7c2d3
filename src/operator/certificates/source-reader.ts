/** Reads the certificates and authorities that others give, as far as members could use them. */
import type { LiveObject } from '../../kube/kube-object.ts';
import type { ObjectWriter, RecordKeeper } from '../../kube/object-api.ts';
import { failureText } from '../../kube/outcome.ts';
import type { KeyPair } from '../../pki/certificate.ts';
import { certificatesIn } from '../../pki/read-certificate.ts';
import type { AppliedMetadata } from '../../resources/applied-object.ts';
import type { ObjectNames } from '../../resources/names.ts';
import type { CertificateSource } from './certificate-source.ts';
import { authorityProblem } from './given-authority.ts';
import {
  GIVEN_SIDES,
  type GivenCertificates,
  type GivenSide,
  type GivenTexts,
  inspectGiven,
} from './given-certificates.ts';
import { CERTIFICATE, certificateObject, issuedNameOf, readyMessageOf } from './issuer-certificates.ts';
import { dataIn } from './secret-contents.ts';
import { ObstacleError, obstacleOf, readSecret } from './secret-shelf.ts';
import type { LeafWish } from './wanted-leaves.ts';

/** Why what is given cannot be used, and what to do. Members go on with what they have. */
export type SourceObstacle = {
  readonly kind: 'source';
  readonly reason: 'SecretMissing' | 'CertificateUnusable' | 'IssuerUnavailable' | 'IssuerPending';
  readonly message: string;
};

export type Provided =
  /** The operator makes everything. */
  | { readonly kind: 'own' }
  | { readonly kind: 'authority'; readonly pair: KeyPair }
  | { readonly kind: 'given'; readonly certificates: GivenCertificates }
  | SourceObstacle;

/** For whom something is given. */
export type SourceAsker = {
  readonly names: ObjectNames;
  readonly namespace: string;
  readonly wishes: readonly LeafWish[];
  /** Names that whoever dials the members there are now looks for. */
  readonly hosts: readonly string[];
  readonly metadataOf: (name: string) => AppliedMetadata;
};

export type SourceReaderDeps = {
  readonly secrets: Pick<RecordKeeper, 'read'>;
  readonly writer: Pick<ObjectWriter, 'apply'>;
  readonly nowMs: () => number;
};

export class SourceReader {
  readonly #deps: SourceReaderDeps;

  constructor(deps: SourceReaderDeps) {
    this.#deps = deps;
  }

  /** What `source` gives now. @throws ObstacleError when it cannot be known */
  async read(source: CertificateSource, asker: SourceAsker, signal: AbortSignal): Promise<Provided> {
    switch (source.kind) {
      case 'own':
        return { kind: 'own' };
      case 'authority':
        return this.#readAuthority(source.caSecret, asker, signal);
      case 'secret':
        return this.#readSecrets(source, asker, signal);
      case 'issuer':
        return this.#readIssued(source, asker, signal);
    }
  }

  async #readAuthority(caSecret: string, { namespace }: SourceAsker, signal: AbortSignal): Promise<Provided> {
    const data = await this.#dataOf(caSecret, namespace, signal);
    if (data === undefined) {
      return missing(caSecret, namespace, 'security.tls.caSecret', 'ca.crt and tls.key');
    }
    const certificate = certificatesIn(data.get('tls.crt') ?? data.get('ca.crt') ?? '').join('');
    const pair = { certificate, key: data.get('tls.key') ?? '' };
    const why = authorityProblem(pair, data.get('ca.crt') ?? '', this.#deps.nowMs());
    return why === undefined ? { kind: 'authority', pair } : unusable(`Secret ${caSecret} ${why}`);
  }

  async #readSecrets(
    { certificateSecret, caSecret }: Extract<CertificateSource, { kind: 'secret' }>,
    asker: SourceAsker,
    signal: AbortSignal,
  ): Promise<Provided> {
    const { namespace } = asker;
    const shown = await this.#dataOf(certificateSecret, namespace, signal);
    if (shown === undefined) {
      return missing(certificateSecret, namespace, 'security.tls.certificateSecret', 'tls.crt and tls.key');
    }
    const trusted = await this.#dataOf(caSecret, namespace, signal);
    if (trusted === undefined) {
      return missing(caSecret, namespace, 'security.tls.caSecret', 'ca.crt');
    }
    const texts = textsOf(shown, `Secret ${certificateSecret}`, trusted, `Secret ${caSecret}`);
    return this.#together({ server: texts, peer: texts }, asker);
  }

  async #readIssued(
    source: Extract<CertificateSource, { kind: 'issuer' }>,
    asker: SourceAsker,
    signal: AbortSignal,
  ): Promise<Provided> {
    const { names, namespace } = asker;
    const found: Partial<Record<GivenSide, GivenTexts>> = {};
    for (const side of GIVEN_SIDES) {
      const asked = await this.#ask(source, side, asker, signal);
      if (asked.kind !== 'asked') {
        return asked;
      }
      const name = issuedNameOf(names, side);
      const data = await this.#dataOf(name, namespace, signal);
      if (data === undefined || (data.get('tls.crt') ?? '') === '') {
        return pending(name, source.issuer.name, readyMessageOf(asked.certificate));
      }
      const trusted =
        source.caSecret === undefined ? data : await this.#dataOf(source.caSecret, namespace, signal);
      if (trusted === undefined) {
        return missing(source.caSecret ?? '', namespace, 'security.tls.caSecret', 'ca.crt');
      }
      found[side] = textsOf(data, `Secret ${name}`, trusted, `Secret ${source.caSecret ?? name}`);
    }
    const { server, peer } = found;
    return server === undefined || peer === undefined
      ? pending(names.cluster, source.issuer.name, undefined)
      : this.#together({ server, peer }, asker);
  }

  async #ask(
    { issuer }: Extract<CertificateSource, { kind: 'issuer' }>,
    side: GivenSide,
    { names, wishes, metadataOf }: SourceAsker,
    signal: AbortSignal,
  ): Promise<SourceObstacle | { readonly kind: 'asked'; readonly certificate: LiveObject }> {
    const wish = wishes.find(({ name }) => name === side);
    if (wish === undefined) {
      return pending(names.cluster, issuer.name, undefined);
    }
    const object = certificateObject(metadataOf(issuedNameOf(names, side)), wish, issuer);
    const outcome = await this.#deps.writer.apply(CERTIFICATE, object, signal);
    switch (outcome.kind) {
      case 'done':
        return { kind: 'asked', certificate: outcome.value };
      case 'not-found':
        return { kind: 'source', reason: 'IssuerUnavailable', message: NO_CERT_MANAGER };
      case 'unknown':
        throw new ObstacleError(obstacleOf(outcome));
      default:
        return {
          kind: 'source',
          reason: 'IssuerUnavailable',
          message: `Certificate ${object.metadata.name} could not be asked of cert-manager: ${failureText(outcome)}`,
        };
    }
  }

  #together(texts: Readonly<Record<GivenSide, GivenTexts>>, { hosts }: SourceAsker): Provided {
    const need = { hosts, usages: ['server', 'client'] as const, nowMs: this.#deps.nowMs() };
    const server = inspectGiven(texts.server, need);
    if (server.kind === 'unusable') {
      return unusable(server.why);
    }
    const peer = inspectGiven(texts.peer, need);
    if (peer.kind === 'unusable') {
      return unusable(peer.why);
    }
    const authorities = [...new Set(certificatesIn(server.authorities + peer.authorities))].join('');
    return { kind: 'given', certificates: { server: server.pair, peer: peer.pair, authorities } };
  }

  async #dataOf(
    name: string,
    namespace: string,
    signal: AbortSignal,
  ): Promise<ReadonlyMap<string, string> | undefined> {
    const secret = await readSecret(this.#deps.secrets, { namespace, name }, signal);
    return secret === undefined ? undefined : dataIn(secret);
  }
}

const NO_CERT_MANAGER =
  'spec.security.tls.issuerRef needs cert-manager, whose API (cert-manager.io/v1) this Kubernetes does not have. Install it, or take autoTLS or certificateSecret instead.';

function textsOf(
  shown: ReadonlyMap<string, string>,
  certificateFrom: string,
  trusted: ReadonlyMap<string, string>,
  authoritiesFrom: string,
): GivenTexts {
  return {
    certificate: shown.get('tls.crt') ?? '',
    key: shown.get('tls.key') ?? '',
    authorities: trusted.get('ca.crt') ?? '',
    certificateFrom,
    authoritiesFrom,
  };
}

function missing(secret: string, namespace: string, field: string, keys: string): SourceObstacle {
  return {
    kind: 'source',
    reason: 'SecretMissing',
    message: `Secret ${secret}, which spec.${field} names, is not there. Create it in namespace ${namespace} with ${keys}; members keep the certificates that they have.`,
  };
}

function unusable(why: string): SourceObstacle {
  return {
    kind: 'source',
    reason: 'CertificateUnusable',
    message: `${why} Members keep the certificates that they have.`,
  };
}

function pending(name: string, issuer: string, word: string | undefined): SourceObstacle {
  const said = word === undefined ? 'it has said nothing yet' : `it says: ${word}`;
  return {
    kind: 'source',
    reason: 'IssuerPending',
    message: `cert-manager has not issued Certificate ${name} by issuer ${issuer}; ${said}.`,
  };
}
