/**
 * Volumes that a StatefulSet of this cluster's name would take up although they are older than the cluster: left
 * by one that was deleted, or made by somebody's plain StatefulSet. The views show only what bears our labels,
 * so what they do not show is asked for by name.
 */
import type { LiveObject } from '../../kube/kube-object.ts';
import { ORDINAL_MAX } from '../../model/naming.ts';
import { selectorLabelsOf } from '../../resources/labels.ts';
import { claimNameOf } from '../../resources/names.ts';
import { CLAIM } from '../kinds.ts';
import type { PassContext } from './pass-context.ts';
import { failed, type StepEnd } from './step.ts';

export type OldVolumes = { readonly names: readonly string[] };

/** Names of the old claims, by ordinal; those that nobody labelled bear our labels from then on. */
export async function findOldVolumes(
  context: PassContext,
  signal: AbortSignal,
): Promise<OldVolumes | StepEnd> {
  const { sight } = context;
  const shown = new Set(sight.observed.claims.map(({ name }) => name));
  const hidden = Array.from({ length: ORDINAL_MAX + 1 }, (_, ordinal) =>
    claimNameOf(sight.name, ordinal),
  ).filter((name) => !shown.has(name));
  const found = await Promise.all(hidden.map((name) => takeNote(context, name, signal)));
  const stopped = found.find((each) => typeof each === 'object');
  if (stopped !== undefined) {
    return stopped;
  }
  const unlabelled = found.filter((each) => typeof each === 'string');
  return { names: [...sight.olderClaims, ...unlabelled].toSorted() };
}

/** The name, if there is a claim that is older than the cluster. */
async function takeNote(
  { sight, reader, writer }: PassContext,
  name: string,
  signal: AbortSignal,
): Promise<string | undefined | StepEnd> {
  const { namespace } = sight;
  const found = await reader.read(CLAIM, { namespace, name }, signal);
  if (found.kind === 'not-found') {
    return undefined;
  }
  if (found.kind !== 'done') {
    return failed(`PersistentVolumeClaim ${name}`, found);
  }
  const { uid } = found.value.metadata;
  const labels = selectorLabelsOf(sight.name);
  const labelled = await writer.apply(CLAIM, { metadata: { name, namespace, uid, labels } }, signal);
  if (labelled.kind !== 'done') {
    return failed(`PersistentVolumeClaim ${name}`, labelled);
  }
  return isOlder(found.value, sight.observed.cluster.metadata.creationTimestamp) ? name : undefined;
}

function isOlder({ metadata }: LiveObject, bornAt: string | undefined): boolean {
  return Date.parse(metadata.creationTimestamp ?? '') < Date.parse(bornAt ?? '');
}
