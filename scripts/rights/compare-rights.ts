/** Least privilege, both ways: what is granted was used, and what was used is granted. Pure. */
import { allows, type Call, type Permission, permissionText } from './permission.ts';

/** Rights that no call shows although they are needed: what `permissionText` says of each, and why. */
export type Exceptions = Readonly<Record<string, string>>;

export type RightsFindings = {
  /** Granted, and never used. */
  readonly surplus: readonly string[];
  /** Used, and not among what is granted here: somebody else has granted it. */
  readonly unexpected: readonly string[];
  /** Exceptions that are not granted, or are used: they are none. */
  readonly idle: readonly string[];
};

/** Compares one account's rights with all its calls that were allowed. Each finding is a sentence's subject. */
export function compareRights(
  granted: readonly Permission[],
  calls: readonly Call[],
  exceptions: Exceptions,
): RightsFindings {
  const used = granted.filter((permission) => calls.some((call) => allows(permission, call)));
  const usedTexts = new Set(used.map(permissionText));
  const grantedTexts = new Set(granted.map(permissionText));
  const unexpected = calls.filter((call) => !granted.some((permission) => allows(permission, call)));
  return {
    surplus: [...grantedTexts].filter((text) => !usedTexts.has(text) && !Object.hasOwn(exceptions, text)),
    unexpected: [...new Set(unexpected.map(callText))],
    idle: Object.keys(exceptions).filter((text) => !grantedTexts.has(text) || usedTexts.has(text)),
  };
}

/** Such as `delete pods called demo-0`. */
export function callText({ name, ...call }: Call): string {
  return permissionText({ ...call, names: name === undefined ? undefined : [name] });
}
