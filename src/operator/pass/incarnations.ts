/** Which object each name stood for at the last look: one may be deleted, and another made, between two looks. */
export class Incarnations {
  readonly #uids = new Map<string, string>();

  /** Whether the cluster of `key`, now the object with this `uid`, was another one at the last look. */
  isAnother(key: string, uid: string): boolean {
    const last = this.#uids.get(key);
    this.#uids.set(key, uid);
    return last !== undefined && last !== uid;
  }

  /** For a cluster that is gone. */
  forget(key: string): void {
    this.#uids.delete(key);
  }
}
