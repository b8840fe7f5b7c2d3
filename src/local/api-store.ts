import type { ApiState } from './api-state.ts';

/** The one current state. Whoever acts on it reads it afresh; subscribers are told only that it moved. */
export type ApiStore = {
  readonly read: () => ApiState;
  /**
   * Replaces the state by `change(state)`: written to disk first, then announced. An equal state is no
   * change. Throws what `persist` throws; the state is then as it was.
   */
  readonly update: (change: (state: ApiState) => ApiState) => void;
  /** Calls `listener` after each change, in order of subscription; returns how to unsubscribe. */
  readonly subscribe: (listener: StateListener) => () => void;
};

export type StateListener = (after: ApiState, before: ApiState) => void;

/** A store that begins with `initial` and hands every new state to `persist` before it counts. */
export function createApiStore(initial: ApiState, persist: (state: ApiState) => void): ApiStore {
  const listeners = new Set<StateListener>();
  let current = initial;
  return {
    read: () => current,
    update: (change) => {
      const before = current;
      const after = change(before);
      if (after === before) {
        return;
      }
      persist(after);
      current = after;
      for (const listener of listeners) {
        listener(after, before);
      }
    },
    subscribe: (listener) => {
      listeners.add(listener);
      return () => {
        listeners.delete(listener);
      };
    },
  };
}
