/** Keeps etcd's authentication, its users and its roles as the specs of clusters have them. */
import type { AuthApi } from '../../etcd/auth-api.ts';
import type { RecordKeeper } from '../../kube/object-api.ts';
import type { AuthChange } from '../../model/etcd-auth.ts';
import { errorText } from '../../runtime/error-text.ts';
import type { TlsMaterial } from '../../runtime/tls-material.ts';
import { type Obstacle, ObstacleError } from '../certificates/secret-shelf.ts';
import { AuthMemory } from './auth-memory.ts';
import { type Passwords, type PasswordsOf, type PasswordTrouble, readPasswords } from './read-passwords.ts';
import { type AuthVisit, type VisitEnd, visitAuth } from './visit-auth.ts';

/** A member to ask. */
export type AuthMember = {
  /** Whose certificate it shows. */
  readonly clientUrl: string;
  /** The same by its address. */
  readonly dialUrl: string;
};

/** Opens the way to the etcd of one cluster; an adapter, since its library is large. */
export type OpenAuthDoor = (
  members: readonly AuthMember[],
  identity: TlsMaterial,
) => Promise<{ readonly api: AuthApi; readonly close: () => void }>;

export type AuthKeeperDeps = {
  readonly secrets: RecordKeeper;
  readonly open: OpenAuthDoor;
  /** Wall clock. */
  readonly nowMs: () => number;
};

export type AuthOf = Omit<PasswordsOf, 'auth'> &
  Pick<AuthVisit, 'auth' | 'mayEnable'> & {
    /** `namespace/name`. */
    readonly key: string;
    readonly clusterId: string;
    /** Those that vote and serve, the leader first. */
    readonly members: readonly AuthMember[];
    /** What is shown to etcd: a certificate named root. @throws ObstacleError */
    readonly identity: (signal: AbortSignal) => Promise<TlsMaterial>;
  };

/** How it ended; `on` with the passwords that are not to be had. */
export type AuthEnd =
  | Exclude<VisitEnd, { kind: 'on' | 'unanswered' }>
  | (Extract<VisitEnd, { kind: 'on' }> & { readonly troubles: readonly PasswordTrouble[] })
  /** Nobody knows for now, and not for long yet. */
  | { readonly kind: 'unknown' }
  | { readonly kind: 'delayed'; readonly why: string }
  | Extract<Obstacle, { kind: 'forbidden' | 'name-taken' }>;

export type AuthKept = {
  readonly end: AuthEnd;
  /** Made just now. */
  readonly changes: readonly AuthChange[];
  readonly againAtMs: number;
};

/** What others may have changed, in etcd or in a Secret, is seen after this. */
const LOOK_MS = 60_000;
/** What is held waits for a pass of its own; a call is an entry of etcd's log. */
const HELD_MS = 5_000;
/** An etcd that did not answer is asked again. */
const RETRY_MS = 5_000;
/** Elections and restarts are over by then; before that nobody is told. */
const PATIENCE_MS = 30_000;

const NO_PASSWORDS: Passwords = { byUser: new Map(), troubles: [] };

type Kept = {
  readonly memory: AuthMemory;
  /** Good until then for whoever asks the same. */
  settled: { readonly asked: string; readonly end: AuthEnd; readonly againAtMs: number } | undefined;
  failingSinceMs: number | undefined;
};

export class AuthKeeper {
  readonly #deps: AuthKeeperDeps;
  readonly #kept = new Map<string, Kept>();

  constructor(deps: AuthKeeperDeps) {
    this.#deps = deps;
  }

  /**
   * Makes authentication of one cluster so, as far as a bounded number of calls goes. Never throws. What is settled
   * is looked at again after a minute, or when something else is wanted.
   */
  async keep(cluster: AuthOf, signal: AbortSignal): Promise<AuthKept> {
    const kept = this.#of(cluster);
    const { settled } = kept;
    const asked = JSON.stringify([cluster.auth ?? null, cluster.mayEnable]);
    if (settled?.asked === asked && this.#deps.nowMs() < settled.againAtMs) {
      return { end: settled.end, changes: [], againAtMs: settled.againAtMs };
    }
    kept.settled = undefined;
    const changes: AuthChange[] = [];
    const end = this.#patient(kept, await this.#tryToKeep(cluster, kept.memory, changes, signal));
    const againAtMs = this.#deps.nowMs() + AGAIN_MS[end.kind];
    if (end.kind === 'on' || end.kind === 'off') {
      kept.settled = { asked, end, againAtMs };
    }
    return { end, changes, againAtMs };
  }

  /** The cluster of `key` is gone. */
  forget(key: string): void {
    this.#kept.delete(key);
  }

  #of({ key, clusterId }: AuthOf): Kept {
    const known = this.#kept.get(key);
    if (known?.memory.clusterId === clusterId) {
      return known;
    }
    const fresh = { memory: new AuthMemory(clusterId), settled: undefined, failingSinceMs: undefined };
    this.#kept.set(key, fresh);
    return fresh;
  }

  async #tryToKeep(
    cluster: AuthOf,
    memory: AuthMemory,
    changes: AuthChange[],
    signal: AbortSignal,
  ): Promise<AuthEnd> {
    try {
      return await this.#keep(cluster, memory, changes, signal);
    } catch (error) {
      const obstacle: Obstacle =
        error instanceof ObstacleError ? error.obstacle : { kind: 'failed', why: errorText(error) };
      return obstacle.kind === 'failed' ? { kind: 'delayed', why: obstacle.why } : obstacle;
    }
  }

  async #keep(
    cluster: AuthOf,
    memory: AuthMemory,
    changes: AuthChange[],
    signal: AbortSignal,
  ): Promise<AuthEnd> {
    const { auth, members, mayEnable } = cluster;
    const passwords =
      auth === undefined
        ? NO_PASSWORDS
        : await readPasswords(this.#deps.secrets, { ...cluster, auth }, signal);
    const door = await this.#deps.open(members, await cluster.identity(signal));
    try {
      const clientUrls = members.map(({ clientUrl }) => clientUrl);
      const onChange = (change: AuthChange): void => void changes.push(change);
      const visit = { api: door.api, clientUrls, auth, passwords, mayEnable, memory, onChange };
      return endOf(await visitAuth(visit, signal), passwords);
    } finally {
      door.close();
    }
  }

  /** Who does not answer for a moment is not told of. */
  #patient(kept: Kept, end: AuthEnd): AuthEnd {
    if (end.kind !== 'delayed') {
      kept.failingSinceMs = undefined;
      return end;
    }
    const nowMs = this.#deps.nowMs();
    kept.failingSinceMs ??= nowMs;
    return nowMs - kept.failingSinceMs < PATIENCE_MS ? { kind: 'unknown' } : end;
  }
}

const AGAIN_MS: Readonly<Record<AuthEnd['kind'], number>> = {
  on: LOOK_MS,
  off: LOOK_MS,
  forbidden: LOOK_MS,
  'name-taken': LOOK_MS,
  held: HELD_MS,
  unknown: RETRY_MS,
  delayed: RETRY_MS,
  unfinished: 0,
};

function endOf(end: VisitEnd, { troubles }: Passwords): AuthEnd {
  switch (end.kind) {
    case 'on':
      return { ...end, troubles };
    case 'unanswered':
      return { kind: 'delayed', why: end.why };
    default:
      return end;
  }
}
