import { mkdirSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { errorCode } from './error-text.ts';

/**
 * Makes the folder at `path` with those above it; what is there already stays as it is.
 *
 * Node's own recursive mkdir never returns where the kernel answers ENOENT below a folder that exists, as
 * it does everywhere in /proc (seen on Node 20 and 24).
 *
 * @throws the system's error, such as EACCES, ENOSPC, or EEXIST where a file is in the way
 */
export function makeFolder(path: string, mode: number): void {
  const parent = dirname(path);
  if (isFolder(path)) {
    return;
  }
  if (parent !== path && !isFolder(parent)) {
    makeFolder(parent, mode);
  }
  try {
    mkdirSync(path, { mode });
  } catch (error) {
    // Somebody else may have been faster.
    if (errorCode(error) !== 'EEXIST' || !isFolder(path)) {
      throw error;
    }
  }
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}
