import type { AuthApi, PasswordVerdict } from '../../etcd/auth-api.ts';
import type { Answer } from '../../etcd/member-api.ts';
import type { KnownCredentials } from './known-credentials.ts';
import type { CredentialsVerdict, ObservedAuth, ObservedUser } from './plan-auth.ts';
import { newPassword } from './read-passwords.ts';
import type { WantedAuth, WantedUser } from './wanted-auth.ts';

/** Whom to ask, and what was known before. */
export type LookAtAuth = {
  readonly api: AuthApi;
  readonly clientUrl: string;
  readonly enabled: boolean;
  readonly wanted: WantedAuth;
  readonly passwords: ReadonlyMap<string, string>;
  /** What is found to be as wanted is noted here. */
  readonly known: KnownCredentials;
};

/**
 * What etcd has of users and roles, compared with what is wanted. It takes two calls, one for each role and each user
 * that is declared, and one for each whose credentials are not known.
 */
export async function lookAtAuth(look: LookAtAuth, signal: AbortSignal): Promise<Answer<ObservedAuth>> {
  const { api, clientUrl, enabled, wanted } = look;
  const roles = await api.roles(clientUrl, new Set(wanted.roles.map(({ name }) => name)), signal);
  if (roles.kind === 'unknown') {
    return roles;
  }
  const listed = await api.users(clientUrl, new Set(wanted.users.map(({ name }) => name)), signal);
  if (listed.kind === 'unknown') {
    return listed;
  }
  const users = new Map<string, ObservedUser>();
  for (const [name, granted] of listed.value) {
    const user = wanted.users.find((each) => each.name === name);
    const credentials = user === undefined ? AS_WANTED : await credentialsOf(look, user, signal);
    if (credentials.kind === 'unknown') {
      return credentials;
    }
    users.set(name, { roles: granted, credentials: credentials.value });
  }
  return { kind: 'answered', value: { enabled, roles: roles.value, users } };
}

const AS_WANTED: Answer<CredentialsVerdict> = { kind: 'answered', value: 'as-wanted' };

async function credentialsOf(
  { api, clientUrl, enabled, passwords, known }: LookAtAuth,
  { name, credentials }: WantedUser,
  signal: AbortSignal,
): Promise<Answer<CredentialsVerdict>> {
  const password = passwords.get(name);
  if (credentials === 'withheld' || known.has(name, password)) {
    return AS_WANTED;
  }
  if (!enabled) {
    return { kind: 'answered', value: 'unchecked' };
  }
  // Any password tells who has none; this one is nobody's.
  const answer = await api.checkPassword(clientUrl, name, password ?? newPassword(), signal);
  if (answer.kind === 'unknown') {
    return answer;
  }
  const verdict = VERDICTS[credentials][answer.value];
  if (verdict === 'as-wanted') {
    known.note(name, password);
  }
  return { kind: 'answered', value: verdict };
}

/** What etcd's word means for a user with a password, and for one that shall have none. */
const VERDICTS: Readonly<
  Record<'password' | 'certificate', Readonly<Record<PasswordVerdict, CredentialsVerdict>>>
> = {
  password: { right: 'as-wanted', wrong: 'other-password', 'no-password': 'other-kind' },
  certificate: { right: 'other-kind', wrong: 'other-kind', 'no-password': 'as-wanted' },
};
