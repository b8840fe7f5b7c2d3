import { createHash } from 'node:crypto';
import { readFile, realpath, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { TlsMaterial } from '../runtime/tls-material.ts';
import { certificatesIn, isKeyOf } from './read-certificate.ts';

/** The files of a mounted Secret, all of one moment. */
export type MountedTls = TlsMaterial & {
  /** SHA-256 of the certificate's file, as hex; tells one certificate from another. */
  readonly certificateDigest: string;
  /** SHA-256 of the authorities' file, as hex. */
  readonly authoritiesDigest: string;
};

export type TlsReading =
  | { readonly kind: 'read'; readonly material: MountedTls }
  | { readonly kind: 'unreadable'; readonly why: string };

/** Names of the files, as in Secrets of type kubernetes.io/tls and as cert-manager writes them. */
export const TLS_FILES = { certificate: 'tls.crt', key: 'tls.key', authorities: 'ca.crt' } as const;

/** A chain and a key have a few KiB, a bundle of authorities a few more. */
const FILE_BYTES_MAX = 256 * 1024;
/** The kubelet (1.34) swaps a link to all files of a volume at once, so that none fits another moment's. */
const SWAPPED_LINK = '..data';

/** Reads the mounted Secret at `folder` as it is now. Never throws. */
export async function readTlsFolder(folder: string, signal: AbortSignal): Promise<TlsReading> {
  try {
    const place = await realpath(join(folder, SWAPPED_LINK)).catch(() => folder);
    const [certificate, key, authorities] = await Promise.all([
      readBounded(join(place, TLS_FILES.certificate), signal),
      readBounded(join(place, TLS_FILES.key), signal),
      readBounded(join(place, TLS_FILES.authorities), signal),
    ]);
    const why = whyUnusable(certificate, key, authorities);
    return why === undefined
      ? { kind: 'read', material: materialOf(certificate, key, authorities) }
      : { kind: 'unreadable', why: `${folder}: ${why}` };
  } catch (error) {
    return { kind: 'unreadable', why: error instanceof Error ? error.message : String(error) };
  }
}

function whyUnusable(certificate: string, key: string, authorities: string): string | undefined {
  if (certificatesIn(certificate).length === 0) {
    return `${TLS_FILES.certificate} holds no certificate`;
  }
  if (!isKeyOf(certificate, key)) {
    return `${TLS_FILES.key} is not the key of ${TLS_FILES.certificate}`;
  }
  return certificatesIn(authorities).length === 0
    ? `${TLS_FILES.authorities} holds no certificate`
    : undefined;
}

function materialOf(certificate: string, key: string, authorities: string): MountedTls {
  return {
    certificate,
    key,
    authorities,
    certificateDigest: digestOf(certificate),
    authoritiesDigest: digestOf(authorities),
  };
}

function digestOf(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

async function readBounded(path: string, signal: AbortSignal): Promise<string> {
  const { size } = await stat(path);
  if (size > FILE_BYTES_MAX) {
    throw new Error(`${path} is ${size} bytes long; ${FILE_BYTES_MAX} are read at most`);
  }
  return readFile(path, { encoding: 'utf8', signal });
}
