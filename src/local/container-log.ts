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
  attempt(() => mkdirSync(dirname(path), { recursive: true }));
  return {
    write: (chunk) => {
      attempt(() => {
        if (bytes > bytesMax) {
          renameSync(path, `${path}.1`);
          bytes = 0;
        }
        appendFileSync(path, chunk);
        bytes += Buffer.byteLength(chunk);
      });
    },
  };
}

/** On a full disk, or when the folder was taken away, lines are lost and the container runs on. */
function attempt(action: () => void): void {
  try {
    action();
  } catch {
    // Nothing else to do: this is where troubles would be written down.
  }
}

function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}
