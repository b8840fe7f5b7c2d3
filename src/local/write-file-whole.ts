import { renameSync, rmSync, writeFileSync } from 'node:fs';

/**
 * Replaces the file at `path` by `text`, or leaves it as it was: never half of it. Synchronous, so that
 * what is acknowledged afterwards has been written.
 *
 * @throws the system's error, such as ENOSPC or EACCES
 */
export function writeFileWhole(path: string, text: string): void {
  const aside = `${path}.new`;
  try {
    writeFileSync(aside, text, { mode: 0o600 });
    renameSync(aside, path);
  } catch (error) {
    rmSync(aside, { force: true });
    throw error;
  }
}
