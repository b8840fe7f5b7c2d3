import { createReadStream } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import type { Wal } from '../model/volume.ts';
import { VolumeUnreadableError } from './volume-unreadable-error.ts';
import { decodeWalMetadata, type WalMetadata } from './wal-metadata.ts';

/** One page of etcd's WAL writer (`walPageBytes`). Crc and metadata record take less than 100 bytes of it. */
const SEGMENT_HEAD_BYTES_MAX = 4096;

/** How many of the newest segments are compared. etcd keeps five unless told otherwise (`max-wals`). */
const SEGMENTS_READ_MAX = 16;

/** What etcd calls its segments: `%016x-%016x.wal`, read as leniently as its own `parseWALName` does. */
const SEGMENT_NAME = /^[0-9a-f]{1,16}-[0-9a-f]{1,16}\.wal$/i;

/**
 * Whose data lies in etcd's data directory, as its write-ahead log says. Only `member/wal/*.wal` counts:
 * etcd decides by those names whether it is new (`wal.Exist`), and so `lost+found`, `0.tmp`, `*.broken`
 * and a database without a WAL are all `none`. Segments that can be read must agree; one that is torn or
 * zero-filled is passed over as long as another can be read. Works beside a running etcd.
 *
 * @throws {VolumeUnreadableError} when the directory or a file in it cannot be read at all
 */
export async function readWal(dataDirectory: string, signal: AbortSignal): Promise<Wal> {
  const directory = join(dataDirectory, 'member', 'wal');
  const names = (await listDirectory(directory, signal)).filter((name) => name.endsWith('.wal')).sort();
  const segmentNames = names.filter((name) => SEGMENT_NAME.test(name));
  const [stranger] = names;
  if (segmentNames.length === 0 && stranger !== undefined) {
    return { kind: 'unreadable', why: `${stranger} is no name of a WAL segment, but etcd takes it for one` };
  }
  const segments: Segment[] = [];
  for (const name of segmentNames.slice(-SEGMENTS_READ_MAX)) {
    const head = await readHead(join(directory, name), signal);
    if (head !== 'vanished') {
      segments.push({ name, metadata: decodeWalMetadata(head) });
    }
  }
  return segmentNames.length === 0 ? { kind: 'none' } : walOf(segments);
}

type Segment = { readonly name: string; readonly metadata: WalMetadata };

/** What `segments` say together: the one identity that all readable ones share. */
function walOf(segments: readonly Segment[]): Wal {
  let found: { readonly name: string; readonly identity: WalMetadata & { kind: 'identity' } } | undefined;
  for (const { name, metadata } of segments) {
    if (metadata.kind === 'damaged') {
      continue;
    }
    if (found !== undefined && describe(found.identity) !== describe(metadata)) {
      const why = `${found.name} is of ${describe(found.identity)}, but ${name} is of ${describe(metadata)}`;
      return { kind: 'unreadable', why };
    }
    found ??= { name, identity: metadata };
  }
  if (found !== undefined) {
    const { clusterId, memberId } = found.identity;
    return { kind: 'present', clusterId, memberId };
  }
  return { kind: 'unreadable', why: describeDamage(segments) };
}

function describe(identity: WalMetadata & { kind: 'identity' }): string {
  return `member ${identity.memberId} of cluster ${identity.clusterId}`;
}

function describeDamage(segments: readonly Segment[]): string {
  const newest = segments.at(-1);
  if (newest === undefined || newest.metadata.kind !== 'damaged') {
    return 'all WAL segments vanished while they were being read';
  }
  const others = segments.length === 1 ? '' : `; nor can ${segments.length - 1} older`;
  return `${newest.name} cannot be read: ${newest.metadata.why}${others}`;
}

async function listDirectory(directory: string, signal: AbortSignal): Promise<readonly string[]> {
  signal.throwIfAborted();
  try {
    return await readdir(directory);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') {
      return [];
    }
    throw unreadable(directory, error);
  }
}

/** The first bytes of a segment; `vanished` when a running etcd purged it since it was listed. */
async function readHead(path: string, signal: AbortSignal): Promise<Uint8Array | 'vanished'> {
  signal.throwIfAborted();
  try {
    return await buffer(createReadStream(path, { end: SEGMENT_HEAD_BYTES_MAX - 1, signal }));
  } catch (error) {
    signal.throwIfAborted();
    if (codeOf(error) === 'ENOENT') {
      return 'vanished';
    }
    throw unreadable(path, error);
  }
}

function unreadable(path: string, cause: unknown): VolumeUnreadableError {
  return new VolumeUnreadableError(`${path} cannot be read: ${codeOf(cause) ?? String(cause)}`, { cause });
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}
