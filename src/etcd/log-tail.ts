import { createReadStream } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { LogTail } from '../model/log-tail.ts';
import { errorCode, errorText } from '../runtime/error-text.ts';
import { ReplayScan, type SnapshotRecord } from './replay-scan.ts';
import { WalDecoder } from './wal-decoder.ts';

/** So much is in memory at once, or one entry where that is larger. */
const CHUNK_BYTES = 256 * 1024;

/** 100,000 entries of 80 KB, which is what 3.5 keeps. A longer log has not been seen and is not read. */
const LOG_BYTES_MAX = 8 * 1024 ** 3;

/** What etcd calls its segments: sequence number and index of the first entry (`walName`). */
const SEGMENT_NAME = /^([0-9a-f]{16})-([0-9a-f]{16})\.wal$/;

/** What etcd calls its snapshots: term and index (`snapshotter.go`). */
const SNAPSHOT_NAME = /^([0-9a-f]{16})-([0-9a-f]{16})\.snap$/;

/**
 * What an etcd 3.`minor` would replay of the log in `dataDirectory`. Up to 3.6 it begins at the newest snapshot
 * that has both a record in the log and a file beside it, since 3.7 at the newest record (`recoverSnapshot`).
 * Reads no more segments than that takes. What cannot be read is a value, not a throw. Works beside a
 * running etcd.
 */
export async function readLogTail(
  dataDirectory: string,
  minor: number,
  signal: AbortSignal,
): Promise<LogTail> {
  try {
    const segments = await listSegments(join(dataDirectory, 'member', 'wal'));
    const files = await listSnapshots(join(dataDirectory, 'member', 'snap'));
    const isUsable = (snapshot: SnapshotRecord): boolean =>
      minor >= 7 || snapshot.index === 0n || files.some((file) => isSame(file, snapshot));
    const start = Math.max(0, lastAtOrBefore(segments, files.at(-1)?.index ?? 0n));
    const tail = await scan(segments.slice(start), isUsable, signal);
    return tail.kind === 'unknown' && start > 0 ? await scan(segments, isUsable, signal) : tail;
  } catch (error) {
    signal.throwIfAborted();
    return { kind: 'unknown', why: errorText(error) };
  }
}

type SegmentFile = {
  readonly name: string;
  readonly path: string;
  readonly sequence: bigint;
  /** Index of its first entry. */
  readonly index: bigint;
  readonly sizeBytes: number;
};

async function listSegments(directory: string): Promise<readonly SegmentFile[]> {
  const segments: SegmentFile[] = [];
  for (const name of (await readdir(directory)).toSorted()) {
    const [, sequence, index] = SEGMENT_NAME.exec(name) ?? [];
    if (sequence !== undefined) {
      const path = join(directory, name);
      const { size: sizeBytes } = await stat(path);
      segments.push({ name, path, sequence: hex(sequence), index: hex(index), sizeBytes });
    }
  }
  return segments;
}

/** The snapshots that are files, oldest first. */
async function listSnapshots(directory: string): Promise<readonly SnapshotRecord[]> {
  const names = await readdir(directory).catch((error: unknown) => {
    if (errorCode(error) === 'ENOENT') {
      return [];
    }
    throw error;
  });
  return names.toSorted().flatMap((name) => {
    const [, term, index] = SNAPSHOT_NAME.exec(name) ?? [];
    return term === undefined ? [] : [{ term: hex(term), index: hex(index) }];
  });
}

function hex(digits = '0'): bigint {
  return BigInt(`0x${digits}`);
}

function isSame(a: SnapshotRecord, b: SnapshotRecord): boolean {
  return a.term === b.term && a.index === b.index;
}

/** The position of the segment that the entry after a snapshot at `index` is in (`searchIndex` in `wal.go`). */
function lastAtOrBefore(segments: readonly SegmentFile[], index: bigint): number {
  return segments.findLastIndex((segment) => segment.index <= index);
}

async function scan(
  segments: readonly SegmentFile[],
  isUsable: (snapshot: SnapshotRecord) => boolean,
  signal: AbortSignal,
): Promise<LogTail> {
  const bytes = segments.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  const gap = segments.find(({ sequence }, position) => sequence !== sequenceAt(segments, position));
  if (segments.length === 0 || gap !== undefined || bytes > LOG_BYTES_MAX) {
    const why =
      gap === undefined ? `there are ${bytes} bytes of it` : `the segment before ${gap.name} is gone`;
    return { kind: 'unknown', why };
  }
  const found = new ReplayScan();
  const decoder = new WalDecoder((record, previousCrc) => found.take(record, previousCrc));
  for (const [position, { name, path, sizeBytes }] of segments.entries()) {
    decoder.begin({ name, sizeBytes, isLast: position === segments.length - 1 });
    const damage = await feed(decoder, path, signal);
    if (damage !== undefined) {
      return { kind: 'unknown', why: damage };
    }
  }
  const first = segments[0]?.index ?? 0n;
  // A snapshot older than the first segment goes on in one before it.
  const tail = found.tail((snapshot) => snapshot.index >= first && isUsable(snapshot));
  return tail ?? { kind: 'unknown', why: 'no snapshot has a record in it' };
}

function sequenceAt(segments: readonly SegmentFile[], position: number): bigint {
  return (segments[0]?.sequence ?? 0n) + BigInt(position);
}

/** One clause when the log cannot be read. */
async function feed(decoder: WalDecoder, path: string, signal: AbortSignal): Promise<string | undefined> {
  for await (const chunk of createReadStream(path, { highWaterMark: CHUNK_BYTES, signal })) {
    const decoding = decoder.push(chunk);
    if (decoding !== 'more') {
      return decoding === 'over' ? undefined : decoding.damaged;
    }
  }
  const end = decoder.finish();
  return typeof end === 'object' ? end.damaged : undefined;
}
