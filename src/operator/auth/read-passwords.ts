/** The passwords of a cluster's users, out of Secrets that are read by name. */
import { isUtf8 } from 'node:buffer';
import { randomBytes } from 'node:crypto';
import type { AuthSpec } from '../../api/security-spec.ts';
import type { LiveObject } from '../../kube/kube-object.ts';
import type { RecordKeeper } from '../../kube/object-api.ts';
import { ROOT } from '../../model/etcd-auth.ts';
import type { AppliedMetadata } from '../../resources/applied-object.ts';
import type { ObjectNames } from '../../resources/names.ts';
import { ObstacleError, obstacleOf, SecretShelf } from '../certificates/secret-shelf.ts';
import { SECRET } from '../kinds.ts';

/** Why a user's password is not to be had, in a clause. */
export type PasswordTrouble = {
  readonly reason: 'SecretMissing' | 'PasswordUnusable';
  readonly user: string;
  readonly why: string;
};

export type Passwords = {
  readonly byUser: ReadonlyMap<string, string>;
  readonly troubles: readonly PasswordTrouble[];
};

export type PasswordsOf = {
  readonly namespace: string;
  readonly names: ObjectNames;
  readonly auth: AuthSpec;
  /** Metadata of the Secret called `name`. */
  readonly metadataOf: (name: string) => AppliedMetadata;
};

/** Keys of a Secret with a password, as in those of type kubernetes.io/basic-auth. */
const PASSWORD_KEY = 'password';
const USER_KEY = 'username';
/** bcrypt takes no more (3.5–3.7). */
const PASSWORD_BYTES_MAX = 72;
/** 32 characters, and more than anybody could try. */
const RANDOM_BYTES = 24;
/** A cluster can have 65 users, and the API server has others to serve. */
const READS_AT_ONCE = 8;

/** @throws ObstacleError where it is not known what a Secret holds, and where root's own is somebody else's */
export async function readPasswords(
  secrets: RecordKeeper,
  cluster: PasswordsOf,
  signal: AbortSignal,
): Promise<Passwords> {
  const { users = [], rootPasswordSecret } = cluster.auth;
  const given = [{ name: ROOT, passwordSecret: rootPasswordSecret }, ...users].flatMap(
    ({ name: user, passwordSecret }) =>
      passwordSecret === undefined ? [] : [{ user, secret: passwordSecret.name }],
  );
  const held = await readAll(secrets, cluster.namespace, new Set(given.map(({ secret }) => secret)), signal);
  const byUser = new Map<string, string>();
  const troubles: PasswordTrouble[] = [];
  for (const { user, secret } of given) {
    const found = passwordIn(held.get(secret), `Secret ${secret} (of user ${user})`);
    if (typeof found === 'string') {
      byUser.set(user, found);
    } else {
      troubles.push({ ...found, user });
    }
  }
  if (rootPasswordSecret === undefined) {
    byUser.set(ROOT, await ownRootPassword(secrets, cluster, signal));
  }
  return { byUser, troubles };
}

/** A password that nobody has seen. */
export function newPassword(): string {
  return randomBytes(RANDOM_BYTES).toString('base64url');
}

/** The one in the Secret that is made for it, which is kept for as long as it holds one. */
async function ownRootPassword(
  secrets: RecordKeeper,
  { namespace, names, metadataOf }: PasswordsOf,
  signal: AbortSignal,
): Promise<string> {
  const shelf = new SecretShelf(secrets, { namespace, name: names.cluster });
  const before = await shelf.read(names.rootSecret, signal);
  const kept = passwordIn(before, '');
  if (typeof kept === 'string') {
    return kept;
  }
  const password = newPassword();
  const data = { [USER_KEY]: base64Of(ROOT), [PASSWORD_KEY]: base64Of(password) };
  const metadata = metadataOf(names.rootSecret);
  await shelf.write(before, { apiVersion: 'v1', kind: 'Secret', metadata, type: 'Opaque', data }, signal);
  return password;
}

async function readAll(
  secrets: RecordKeeper,
  namespace: string,
  names: ReadonlySet<string>,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, LiveObject>> {
  const found = new Map<string, LiveObject>();
  const waiting = [...names];
  while (waiting.length > 0) {
    await Promise.all(
      waiting.splice(0, READS_AT_ONCE).map(async (name) => {
        const outcome = await secrets.read(SECRET, { namespace, name }, signal);
        if (outcome.kind === 'done') {
          found.set(name, outcome.value);
        } else if (outcome.kind !== 'not-found') {
          throw new ObstacleError(obstacleOf(outcome));
        }
      }),
    );
  }
  return found;
}

/** Exactly as it is stored, a line's end at its end included. */
function passwordIn(secret: LiveObject | undefined, what: string): string | Omit<PasswordTrouble, 'user'> {
  if (secret === undefined) {
    return { reason: 'SecretMissing', why: `${what} does not exist` };
  }
  const { data } = secret;
  const value: unknown =
    typeof data === 'object' && data !== null ? Reflect.get(data, PASSWORD_KEY) : undefined;
  if (typeof value !== 'string') {
    return { reason: 'SecretMissing', why: `${what} has no key ${PASSWORD_KEY}` };
  }
  const bytes = Buffer.from(value, 'base64');
  const why = whyUnusable(bytes);
  return why === undefined ? bytes.toString() : { reason: 'PasswordUnusable', why: `${what} ${why}` };
}

function whyUnusable(bytes: Buffer): string | undefined {
  if (bytes.length === 0) {
    return 'has an empty password';
  }
  if (bytes.length > PASSWORD_BYTES_MAX) {
    return `has a password of ${bytes.length} bytes, and etcd takes ${PASSWORD_BYTES_MAX} at most`;
  }
  return isUtf8(bytes) ? undefined : 'has a password that is no text in UTF-8';
}

function base64Of(text: string): string {
  return Buffer.from(text).toString('base64');
}
