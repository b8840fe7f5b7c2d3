import { createHmac, randomBytes } from 'node:crypto';

/** What a user without a password is known by; no password is empty. */
const CERTIFICATE = '';

/**
 * The users of one cluster whose credentials are known to be these: to ask etcd again costs it a bcrypt each. Kept as
 * digests under a key that no other process has.
 */
export class KnownCredentials {
  readonly #key = randomBytes(32);
  readonly #digests = new Map<string, string>();

  /** Whether the user is known to have this password, or to have none. */
  has(user: string, password: string | undefined): boolean {
    return this.#digests.get(user) === this.#digestOf(password);
  }

  note(user: string, password: string | undefined): void {
    this.#digests.set(user, this.#digestOf(password));
  }

  forget(user: string): void {
    this.#digests.delete(user);
  }

  clear(): void {
    this.#digests.clear();
  }

  #digestOf(password = CERTIFICATE): string {
    return createHmac('sha256', this.#key).update(password).digest('base64');
  }
}
