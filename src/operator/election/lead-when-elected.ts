import { type LeaseElectionOptions, runLeaseElection, type Term } from './lease-election.ts';

/** Whoever lost the Lease has aborted its work, which ends with the calls that are under way. */
const WORK_ENDS_MS = 15_000;

/** How it ended: told to stop, or the work went on after the Lease was lost, which only the process's end ends. */
export type LeadingEnd = 'stopped' | 'stuck';

/**
 * Leads, and stands for election again whenever the Lease is lost, such as with an API server that restarts. A
 * process that ended instead would be started ever later by its kubelet. What `lead` throws is thrown on.
 */
export async function leadWhenElected(
  options: LeaseElectionOptions,
  lead: (term: Term) => Promise<void>,
  signal: AbortSignal,
): Promise<LeadingEnd> {
  for (;;) {
    let work: Promise<void> = Promise.resolve();
    const end = await runLeaseElection(
      options,
      (term) => {
        work = lead(term);
        return work;
      },
      signal,
    );
    if (end === 'stopped') {
      return 'stopped';
    }
    if (!(await endsInTime(work, options))) {
      return 'stuck';
    }
  }
}

/** What it throws now is of calls that were broken off. */
async function endsInTime(work: Promise<void>, { pause }: LeaseElectionOptions): Promise<boolean> {
  const waiting = new AbortController();
  const ended = work.then(
    () => true,
    () => true,
  );
  const isOver = await Promise.race([ended, pause(WORK_ENDS_MS, waiting.signal).then(() => false)]);
  waiting.abort();
  return isOver;
}
