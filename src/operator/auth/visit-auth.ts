/** One visit to a cluster's etcd: looks at its users and roles, and makes them as declared. */
import type { AuthSpec } from '../../api/security-spec.ts';
import type { AuthApi, AuthStatus } from '../../etcd/auth-api.ts';
import type { Answer } from '../../etcd/member-api.ts';
import { type AuthChange, ROOT } from '../../model/etcd-auth.ts';
import type { AuthMemory } from './auth-memory.ts';
import { lookAtAuth } from './look-at-auth.ts';
import { planAuth } from './plan-auth.ts';
import { newPassword, type Passwords } from './read-passwords.ts';
import { type WantedAuth, wantedAuth } from './wanted-auth.ts';

export type AuthVisit = {
  readonly api: AuthApi;
  /** URLs of members that vote and serve, the leader's first. */
  readonly clientUrls: readonly string[];
  /** What is declared; undefined where authentication is to be off. */
  readonly auth: AuthSpec | undefined;
  readonly passwords: Passwords;
  /** Whether authentication may be enabled where it is off. */
  readonly mayEnable: boolean;
  readonly memory: AuthMemory;
  /** Told of every change once it is made. */
  readonly onChange: (change: AuthChange) => void;
};

export type VisitEnd =
  | { readonly kind: 'off' }
  /** Users and roles are as declared. */
  | { readonly kind: 'on'; readonly rootHasNoPassword: boolean }
  /** It is off, and may not be enabled yet. */
  | { readonly kind: 'held' }
  /** There is more to change. */
  | { readonly kind: 'unfinished' }
  | { readonly kind: 'unanswered'; readonly why: string };

/** One round changes what is amiss, and the next one sees that all is well. */
const ROUNDS_MAX = 2;
/** In one round. A cluster may have 64 roles of 64 permissions each; a worker has other clusters to look after. */
const CHANGES_MAX = 200;
/** Any member tells the same; who has three that do not answer has other worries. */
const MEMBERS_ASKED_MAX = 3;

export async function visitAuth(visit: AuthVisit, signal: AbortSignal): Promise<VisitEnd> {
  for (let round = 0; round < ROUNDS_MAX; round++) {
    const found = await firstAnswer(visit, signal);
    const end = found.kind === 'unknown' ? unanswered(found.why) : await settle(visit, found.value, signal);
    if (end.kind !== 'unfinished') {
      return end;
    }
  }
  return { kind: 'unfinished' };
}

type Asked = { readonly clientUrl: string; readonly status: AuthStatus };

async function firstAnswer(
  { api, clientUrls, memory }: AuthVisit,
  signal: AbortSignal,
): Promise<Answer<Asked>> {
  let why = 'no member serves';
  for (const clientUrl of clientUrls.slice(0, MEMBERS_ASKED_MAX)) {
    const answer = await api.status(clientUrl, signal);
    if (answer.kind === 'answered' && answer.value.clusterId === memory.clusterId) {
      return { kind: 'answered', value: { clientUrl, status: answer.value } };
    }
    why = answer.kind === 'unknown' ? answer.why : `cluster ${answer.value.clusterId} answers in its place`;
  }
  return { kind: 'unknown', why };
}

/** `unfinished` wherever something was changed. */
async function settle(visit: AuthVisit, asked: Asked, signal: AbortSignal): Promise<VisitEnd> {
  const { auth, memory, mayEnable, passwords } = visit;
  const { clientUrl, status } = asked;
  memory.takeUp(status.revision);
  if (auth === undefined) {
    return status.enabled ? change(visit, clientUrl, [{ kind: 'disable' }], signal) : { kind: 'off' };
  }
  if (!status.enabled && !mayEnable) {
    return { kind: 'held' };
  }
  const wanted = wantedAuth(auth, new Set(passwords.troubles.map(({ user }) => user)));
  return status.enabled && memory.isSettled(JSON.stringify(wanted)) && isKnown(wanted, visit)
    ? { kind: 'on', rootHasNoPassword: false }
    : makeSo(visit, asked, wanted, signal);
}

async function makeSo(
  visit: AuthVisit,
  { clientUrl, status: { enabled } }: Asked,
  wanted: WantedAuth,
  signal: AbortSignal,
): Promise<VisitEnd> {
  const { api, memory, passwords } = visit;
  const look = { api, clientUrl, enabled, wanted, passwords: passwords.byUser, known: memory.known };
  const observed = await lookAtAuth(look, signal);
  if (observed.kind === 'unknown') {
    return unanswered(observed.why);
  }
  const changes = planAuth(wanted, observed.value);
  if (changes.length > 0) {
    return change(visit, clientUrl, changes, signal);
  }
  memory.settle(JSON.stringify(wanted));
  return { kind: 'on', rootHasNoPassword: observed.value.users.get(ROOT)?.credentials === 'other-kind' };
}

function isKnown({ users }: WantedAuth, { memory, passwords }: AuthVisit): boolean {
  return users.every(
    ({ name, credentials }) =>
      credentials === 'withheld' || memory.known.has(name, passwords.byUser.get(name)),
  );
}

async function change(
  { api, memory, passwords, onChange }: AuthVisit,
  clientUrl: string,
  changes: readonly AuthChange[],
  signal: AbortSignal,
): Promise<VisitEnd> {
  for (const each of changes.slice(0, CHANGES_MAX)) {
    const password = passwordFor(each, passwords);
    const answer = await api.change(clientUrl, each, password, signal);
    if (answer.kind === 'unknown') {
      return unanswered(answer.why);
    }
    memory.note(each, password);
    onChange(each);
  }
  return { kind: 'unfinished' };
}

/** A root whose password is withheld gets one that nobody has: made without any, it could never be given one. */
function passwordFor(each: AuthChange, { byUser }: Passwords): string | undefined {
  if (each.kind !== 'add-user' && each.kind !== 'change-password') {
    return undefined;
  }
  return byUser.get(each.user) ?? (each.user === ROOT ? newPassword() : undefined);
}

function unanswered(why: string): VisitEnd {
  return { kind: 'unanswered', why };
}
