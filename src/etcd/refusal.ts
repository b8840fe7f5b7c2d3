import type { PasswordVerdict } from './auth-api.ts';
import type { Refusal } from './member-api.ts';

/** etcd's own words (3.5–3.7, prefix `etcdserver: `), gRPC's, and what they mean; the only place that matches them. */
const TEXTS: readonly (readonly [text: string, refusal: Refusal])[] = [
  ['unhealthy cluster', 'unhealthy-cluster'],
  ['can only promote a learner member which is in sync with leader', 'learner-not-ready'],
  ['can only promote a learner member', 'not-a-learner'],
  ['too many learner members in cluster', 'too-many-learners'],
  ['member ID already exist', 'already-listed'],
  ['Peer URLs already exists', 'already-listed'],
  ['member not found', 'not-found'],
  ['re-configuration failed due to not enough started members', 'not-enough-started'],
  ['not leader', 'not-leader'],
  ['bad leader transferee', 'bad-transferee'],
  ['rpc not supported for learner', 'learner-cannot'],
  ['permission denied', 'permission-denied'],
  // grpc-js 1.14: the call never left, so it cannot have been applied.
  ['No connection established', 'not-reached'],
];

/** The refusal in an error's text; undefined when etcd did not refuse but failed, or nobody answered a call that was sent. */
export function refusalIn(text: string): Refusal | undefined {
  const known = TEXTS.find(([part]) => text.includes(part));
  return (
    known?.[1] ??
    (/etcdserver: (?!request timed out|no leader|leader changed|server stopped|too many requests)/.test(text)
      ? 'other'
      : undefined)
  );
}

/** etcd's words about a password that it did not take (3.5–3.7); it says the same of a user that is not there. */
const PASSWORD_TEXTS: readonly (readonly [text: string, verdict: PasswordVerdict])[] = [
  ['authentication failed, invalid user ID or password', 'wrong'],
  ['password was given for no password user', 'no-password'],
];

/** The verdict in an error's text; undefined when it is about something else. */
export function passwordVerdictIn(text: string): PasswordVerdict | undefined {
  return PASSWORD_TEXTS.find(([part]) => text.includes(part))?.[1];
}

/** Whether etcd says that there is no such user or role. */
export function saysNotThere(text: string): boolean {
  return /\b(?:user|role) name not found\b/.test(text);
}
