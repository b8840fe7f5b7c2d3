import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { readWal } from '../etcd/wal.ts';
import type { Wal } from '../model/volume.ts';
import { errorCode } from '../runtime/error-text.ts';

/** What a plain etcd left on a volume that no agent has ever written to. */
export type PlainData = Wal | { readonly kind: 'several'; readonly places: readonly string[] };

/** The volume itself as a data directory: etcd's `member/` lies at its root. */
export const ROOT_PLACE = '.';

/** Ours, and the file system's: what lies in them is not for starting. */
const NEVER_A_PLACE: ReadonlySet<string> = new Set(['data', 'quarantine', 'restore', 'lost+found']);

/**
 * Looks for the data directory of a plain etcd at `root` and one level below it, under whatever name: etcd
 * calls its own `NAME.etcd` by default, and charts differ. `data/` itself is known to hold no write-ahead log.
 *
 * @throws {VolumeUnreadableError} and errors of the file system: what cannot be looked into is not empty
 */
export async function findPlainData(root: string, signal: AbortSignal): Promise<PlainData> {
  const found: { readonly place: string; readonly wal: Exclude<Wal, { kind: 'none' }> }[] = [];
  const names = (await readdir(root)).filter((name) => !NEVER_A_PLACE.has(name)).toSorted();
  for (const place of [ROOT_PLACE, ...names]) {
    const wal = await dataAt(join(root, place), signal);
    if (wal.kind !== 'none') {
      found.push({ place, wal });
    }
  }
  const [only, ...others] = found;
  if (only === undefined) {
    return { kind: 'none' };
  }
  const isDataThere = (await typeAt(join(root, 'data', 'member'))) === 'directory';
  return others.length > 0 || isDataThere
    ? { kind: 'several', places: [...(isDataThere ? ['data'] : []), ...found.map(({ place }) => place)] }
    : { ...only.wal, place: only.place };
}

/** A database without a log beside it is no empty volume, though etcd itself would take it for one. */
async function dataAt(directory: string, signal: AbortSignal): Promise<Wal> {
  if ((await typeAt(join(directory, 'member'))) !== 'directory') {
    return { kind: 'none' };
  }
  const wal = await readWal(directory, signal);
  return wal.kind === 'none' && (await typeAt(join(directory, 'member', 'snap', 'db'))) !== 'nothing'
    ? { kind: 'unreadable', why: 'there is a database and no write-ahead log beside it' }
    : wal;
}

async function typeAt(path: string): Promise<'directory' | 'other' | 'nothing'> {
  try {
    return (await stat(path)).isDirectory() ? 'directory' : 'other';
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes(errorCode(error) ?? '')) {
      return 'nothing';
    }
    throw error;
  }
}
