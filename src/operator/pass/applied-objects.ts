/**
 * Applies objects, and remembers what was applied, so that a pass that changes nothing makes no call. What
 * is remembered can be lost at any time: the next pass then applies once more, which changes nothing either.
 */
import { createHash } from 'node:crypto';
import type { KubeObject, LiveObject } from '../../kube/kube-object.ts';
import type { ObjectWriter } from '../../kube/object-api.ts';
import type { Outcome } from '../../kube/outcome.ts';
import type { AppliedObject } from '../../resources/applied-object.ts';
import { appliedKindOf, type ObjectKey } from '../kinds.ts';

/** What tells whether somebody else has changed an object: its generation, or without one its version. */
export type LiveMark = { readonly uid: string; readonly mark: string };

type Remembered = LiveMark & { readonly hash: string };

/** The mark of an object as the API server has it. */
export function markOf({ metadata }: Pick<LiveObject, 'metadata'>): LiveMark {
  return { uid: metadata.uid, mark: String(metadata.generation ?? metadata.resourceVersion) };
}

export class AppliedObjects {
  readonly #writer: Pick<ObjectWriter, 'apply'>;
  /** By cluster, then by object. */
  readonly #remembered = new Map<string, Map<string, Remembered>>();

  constructor(writer: Pick<ObjectWriter, 'apply'>) {
    this.#writer = writer;
  }

  /** Makes `object` of `cluster` so, unless `live` is what came of applying the very same before. */
  async apply(
    cluster: string,
    object: AppliedObject,
    live: LiveMark | undefined,
    signal: AbortSignal,
  ): Promise<Outcome<'as-wanted' | 'applied'>> {
    const key = keyOf(object);
    const hash = createHash('sha256').update(JSON.stringify(object)).digest('base64');
    const remembered = this.#remembered.get(cluster) ?? new Map<string, Remembered>();
    // Before anything is awaited: several objects are applied at once, and each would begin a map of its own.
    this.#remembered.set(cluster, remembered);
    const known = remembered.get(key);
    if (live !== undefined && known?.hash === hash && known.uid === live.uid && known.mark === live.mark) {
      return { kind: 'done', value: 'as-wanted' };
    }
    const outcome = await this.#writer.apply(appliedKindOf(object), asKubeObject(object), signal);
    if (outcome.kind !== 'done') {
      return outcome;
    }
    remembered.set(key, { ...markOf(outcome.value), hash });
    return { kind: 'done', value: 'applied' };
  }

  /** Whether `live`, as the views show the object, is older than what came of applying it last. */
  isAheadOf(cluster: string, object: ObjectKey, live: LiveMark | undefined): boolean {
    const known = this.#remembered.get(cluster)?.get(keyOf(object));
    return known !== undefined && known.uid === live?.uid && Number(known.mark) > Number(live.mark);
  }

  /** For a cluster that is gone. */
  forget(cluster: string): void {
    this.#remembered.delete(cluster);
  }
}

function keyOf({ kind, metadata }: ObjectKey): string {
  return `${kind}/${metadata.name}`;
}

function asKubeObject(object: AppliedObject): KubeObject {
  return { ...object };
}
