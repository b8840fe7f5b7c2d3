import type { LockedPackage } from './lock-file.ts';

/** They ask for their notice to be passed on, at most, and for nothing of what they are built into. */
export const LICENCES_ALLOWED: ReadonlySet<string> = new Set([
  '0BSD',
  'Apache-2.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'ISC',
  'MIT',
]);

/** Packages under another licence, `name licence`, and why it will do. */
export const LICENCE_EXCEPTIONS: Readonly<Record<string, string>> = {
  'argparse PSF-2.0': 'Python’s licence, as permissive as BSD; below js-yaml, which reads kubeconfigs',
  'stream-buffers Unlicense': 'given to the public; below client-node, and left out of the bundle',
};

/** The packages that nobody has agreed to, and the exceptions that excuse nothing. */
export function licenceFindings(packages: readonly LockedPackage[]): readonly string[] {
  const other = packages.filter(({ licence }) => !LICENCES_ALLOWED.has(licence));
  const used = new Set(other.map(({ name, licence }) => `${name} ${licence}`));
  return [
    ...other
      .filter(({ name, licence }) => !Object.hasOwn(LICENCE_EXCEPTIONS, `${name} ${licence}`))
      .map(({ name, version, licence }) => `${name}@${version} has the licence "${licence}"`),
    ...Object.keys(LICENCE_EXCEPTIONS)
      .filter((exception) => !used.has(exception))
      .map((exception) => `the exception for ${exception} excuses nothing`),
  ];
}

/** One line a package: name, version, licence. */
export function licenceList(packages: readonly LockedPackage[]): string {
  const lines = packages.map(({ name, version, licence }) => `${name} ${version} ${licence}\n`);
  return [...new Set(lines)].toSorted().join('');
}
