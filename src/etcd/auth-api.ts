/**
 * etcd's authentication in our words. Every call names the member it goes to, has a deadline, and is made once: one
 * that was refused or has no answer is `unknown`, and whoever made it looks again before deciding again. Once
 * authentication is on they take the rights of `root`, other than `checkPassword`, and since 3.7 `status`.
 */
import type { AuthChange, Permission } from '../model/etcd-auth.ts';
import type { EtcdId } from '../model/member.ts';
import type { Answer } from './member-api.ts';

export type AuthStatus = {
  readonly clusterId: EtcdId;
  /** Whether etcd asks clients who they are. */
  readonly enabled: boolean;
  /** One more after each change to users, roles, permissions and passwords, and after `disable` (3.5–3.7). */
  readonly revision: bigint;
};

/** `no-password`: the user has none, and is known by certificate alone. */
export type PasswordVerdict = 'right' | 'wrong' | 'no-password';

/** Whatever is asked for by name is undefined where it was not asked for. */
export type AuthApi = {
  status(clientUrl: string, signal: AbortSignal): Promise<Answer<AuthStatus>>;
  /** Every role, with the permissions of those that are `asked` for. */
  roles(
    clientUrl: string,
    asked: ReadonlySet<string>,
    signal: AbortSignal,
  ): Promise<Answer<ReadonlyMap<string, readonly Permission[] | undefined>>>;
  /** Every user, with the roles of those that are `asked` for. */
  users(
    clientUrl: string,
    asked: ReadonlySet<string>,
    signal: AbortSignal,
  ): Promise<Answer<ReadonlyMap<string, readonly string[] | undefined>>>;
  /**
   * `unknown` while authentication is off; of a user that is not there it is `wrong`. Where there is a password it
   * costs etcd a bcrypt, some 100 ms of CPU.
   */
  checkPassword(
    clientUrl: string,
    user: string,
    password: string,
    signal: AbortSignal,
  ): Promise<Answer<PasswordVerdict>>;
  /** `password` is for `add-user` and `change-password`; a user that is added without one never has one. */
  change(
    clientUrl: string,
    change: AuthChange,
    password: string | undefined,
    signal: AbortSignal,
  ): Promise<Answer<void>>;
};
