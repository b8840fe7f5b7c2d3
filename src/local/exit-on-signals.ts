import { constants } from 'node:os';

/** Ctrl-C, `kill`, and the terminal's end. */
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * On the first signal stops in order and exits with 128 + its number, as shells expect; a second one exits
 * at once, and what still runs is killed on the way out. Returns how to undo this.
 */
export function exitOnSignals(stop: () => Promise<void>): () => void {
  let isStopping = false;
  const onSignal = (signal: NodeJS.Signals): void => {
    const code = 128 + constants.signals[signal];
    if (isStopping) {
      process.exit(code);
    }
    isStopping = true;
    void stop().finally(() => process.exit(code));
  };
  for (const signal of SIGNALS) {
    process.on(signal, onSignal);
  }
  return () => {
    for (const signal of SIGNALS) {
      process.removeListener(signal, onSignal);
    }
  };
}
