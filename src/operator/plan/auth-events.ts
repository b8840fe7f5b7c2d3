import type { AuthChange } from '../../model/etcd-auth.ts';
import { type ClusterEvent, event } from './cluster-events.ts';

/** Whoever has more to read finds it in the spec. */
const NAMES_MAX = 8;
/** As long as one that is declared; somebody else may have made longer ones. */
const NAME_CHARS_MAX = 64;

/** What these changes, which were made, are told as: names, and never a password. */
export function authEvents(changes: readonly AuthChange[]): readonly ClusterEvent[] {
  const kinds = new Set(changes.map(({ kind }) => kind));
  const sentences = [
    ...sentencesOf('Users', changes.flatMap(userFate)),
    ...sentencesOf('Roles', changes.flatMap(roleFate)),
  ];
  return [
    ...(sentences.length === 0 ? [] : [event('AuthChanged', sentences.join(' '))]),
    ...(kinds.has('enable') ? [event('AuthEnabled', 'etcd asks clients who they are.')] : []),
    ...(kinds.has('disable') ? [event('AuthDisabled', 'etcd asks nobody who they are.')] : []),
  ];
}

type Fate = { readonly name: string; readonly fate: 'added' | 'removed' | 'changed' };

function userFate(change: AuthChange): readonly Fate[] {
  switch (change.kind) {
    case 'add-user':
      return [{ name: change.user, fate: 'added' }];
    case 'delete-user':
      return [{ name: change.user, fate: 'removed' }];
    case 'change-password':
    case 'grant-role':
    case 'revoke-role':
      return [{ name: change.user, fate: 'changed' }];
    default:
      return [];
  }
}

function roleFate(change: AuthChange): readonly Fate[] {
  switch (change.kind) {
    case 'add-role':
      return [{ name: change.role, fate: 'added' }];
    case 'delete-role':
      return [{ name: change.role, fate: 'removed' }];
    case 'grant-permission':
    case 'revoke-permission':
      return [{ name: change.role, fate: 'changed' }];
    default:
      return [];
  }
}

/** Who is added is not told of as changed, too; who is removed and added was changed. */
function sentencesOf(what: string, fates: readonly Fate[]): readonly string[] {
  const byName = new Map<string, Fate['fate']>();
  for (const { name, fate } of fates) {
    const before = byName.get(name);
    byName.set(name, before === 'removed' ? 'changed' : (before ?? fate));
  }
  return (['added', 'removed', 'changed'] as const).flatMap((fate) => {
    const names = [...byName].filter(([, each]) => each === fate).map(([name]) => name);
    return names.length === 0 ? [] : [`${what} ${fate}: ${listOf(names)}.`];
  });
}

function listOf(names: readonly string[]): string {
  const named = names.slice(0, NAMES_MAX).map((name) => name.slice(0, NAME_CHARS_MAX));
  const more = names.length - named.length;
  return more === 0 ? named.join(', ') : `${named.join(', ')} and ${more} more`;
}
