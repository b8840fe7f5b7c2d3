import * as v from 'valibot';
import type { LockedPackage } from './lock-file.ts';

/** Packages of the production tree that may have an install script, and why; none is run (`.npmrc`). */
export const INSTALL_SCRIPTS: Readonly<Record<string, string>> = {
  protobufjs: 'it warns of version ranges in the package.json around it, and does nothing else',
};

const MANIFEST = v.object({
  dependencies: v.optional(v.record(v.string(), v.string()), {}),
  devDependencies: v.optional(v.record(v.string(), v.string()), {}),
  optionalDependencies: v.optional(v.record(v.string(), v.string()), {}),
});

const EXACT = /^\d+\.\d+\.\d+$/;
/** One digest, and none of the older kinds that npm would accept beside it. */
const SHA512 = /^sha512-[A-Za-z0-9+/]{86}==$/;

/** What of the wanted and of the locked packages could become something else than what was looked at. */
export function dependencyFindings(manifest: unknown, packages: readonly LockedPackage[]): readonly string[] {
  return [...looseVersions(manifest), ...packages.flatMap(problemsOf), ...idleExceptions(packages)];
}

function looseVersions(manifest: unknown): readonly string[] {
  return Object.values(v.parse(MANIFEST, manifest)).flatMap((wanted) =>
    Object.entries(wanted)
      .filter(([, version]) => !EXACT.test(version))
      .map(([name, version]) => `${name} is wanted as "${version}", which is no exact version`),
  );
}

function problemsOf(found: LockedPackage): readonly string[] {
  const { name, version, folder, integrity, from, isDevelopment, hasInstallScript } = found;
  const problems: string[] = [];
  if (!folder.startsWith('node_modules/')) {
    problems.push('is a folder of this machine');
  }
  if (!SHA512.test(integrity)) {
    problems.push('has no SHA-512 digest');
  }
  if (from !== '') {
    problems.push(`comes from ${from}`);
  }
  if (hasInstallScript && !isDevelopment && !Object.hasOwn(INSTALL_SCRIPTS, name)) {
    problems.push('has an install script');
  }
  return problems.map((problem) => `${name}@${version} ${problem}`);
}

function idleExceptions(packages: readonly LockedPackage[]): readonly string[] {
  const used = new Set(packages.filter((each) => each.hasInstallScript).map(({ name }) => name));
  return Object.keys(INSTALL_SCRIPTS)
    .filter((name) => !used.has(name))
    .map((name) => `the exception for the install script of ${name} excuses nothing`);
}
