import type { LiveObject } from '../../kube/kube-object.ts';
import type { ObjectName, RecordKeeper } from '../../kube/object-api.ts';
import { failureText, type Outcome } from '../../kube/outcome.ts';
import type { KeyPair } from '../../pki/certificate.ts';
import {
  AUTHORITY_LIFE_MS,
  authorityIn,
  isDue,
  SECRET,
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

/** The authority in the Secret called `place`, made or renewed where that is due. A lost race fails: ask again. */
export async function keepAuthority(
  deps: KeepAuthorityDeps,
  place: ObjectName,
  signal: AbortSignal,
): Promise<KeptAuthority> {
  const found = await deps.records.read(SECRET, place, signal);
  if (found.kind !== 'done' && found.kind !== 'not-found') {
    return { kind: 'failed', why: `Secret ${place.name}: ${failureText(found)}` };
  }
  const nowMs = deps.nowMs();
  const live = found.kind === 'done' ? found.value : undefined;
  const stored = live === undefined ? undefined : authorityIn(live);
  if (stored !== undefined && !isDue(stored, nowMs)) {
    return { kind: 'kept', authority: stored };
  }
  const pair = await deps.issueAuthority(`${place.name}-ca`, nowMs, AUTHORITY_LIFE_MS);
  const authority = succeeding(stored, pair, nowMs);
  const written = await write(deps, place, live, authority, signal);
  return written.kind === 'done'
    ? { kind: 'kept', authority }
    : { kind: 'failed', why: `Secret ${place.name}: ${failureText(written)}` };
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
