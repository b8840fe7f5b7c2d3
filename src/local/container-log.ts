/** What a container wrote, in a file of bounded size, as a kubelet keeps it. */
import { appendFileSync, mkdirSync, renameSync, statSync } from 'node:fs';
import { dirname } from 'node:path';

export type ContainerLog = {
  /** Never throws: a log that cannot be written (a full disk) must not stop what it is about. */
  readonly write: (chunk: Buffer | string) => void;
};

/** The kubelet's `containerLogMaxSize`. One file older than the current one is kept, as `PATH.1`. */
export const LOG_BYTES_MAX = 10 * 1024 * 1024;

/** Appends to the file at `path`, which is set aside once it has more than `bytesMax` bytes. */
export function openContainerLog(path: string, bytesMax: number = LOG_BYTES_MAX): ContainerLog {
  let bytes = sizeOf(path);
  return {
    write: (chunk) => {
      try {
        if (bytes > bytesMax) {
          renameSync(path, `${path}.1`);
          bytes = 0;
        }
        if (bytes === 0) {
          mkdirSync(dirname(path), { recursive: true });
        }
        appendFileSync(path, chunk);
        bytes += Buffer.byteLength(chunk);
      } catch {
        // Full disk, or the folder was taken away: the lines are lost, the container runs on.
        bytes = sizeOf(path);
      }
    },
  };
}

function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}
