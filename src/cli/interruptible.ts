/** Ctrl-C, a polite kill, and a terminal that was closed. */
const INTERRUPTIONS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Runs `action` with a signal that fires on the first interruption; a second one ends the process. */
export async function interruptible<T>(action: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const interruption = new AbortController();
  const interrupt = (): void => interruption.abort(new Error('interrupted'));
  for (const name of INTERRUPTIONS) {
    process.once(name, interrupt);
  }
  try {
    return await action(interruption.signal);
  } finally {
    for (const name of INTERRUPTIONS) {
      process.off(name, interrupt);
    }
  }
}
