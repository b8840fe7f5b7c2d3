/** What cert-manager is asked for (cert-manager.io/v1, of 1.0 and later). */
import type { IssuerReference } from '../../api/security-spec.ts';
import type { AppliedMetadata, AppliedObject } from '../../resources/applied-object.ts';
import type { ObjectNames } from '../../resources/names.ts';
import type { GivenSide } from './given-certificates.ts';
import { type LeafWish, LIFE_PER_PERIOD } from './wanted-leaves.ts';

export const CERTIFICATE = {
  apiVersion: 'cert-manager.io/v1',
  kind: 'Certificate',
  plural: 'certificates',
} as const;

type CertificateObject = AppliedObject & {
  readonly spec: {
    readonly secretName: string;
    readonly commonName: string;
    readonly dnsNames: readonly string[];
    readonly ipAddresses: readonly string[];
    readonly usages: readonly string[];
    readonly duration: string;
    readonly renewBefore: string;
    readonly privateKey: Readonly<Record<string, string | number>>;
    readonly issuerRef: Readonly<Record<string, string>>;
  };
};

/** Certificate and Secret that cert-manager keeps for one side; not those that Pods get, which are checked first. */
export function issuedNameOf({ cluster }: ObjectNames, side: GivenSide): string {
  return `${cluster}-${side}-issued`;
}

/** The Certificate for `wish`: the same names and the same life as one that the operator would issue. */
export function certificateObject(
  metadata: AppliedMetadata,
  { request }: LeafWish,
  issuer: IssuerReference,
): CertificateObject {
  const { commonName, dnsNames, ipAddresses, lifeMs } = request;
  return {
    apiVersion: CERTIFICATE.apiVersion,
    kind: CERTIFICATE.kind,
    metadata,
    spec: {
      secretName: metadata.name,
      commonName,
      dnsNames,
      ipAddresses,
      usages: ['digital signature', 'server auth', 'client auth'],
      duration: secondsText(lifeMs),
      renewBefore: secondsText(lifeMs - lifeMs / LIFE_PER_PERIOD),
      privateKey: { algorithm: 'ECDSA', size: 256, encoding: 'PKCS8', rotationPolicy: 'Always' },
      issuerRef: { name: issuer.name, kind: issuer.kind ?? 'Issuer', group: 'cert-manager.io' },
    },
  };
}

/** The message of its condition `Ready`; undefined before cert-manager has said anything. */
export function readyMessageOf(certificate: Readonly<Record<string, unknown>>): string | undefined {
  const { status } = certificate;
  const conditions: unknown =
    typeof status === 'object' && status !== null && 'conditions' in status ? status.conditions : undefined;
  for (const condition of Array.isArray(conditions) ? conditions : []) {
    if (condition?.type === 'Ready' && typeof condition.message === 'string') {
      return condition.message;
    }
  }
  return undefined;
}

function secondsText(ms: number): string {
  return `${Math.round(ms / 1_000)}s`;
}
