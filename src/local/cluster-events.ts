import { errorText } from '../runtime/error-text.ts';
import { apiEventsBetween } from './api-events.ts';
import type { ApiStore } from './api-store.ts';
import type { ClusterEvent, ClusterHappening } from './cluster-event.ts';

type Listener = (event: ClusterEvent) => void;

export type ClusterEvents = {
  readonly emit: (happening: ClusterHappening) => void;
  readonly emitTrouble: (error: unknown) => void;
  /** Returns how to unsubscribe. */
  readonly subscribe: (listener: Listener) => () => void;
};

/** The events of one cluster: those of its API, which are read off `store`, and those emitted here. */
export function publishEvents(store: ApiStore, first?: Listener): ClusterEvents {
  const listeners = new Set<Listener>(first === undefined ? [] : [first]);
  const emit = (happening: ClusterHappening): void => {
    const event = { ...happening, atMs: Date.now() };
    for (const listener of listeners) {
      listener(event);
    }
  };
  store.subscribe((after, before) => {
    for (const event of apiEventsBetween(before, after)) {
      emit(event);
    }
  });
  return {
    emit,
    emitTrouble: (error) => emit({ kind: 'trouble', message: errorText(error) }),
    subscribe: (listener) => {
      listeners.add(listener);
      return () => {
        listeners.delete(listener);
      };
    },
  };
}
