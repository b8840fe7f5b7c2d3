import type { LogTail } from '../model/log-tail.ts';
import type { Marker } from '../model/marker.ts';
import type { Reason } from '../model/reason.ts';
import type { Volume } from '../model/volume.ts';

/** One member's volume. Data is only ever moved within it, never deleted. */
export type VolumeStore = {
  /** Reads the marker and the write-ahead log's identity; an unreadable volume is a value, not a throw. */
  read(signal: AbortSignal): Promise<Volume>;
  /** Reads what an etcd 3.`minor` would replay of the log in `data/`; what cannot be read is `unknown`. */
  readLog(minor: number, signal: AbortSignal): Promise<LogTail>;
  /**
   * Replaces the marker as a whole; `volumeId` stays, or is made up when there was no readable marker.
   * @throws {VolumeUnwritableError}
   */
  writeMarker(marker: Omit<Marker, 'volumeId'>): Promise<Marker>;
  /**
   * Moves the data into `quarantine/`, with a note that says why: `data/`, or the `place` where a plain etcd
   * left it. Only while etcd waits at the gate.
   * @returns where the data went
   * @throws {VolumeUnwritableError}
   */
  setDataAside(reason: Reason, message: string, place?: string): Promise<string>;
  /**
   * Makes what a plain etcd left at `place` into `data/`, by renaming alone: a crash leaves it at one of the
   * two. Only while etcd waits at the gate.
   * @throws {VolumeUnwritableError}
   */
  takeInData(place: string): Promise<void>;
  /**
   * Deletes the oldest set-aside copies of this cluster's own data but the newest `keep`; foreign data stays.
   * @returns how many went
   * @throws {VolumeUnwritableError}
   */
  pruneQuarantine(keep: number): Promise<number>;
};

/** The volume refused a write: full, read-only, or gone. Nothing was half written. */
export class VolumeUnwritableError extends Error {
  override readonly name = 'VolumeUnwritableError';
  readonly code = 'VOLUME_UNWRITABLE';
}
