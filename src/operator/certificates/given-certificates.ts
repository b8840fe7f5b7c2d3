/** Certificates of members that somebody else issues, and whether members could use them. */
import type { KeyPair, Usage } from '../../pki/certificate.ts';
import { certificatesIn, isKeyOf, leadsTo, readCertificate } from '../../pki/read-certificate.ts';
import { isValidAt, validityText } from '../../pki/validity.ts';

/** The sides of a member whose certificates can be given. */
export const GIVEN_SIDES = ['server', 'peer'] as const;

export type GivenSide = (typeof GIVEN_SIDES)[number];

/** What members are to show on both sides, and the authorities that have signed it. */
export type GivenCertificates = {
  readonly server: KeyPair;
  readonly peer: KeyPair;
  /** PEM. */
  readonly authorities: string;
};

/** What is given for one side, as it was found. */
export type GivenTexts = {
  readonly certificate: string;
  readonly key: string;
  readonly authorities: string;
  /** The Secrets it was found in, for people: `Secret own-tls`. */
  readonly certificateFrom: string;
  readonly authoritiesFrom: string;
};

export type GivenNeed = {
  /** Names that whoever dials a member looks for. */
  readonly hosts: readonly string[];
  readonly usages: readonly Usage[];
  readonly nowMs: number;
};

export type GivenFinding =
  | { readonly kind: 'usable'; readonly pair: KeyPair; readonly authorities: string }
  | { readonly kind: 'unusable'; readonly why: string };

/** More names than these are only counted. */
const NAMES_TOLD_MAX = 2;

/**
 * Whether members could show this to each other and to clients. Looked at before any member gets it: etcd reads its
 * files at every handshake (3.5–3.7), and one that it cannot use would cut off members that run.
 */
export function inspectGiven(given: GivenTexts, need: GivenNeed): GivenFinding {
  const chain = certificatesIn(given.certificate).join('');
  const authorities = certificatesIn(given.authorities).join('');
  const why = problemOf({ ...given, certificate: chain, authorities }, need);
  return why === undefined
    ? { kind: 'usable', pair: { certificate: chain, key: given.key }, authorities }
    : { kind: 'unusable', why };
}

function problemOf(given: GivenTexts, { hosts, usages, nowMs }: GivenNeed): string | undefined {
  const { certificate, key, authorities, certificateFrom, authoritiesFrom } = given;
  const facts = readCertificate(certificate);
  if (facts === undefined) {
    return `${certificateFrom} has no certificate in tls.crt. Put one there, in PEM.`;
  }
  if (!isKeyOf(certificate, key)) {
    return `tls.key of ${certificateFrom} is not the key of its tls.crt. Put both there from one issue.`;
  }
  if (authorities === '') {
    return `${authoritiesFrom} has no certificate in ca.crt. Put the authority there that signed the members’ certificates, in PEM.`;
  }
  if (!leadsTo(certificate, authorities)) {
    return `The certificate of ${certificateFrom} does not lead to an authority in ca.crt of ${authoritiesFrom} that signed itself. Put the one there that issued it, with all above it.`;
  }
  if (!isValidAt(facts, nowMs)) {
    return `The certificate of ${certificateFrom} is good ${validityText(facts)}, which is not now. Put a fresh one there.`;
  }
  const unused = usages.filter((usage) => facts.usages.length > 0 && !facts.usages.includes(usage));
  if (unused.length > 0) {
    return `The certificate of ${certificateFrom} is not for ${unused.join(' and ')} authentication, which members need. Issue it for both.`;
  }
  const missing = hosts.filter((host) => !facts.dnsNames.some((name) => covers(name, host)));
  return missing.length === 0
    ? undefined
    : `The certificate of ${certificateFrom} is not for ${namesText(missing)}, so that nobody would believe those members. Issue it for these names, or for *.${afterFirstLabel(missing[0] ?? '')}.`;
}

/** RFC 6125, §6.4.3: a star stands for one label. */
function covers(name: string, host: string): boolean {
  return (
    name.toLowerCase() === host.toLowerCase() ||
    (name.startsWith('*.') && name.slice(2).toLowerCase() === afterFirstLabel(host).toLowerCase())
  );
}

function afterFirstLabel(host: string): string {
  return host.slice(host.indexOf('.') + 1);
}

function namesText(names: readonly string[]): string {
  const rest = names.length - NAMES_TOLD_MAX;
  const told = names.slice(0, NAMES_TOLD_MAX).join(', ');
  return rest > 0 ? `${told} and ${rest} more` : told;
}
