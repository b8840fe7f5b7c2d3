import { randomUUID } from 'node:crypto';
import { constants } from 'node:fs';
import { access, mkdir, readdir, readFile, rename, rm, stat, statfs } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { readLogTail } from '../etcd/log-tail.ts';
import { readWal } from '../etcd/wal.ts';
import { formatMarker, type Marker, parseMarker } from '../model/marker.ts';
import type { MarkerFinding, Volume } from '../model/volume.ts';
import type { Clock } from '../runtime/clock.ts';
import { errorCode, errorText } from '../runtime/error-text.ts';
import { findPlainData, type PlainData, ROOT_PLACE } from './plain-data.ts';
import { type VolumeStore, VolumeUnwritableError } from './volume-store.ts';
import { flushDirectory, writeFileDurably } from './write-file-durably.ts';

/** A marker is a few hundred bytes; anything larger is not one. */
const MARKER_BYTES_MAX = 64 * 1024;

/** The volume mounted at `root`: `quorate.json`, `data/` and `quarantine/`. */
export function createFileVolumeStore(root: string, clock: Clock): VolumeStore {
  const markerPath = join(root, 'quorate.json');
  return {
    read: (signal) => readVolume(root, markerPath, signal),
    readLog: (minor, signal) => readLogTail(dataDirectoryOf(root), minor, signal),
    writeMarker: (fields) => writing(root, () => replaceMarker(root, markerPath, clock, fields)),
    setDataAside: (reason, message, place = DATA) =>
      writing(root, () => quarantineData(root, clock, place, { reason, message })),
    takeInData: (place) => writing(root, () => takeIn(root, place)),
    pruneQuarantine: (keep) => writing(root, () => prune(root, keep)),
  };
}

/** Where etcd's own data directory lies on the volume at `root`. */
export function dataDirectoryOf(root: string): string {
  return join(root, DATA);
}

const DATA = 'data';
/** etcd complains of data that others than its own user may read (`TouchDirAll`, 3.5–3.7). */
const DATA_MODE = 0o700;

async function readVolume(root: string, markerPath: string, signal: AbortSignal): Promise<Volume> {
  try {
    // A mount point that vanished, or may not be searched, must not look like an empty volume.
    await access(root, constants.R_OK | constants.W_OK | constants.X_OK);
    const marker = await readMarker(markerPath);
    const wal = await findWal(root, marker, signal);
    if (wal.kind === 'several') {
      const why = `there is data of etcd in several places: ${wal.places.join(', ')}`;
      return { kind: 'unreadable', why, holdsData: true };
    }
    const prunable = (await listPrunable(root)).length;
    const { bavail, bsize } = await statfs(root);
    return { kind: 'readable', marker, wal, prunable, freeBytes: bavail * bsize };
  } catch (error) {
    return { kind: 'unreadable', why: errorText(error) };
  }
}

/** An agent puts data nowhere but into `data/`, so only a volume without its marker is looked through. */
async function findWal(root: string, marker: MarkerFinding, signal: AbortSignal): Promise<PlainData> {
  const wal = await readWal(dataDirectoryOf(root), signal);
  return wal.kind === 'none' && marker.kind === 'none' ? findPlainData(root, signal) : wal;
}

async function readMarker(path: string): Promise<MarkerFinding> {
  try {
    const { size } = await stat(path);
    if (size > MARKER_BYTES_MAX) {
      return { kind: 'invalid', why: `it is ${size} bytes long` };
    }
    const parsed = parseMarker(await readFile(path, 'utf8'));
    return 'invalid' in parsed
      ? { kind: 'invalid', why: parsed.invalid }
      : { kind: 'present', marker: parsed };
  } catch (error) {
    if (errorCode(error) === 'ENOENT') {
      return { kind: 'none' };
    }
    throw error;
  }
}

async function replaceMarker(
  root: string,
  path: string,
  clock: Clock,
  fields: Omit<Marker, 'volumeId'>,
): Promise<Marker> {
  const found = await readMarker(path);
  const volumeId = found.kind === 'present' ? found.marker.volumeId : randomUUID();
  const marker: Marker = { volumeId, ...fields };
  if (found.kind === 'invalid') {
    await keepInvalidMarker(root, path, clock);
  }
  await writeFileDurably(path, formatMarker(marker));
  return marker;
}

async function keepInvalidMarker(root: string, markerPath: string, clock: Clock): Promise<void> {
  const directory = await quarantineOf(root);
  await rename(markerPath, join(directory, `${fileTime(clock)}-quorate.json`));
}

type Why = { readonly reason: string; readonly message: string };

async function quarantineData(root: string, clock: Clock, from: string, why: Why): Promise<string> {
  const place = join(await quarantineOf(root), `${fileTime(clock)}-${why.reason}`);
  await mkdir(place);
  const note = { ...why, setAsideAt: clock.timestamp() };
  await writeFileDurably(join(place, 'note.json'), `${JSON.stringify(note, null, 2)}\n`);
  await moveDataDirectory(join(root, from), join(place, DATA), from === ROOT_PLACE);
  await flushDirectory(place);
  await flushDirectory(dirname(place));
  await flushDirectory(root);
  return place;
}

async function takeIn(root: string, place: string): Promise<void> {
  await moveDataDirectory(join(root, place), dataDirectoryOf(root), place === ROOT_PLACE);
  await flushDirectory(root);
}

/** A root stays where it is, and only what is etcd's goes: a crash in between leaves an empty directory at `to`. */
async function moveDataDirectory(from: string, to: string, isRoot: boolean): Promise<void> {
  if (!isRoot) {
    await rename(from, to);
    return;
  }
  await makeDirectory(to, DATA_MODE);
  await rename(join(from, 'member'), join(to, 'member'));
  await flushDirectory(to);
}

/** Never makes the root itself: a mount point that vanished would come back as an empty volume. */
async function quarantineOf(root: string): Promise<string> {
  const directory = join(root, 'quarantine');
  await makeDirectory(directory);
  return directory;
}

/** Makes the directory unless it is there. */
async function makeDirectory(path: string, mode?: number): Promise<void> {
  await mkdir(path, { mode }).catch((error: unknown) => {
    if (errorCode(error) !== 'EEXIST') {
      throw error;
    }
  });
}

/** Names begin with the time, so the oldest come first. Foreign data is never among them. */
async function listPrunable(root: string): Promise<readonly string[]> {
  const names = await readdir(join(root, 'quarantine')).catch((error: unknown) => {
    if (errorCode(error) === 'ENOENT') {
      return [];
    }
    throw error;
  });
  return names.filter((name) => PRUNABLE_NAME.test(name)).toSorted();
}

const PRUNABLE_NAME = /-(RemovedData|DataUnusable|DataTooOld)$/;

async function prune(root: string, keep: number): Promise<number> {
  const names = await listPrunable(root);
  const old = names.slice(0, Math.max(0, names.length - keep));
  for (const name of old) {
    await rm(join(root, 'quarantine', name), { recursive: true });
  }
  return old.length;
}

/** Sortable, and valid in a file name everywhere. */
function fileTime(clock: Clock): string {
  return clock.timestamp().replaceAll(':', '').replace('.', '-');
}

async function writing<T>(root: string, write: () => Promise<T>): Promise<T> {
  try {
    return await write();
  } catch (error) {
    const remedy = errorCode(error) === 'ENOSPC' ? 'free or enlarge it' : 'check its mount and permissions';
    throw new VolumeUnwritableError(
      `The volume at ${root} refused a write (${errorText(error)}); ${remedy}.`,
      {
        cause: error,
      },
    );
  }
}
