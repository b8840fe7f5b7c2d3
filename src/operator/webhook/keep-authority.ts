import type { LiveObject } from '../../kube/kube-object.ts';
import type { ObjectName, RecordKeeper } from '../../kube/object-api.ts';
import { failureText, type Outcome } from '../../kube/outcome.ts';
import type { KeyPair } from '../../pki/certificate.ts';
import { SECRET } from '../kinds.ts';
import {
  AUTHORITY_LIFE_MS,
  authorityIn,
  isDue,
  secretFields,
  succeeding,
  type WebhookAuthority,
} from './webhook-authority.ts';

export type KeepAuthorityDeps = {
  readonly records: RecordKeeper;
  readonly issueAuthority: (commonName: string, nowMs: number, lifeMs: number) => Promise<KeyPair>;
  readonly nowMs: () => number;
};

export type KeptAuthority =
  | { readonly kind: 'kept'; readonly authority: WebhookAuthority }
  | { readonly kind: 'failed'; readonly why: string };

/** Replicas that start together write at once; who comes late finds on the second look what the first one wrote. */
const ATTEMPTS_MAX = 3;

/** The authority in the Secret called `place`, made or renewed where that is due. */
export async function keepAuthority(
  deps: KeepAuthorityDeps,
  place: ObjectName,
  signal: AbortSignal,
): Promise<KeptAuthority> {
  let failure = '';
  for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt++) {
    const outcome = await keepOnce(deps, place, signal);
    if (outcome.kind === 'done') {
      return { kind: 'kept', authority: outcome.value };
    }
    failure = failureText(outcome);
    if (outcome.kind !== 'conflict') {
      break;
    }
  }
  return { kind: 'failed', why: `Secret ${place.name}: ${failure}` };
}

async function keepOnce(
  deps: KeepAuthorityDeps,
  place: ObjectName,
  signal: AbortSignal,
): Promise<Outcome<WebhookAuthority>> {
  const found = await deps.records.read(SECRET, place, signal);
  if (found.kind !== 'done' && found.kind !== 'not-found') {
    return found;
  }
  const nowMs = deps.nowMs();
  const live = found.kind === 'done' ? found.value : undefined;
  const stored = live === undefined ? undefined : authorityIn(live);
  if (stored !== undefined && !isDue(stored, nowMs)) {
    return { kind: 'done', value: stored };
  }
  const pair = await deps.issueAuthority(`${place.name}-ca`, nowMs, AUTHORITY_LIFE_MS);
  const authority = succeeding(stored, pair, nowMs);
  const written = await write(deps, place, live, authority, signal);
  return written.kind === 'done' ? { kind: 'done', value: authority } : written;
}

/** With the version that was read, so that of two replicas one wins and the other takes up what it wrote. */
function write(
  { records }: KeepAuthorityDeps,
  { name, namespace }: ObjectName,
  live: LiveObject | undefined,
  authority: WebhookAuthority,
  signal: AbortSignal,
): Promise<Outcome<LiveObject>> {
  const kind = { apiVersion: SECRET.apiVersion, kind: SECRET.kind };
  const fields = secretFields(authority);
  if (live === undefined) {
    const metadata = { name, ...(namespace === undefined ? {} : { namespace }) };
    return records.create(SECRET, { ...kind, metadata, ...fields }, signal);
  }
  return records.update(SECRET, { ...live, ...kind, ...fields }, signal);
}
