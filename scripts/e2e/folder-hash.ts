import { createHash } from 'node:crypto';
import { lstatSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';

/** What a folder holds, in 12 hexadecimal digits: names, modes, contents and the targets of links. */
export function folderHash(folder: string): string {
  const hash = createHash('sha256');
  const paths = readdirSync(folder, { recursive: true, encoding: 'utf8' }).toSorted();
  for (const path of paths) {
    const stat = lstatSync(join(folder, path));
    hash.update(`${path}\0${stat.mode.toString(8)}\0`);
    if (stat.isSymbolicLink()) {
      hash.update(readlinkSync(join(folder, path)));
    } else if (stat.isFile()) {
      hash.update(
        createHash('sha256')
          .update(readFileSync(join(folder, path)))
          .digest(),
      );
    }
  }
  return hash.digest('hex').slice(0, DIGITS);
}

/** Enough for no two builds of one day to meet, short enough for people to compare. */
const DIGITS = 12;
