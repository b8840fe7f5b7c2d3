import type { LockedPackage } from '../../scripts/supply/lock-file.ts';

/** A package as it may be locked; tests say what is different. */
export function aLockedPackage(overrides: Partial<LockedPackage> = {}): LockedPackage {
  const name = overrides.name ?? 'a';
  return {
    name,
    version: '1.0.0',
    folder: `node_modules/${name}`,
    licence: 'MIT',
    integrity: `sha512-${'A'.repeat(86)}==`,
    from: '',
    isDevelopment: false,
    hasInstallScript: false,
    ...overrides,
  };
}
