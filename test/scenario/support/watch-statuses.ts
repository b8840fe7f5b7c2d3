import type { LocalCluster } from '../../../src/local/local-cluster.ts';
import type { Journal } from './journal.ts';

/** How long one long-poll lasts when nothing changes. */
const POLL_SECONDS = 20;
/** An agent that is silent is asked again when something happens, or after this. */
const SILENT_MS = 250;

/** Keeps the journal's statuses up to date by long-polls, for as long as `cluster` runs. */
export function watchStatuses(cluster: LocalCluster, journal: Journal, pods: () => readonly number[]): void {
  const stopped = new AbortController();
  void cluster.stopped.then(() => stopped.abort());
  const watched = new Set<number>();
  const watchAll = (): void => {
    for (const ordinal of pods()) {
      if (!watched.has(ordinal)) {
        watched.add(ordinal);
        void watchOne(cluster, journal, ordinal, stopped.signal);
      }
    }
  };
  watchAll();
  cluster.onEvent(watchAll);
}

async function watchOne(
  cluster: LocalCluster,
  journal: Journal,
  ordinal: number,
  signal: AbortSignal,
): Promise<void> {
  let since: string | undefined;
  while (!signal.aborted) {
    const longPoll = since === undefined ? undefined : { since, waitSeconds: POLL_SECONDS };
    const word = await cluster.agentStatus(ordinal, signal, longPoll);
    if (signal.aborted) {
      return;
    }
    if (word.kind === 'answers') {
      since = word.status.etag;
      journal.noteStatus(ordinal, word.status);
    } else {
      since = undefined;
      journal.noteStatus(ordinal, undefined);
      await journal.next(SILENT_MS, signal);
    }
  }
}
