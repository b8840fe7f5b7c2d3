import type { LiveObject } from '../../kube/kube-object.ts';

/** An object as it was last seen, reduced to what its reader keeps of it. */
export type Kept<T> = {
  /** `namespace/name`, or the name alone of what is cluster-wide. */
  readonly key: string;
  readonly uid: string;
  readonly resourceVersion: string;
  readonly value: T;
};

/** What happened to an object. One that was deleted and made anew is `removed` and then `added`. */
export type Change<T> =
  | { readonly kind: 'added'; readonly key: string; readonly now: Kept<T> }
  | { readonly kind: 'changed'; readonly key: string; readonly now: Kept<T>; readonly old: Kept<T> }
  | { readonly kind: 'removed'; readonly key: string; readonly old: Kept<T> };

/** The key of an object in stores and queues. */
export function keyOf(namespace: string | undefined, name: string): string {
  return namespace === undefined ? name : `${namespace}/${name}`;
}

/** Objects by key. Each write says what changed by it; what was known already changes nothing. */
export class ObjectStore<T> {
  readonly #keep: (object: LiveObject) => T;
  readonly #kept = new Map<string, Kept<T>>();

  /** `keep` reduces an object to what is worth memory. */
  constructor(keep: (object: LiveObject) => T) {
    this.#keep = keep;
  }

  get(key: string): Kept<T> | undefined {
    return this.#kept.get(key);
  }

  values(): Iterable<Kept<T>> {
    return this.#kept.values();
  }

  get size(): number {
    return this.#kept.size;
  }

  /** The object is there and looks like this. */
  put(object: LiveObject): readonly Change<T>[] {
    const key = keyOfObject(object);
    const { uid, resourceVersion } = object.metadata;
    const old = this.#kept.get(key);
    if (old?.uid === uid && old.resourceVersion === resourceVersion) {
      return [];
    }
    const now: Kept<T> = { key, uid, resourceVersion, value: this.#keep(object) };
    this.#kept.set(key, now);
    if (old === undefined) {
      return [{ kind: 'added', key, now }];
    }
    return old.uid === uid
      ? [{ kind: 'changed', key, now, old }]
      : [
          { kind: 'removed', key, old },
          { kind: 'added', key, now },
        ];
  }

  /** The object of this UID is gone; another one of its name stays. */
  drop(object: LiveObject): readonly Change<T>[] {
    const key = keyOfObject(object);
    const old = this.#kept.get(key);
    return old?.uid === object.metadata.uid ? this.#remove(old) : [];
  }

  /** Nothing is there but what has these keys. */
  dropAllBut(keys: ReadonlySet<string>): readonly Change<T>[] {
    const gone = [...this.#kept.values()].filter(({ key }) => !keys.has(key));
    return gone.flatMap((old) => this.#remove(old));
  }

  #remove(old: Kept<T>): readonly Change<T>[] {
    this.#kept.delete(old.key);
    return [{ kind: 'removed', key: old.key, old }];
  }
}

export function keyOfObject(object: LiveObject): string {
  return keyOf(object.metadata.namespace, object.metadata.name);
}
