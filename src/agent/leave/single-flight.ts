/** Calls made while one is under way share its outcome. */
export type SingleFlight<T> = { readonly run: () => Promise<T>; readonly isRunning: () => boolean };

/** At most one `start` at a time: kubelet may call a hook more than once. */
export function singleFlight<T>(start: () => Promise<T>): SingleFlight<T> {
  let current: Promise<T> | undefined;
  return {
    isRunning: () => current !== undefined,
    run: () => {
      current ??= start().finally(() => {
        current = undefined;
      });
      return current;
    },
  };
}
