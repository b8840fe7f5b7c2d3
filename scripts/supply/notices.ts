import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { LockedPackage } from './lock-file.ts';

const NOTICE_FILE = /^(licen[cs]e|copying|notice)([.-]|$)/i;

/**
 * What has to be passed on with a bundle of `inputs`, paths from `root`: for each package that any of them lies in
 * its name, version and licence, and the texts it brings.
 *
 * @throws Error when a package brings none, or one of the inputs is of no package that the lock file pins
 */
export function noticesOf(
  root: string,
  inputs: readonly string[],
  packages: readonly LockedPackage[],
): string {
  const used = new Set(inputs.filter((path) => path.includes('node_modules/')).map(ownerOf(packages)));
  return [...used]
    .toSorted((a, b) => (a.folder < b.folder ? -1 : 1))
    .map((each) => `${each.name} ${each.version} (${each.licence})\n\n${textsOf(root, each)}`)
    .join(`\n${'-'.repeat(80)}\n\n`);
}

/** Of packages inside one another, the innermost owns a file. */
function ownerOf(packages: readonly LockedPackage[]): (path: string) => LockedPackage {
  const byDepth = packages.toSorted((a, b) => b.folder.length - a.folder.length);
  return (path) => {
    const owner = byDepth.find(({ folder }) => path.startsWith(`${folder}/`));
    if (owner === undefined) {
      throw new Error(`${path} is in the bundle and of no package of the lock file`);
    }
    return owner;
  };
}

function textsOf(root: string, { name, folder }: LockedPackage): string {
  const files = readdirSync(join(root, folder)).filter((file) => NOTICE_FILE.test(file));
  if (files.length === 0) {
    throw new Error(`${name} is in the bundle and brings no text of its licence`);
  }
  return files
    .toSorted()
    .map((file) => `${readFileSync(join(root, folder, file), 'utf8').trim()}\n`)
    .join('\n');
}
