/**
 * The authority behind the webhook's certificate. It is kept in a Secret, so that all replicas agree: each issues
 * itself a certificate of it, and any of them may be asked. A new authority is made long before the old one expires,
 * and both are trusted until then, so that no replica has to hurry.
 */
import * as v from 'valibot';
import type { KubeObject } from '../../kube/kube-object.ts';
import type { KeyPair } from '../../pki/certificate.ts';
import { certificatesIn, isKeyOf, readCertificate } from '../../pki/read-certificate.ts';

export type WebhookAuthority = {
  /** It signs. */
  readonly pair: KeyPair;
  /** All that are trusted, itself first. PEM. */
  readonly bundle: string;
};

const DAY_MS = 86_400_000;
/** Nobody sees it but the API server, which is told of a new one within the hour. */
export const AUTHORITY_LIFE_MS = 365 * DAY_MS;
const LIFE_SHARE = 2 / 3;
/** One that signs, and one that has signed what may still be shown. */
const TRUSTED_MAX = 2;

const FIELDS = { bundle: 'ca.crt', key: 'ca.key' } as const;
const secretSchema = v.looseObject({
  data: v.object({ [FIELDS.bundle]: v.string(), [FIELDS.key]: v.string() }),
});

/** The authority in a Secret; undefined when it holds none that could sign. */
export function authorityIn(secret: KubeObject): WebhookAuthority | undefined {
  const parsed = v.safeParse(secretSchema, secret);
  if (!parsed.success) {
    return undefined;
  }
  const [bundle, key] = [decoded(parsed.output.data[FIELDS.bundle]), decoded(parsed.output.data[FIELDS.key])];
  const [certificate] = certificatesIn(bundle);
  return certificate !== undefined && isKeyOf(certificate, key)
    ? { pair: { certificate, key }, bundle }
    : undefined;
}

/** Whether another is to take its place now. */
export function isDue({ pair }: WebhookAuthority, nowMs: number): boolean {
  const facts = readCertificate(pair.certificate);
  return (
    facts === undefined || nowMs >= facts.notBeforeMs + (facts.notAfterMs - facts.notBeforeMs) * LIFE_SHARE
  );
}

/** `pair` from now on, and the one before it trusted for as long as it is valid. */
export function succeeding(
  before: WebhookAuthority | undefined,
  pair: KeyPair,
  nowMs: number,
): WebhookAuthority {
  const old = certificatesIn(before?.bundle ?? '').filter(
    (each) => (readCertificate(each)?.notAfterMs ?? 0) > nowMs,
  );
  return { pair, bundle: [pair.certificate, ...old].slice(0, TRUSTED_MAX).join('') };
}

/** The fields of the Secret that keeps it. */
export function secretFields({ pair, bundle }: WebhookAuthority): { readonly data: Record<string, string> } {
  return { data: { [FIELDS.bundle]: encoded(bundle), [FIELDS.key]: encoded(pair.key) } };
}

function encoded(text: string): string {
  return Buffer.from(text).toString('base64');
}

function decoded(text: string): string {
  return Buffer.from(text, 'base64').toString('utf8');
}
