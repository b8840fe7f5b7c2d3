/** After a failed pass, such as on a full disk, the next one comes after this time if not sooner. */
const RETRY_MS = 1_000;

export type LevelTriggered = { readonly wake: () => void; readonly stop: () => void };

/**
 * Runs `pass` soon after `wake`, once for however many wakes came before it began. Passes never nest: a
 * wake during a pass makes for one more afterwards. A pass that throws is reported and tried again.
 */
export function levelTriggered(pass: () => void, onError: (error: unknown) => void): LevelTriggered {
  let state: 'idle' | 'due' | 'stopped' = 'idle';
  let retry: NodeJS.Timeout | undefined;
  const run = (): void => {
    if (state === 'stopped') {
      return;
    }
    state = 'idle';
    try {
      pass();
    } catch (error) {
      onError(error);
      clearTimeout(retry);
      retry = setTimeout(wake, RETRY_MS);
    }
  };
  const wake = (): void => {
    if (state === 'idle') {
      state = 'due';
      queueMicrotask(run);
    }
  };
  return {
    wake,
    stop: () => {
      state = 'stopped';
      clearTimeout(retry);
    },
  };
}
