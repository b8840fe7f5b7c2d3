import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as v from 'valibot';

/** One package as the lock file pins it. */
export type LockedPackage = {
  readonly name: string;
  readonly version: string;
  /** Its folder in the checkout, which is there once it is installed for this machine. */
  readonly folder: string;
  /** As its own package.json has it: an SPDX expression; empty where it has none. */
  readonly licence: string;
  readonly integrity: string;
  /** Where it is taken from; the lock file says so of those alone that do not come from the registry in use. */
  readonly from: string;
  readonly isDevelopment: boolean;
  readonly hasInstallScript: boolean;
};

const NODE_MODULES = 'node_modules/';

const lockFileSchema = v.object({
  lockfileVersion: v.literal(3),
  packages: v.record(
    v.string(),
    v.object({
      name: v.optional(v.string()),
      version: v.optional(v.string(), ''),
      license: v.optional(v.string(), ''),
      integrity: v.optional(v.string(), ''),
      resolved: v.optional(v.string(), ''),
      dev: v.optional(v.boolean(), false),
      hasInstallScript: v.optional(v.boolean(), false),
    }),
  ),
});

/** Every package that the lock file of the checkout at `root` pins, by folder. */
export function readLockFile(root: string): readonly LockedPackage[] {
  const text = readFileSync(join(root, 'package-lock.json'), 'utf8');
  return parseLockFile(text);
}

/** @throws ValiError when `text` is no lock file of version 3 */
export function parseLockFile(text: string): readonly LockedPackage[] {
  const { packages } = v.parse(v.pipe(v.string(), v.parseJson(), lockFileSchema), text);
  return Object.entries(packages).flatMap(([folder, entry]) => {
    const at = folder.lastIndexOf(NODE_MODULES);
    if (folder === '') {
      return [];
    }
    return {
      name: entry.name ?? folder.slice(at === -1 ? 0 : at + NODE_MODULES.length),
      version: entry.version,
      folder,
      licence: entry.license,
      integrity: entry.integrity,
      from: entry.resolved,
      isDevelopment: entry.dev,
      hasInstallScript: entry.hasInstallScript,
    };
  });
}
