import type { AuthChange } from '../../model/etcd-auth.ts';
import { KnownCredentials } from './known-credentials.ts';

/** What is known of one cluster's users and roles. All of it may be lost: it is found out anew then. */
export class AuthMemory {
  /** Whose etcd this is about; another one's has nothing in common with it. */
  readonly clusterId: string;
  readonly known = new KnownCredentials();
  /** Up to which every change is known. */
  #revision: bigint | undefined;
  /** What they were wanted to be when they were last found to be so. */
  #settled: string | undefined;

  constructor(clusterId: string) {
    this.clusterId = clusterId;
  }

  /** etcd is at `revision`: whatever others have changed since, nothing that is known has to hold any more. */
  takeUp(revision: bigint): void {
    if (revision !== this.#revision) {
      this.known.clear();
      this.#settled = undefined;
      this.#revision = revision;
    }
  }

  /** This was changed just now, by us. What may have been changed, or not, the revision will tell. */
  note(change: AuthChange, password: string | undefined): void {
    this.#settled = undefined;
    if (this.#revision !== undefined && change.kind !== 'enable') {
      this.#revision += 1n;
    }
    // Who was made without a password is given none, and etcd does not say so: that has to be checked.
    if (change.kind === 'change-password' || change.kind === 'delete-user') {
      this.known.forget(change.user);
    }
    if (change.kind === 'add-user') {
      this.known.note(change.user, password);
    }
  }

  /** They are as `wanted` has them. */
  settle(wanted: string): void {
    this.#settled = wanted;
  }

  isSettled(wanted: string): boolean {
    return this.#settled === wanted;
  }
}
