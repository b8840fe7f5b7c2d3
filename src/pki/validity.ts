import type { CertificateFacts } from './certificate.ts';

type Validity = Pick<CertificateFacts, 'notBeforeMs' | 'notAfterMs'>;

/** Whether a certificate is good at that time; as etcd has it (Go, crypto/x509), both ends are. */
export function isValidAt({ notBeforeMs, notAfterMs }: Validity, nowMs: number): boolean {
  return nowMs >= notBeforeMs && nowMs <= notAfterMs;
}

/** Such as `from 2026-05-01T12:00:00Z to 2026-07-30T12:00:00Z`. */
export function validityText({ notBeforeMs, notAfterMs }: Validity): string {
  return `from ${timeText(notBeforeMs)} to ${timeText(notAfterMs)}`;
}

/** Seconds are all a certificate can tell. */
function timeText(ms: number): string {
  return new Date(ms).toISOString().replace(/\.\d+Z$/, 'Z');
}
