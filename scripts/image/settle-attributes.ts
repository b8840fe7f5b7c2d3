import { chmod, lutimes, readdir } from 'node:fs/promises';
import { join, sep } from 'node:path';

const PROGRAM_MODE = 0o755;
const FILE_MODE = 0o644;
const FOLDER_MODE = 0o755;
/** As everywhere: anybody's, and nobody removes what is another's. */
const TEMPORARY_MODE = 0o1777;

/**
 * Gives everything in `folder`, and itself, the modes of an image and the time `epochSeconds`, whatever umask and
 * clock made it: programs stand in folders called `bin` or `lib`, everything else is read.
 */
export async function settleAttributes(folder: string, epochSeconds: number): Promise<void> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  for (const entry of entries) {
    const path = join(entry.parentPath, entry.name);
    const inside = path.slice(folder.length);
    if (entry.isDirectory()) {
      await chmod(path, inside === `${sep}tmp` ? TEMPORARY_MODE : FOLDER_MODE);
    } else if (entry.isFile()) {
      await chmod(path, isProgram(inside) ? PROGRAM_MODE : FILE_MODE);
    }
  }
  await chmod(folder, FOLDER_MODE);
  // Afterwards, and children before their folders, whose time they change no more.
  for (const entry of entries.toReversed()) {
    await lutimes(join(entry.parentPath, entry.name), epochSeconds, epochSeconds);
  }
  await lutimes(folder, epochSeconds, epochSeconds);
}

function isProgram(inside: string): boolean {
  return /^\/usr\/(local\/)?(bin|lib|lib64)\//.test(inside) || /\/ld-linux[^/]*$/.test(inside);
}
