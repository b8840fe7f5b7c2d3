import type { LogLine } from './follow-logs.ts';

/** Restarts of a container that are known to happen, and why. */
export type Excuse = { readonly most: number; readonly why: string };

/**
 * A first start fails when somebody registers in the very moment: etcd compares lists. Agents avoid it by taking
 * turns; where they miss one another, the next start has the new list.
 */
const UNEQUAL_LISTS = 'error validating peerURLs';
const UNEQUAL_LISTS_MAX = 2;

/**
 * A member that gets no answer in time starts on its own data, and learns only then that it was removed (F43, F84).
 * After so many ends the agent sets data aside in any case.
 */
const REMOVED_DATA_MAX = 5;

/** What excuses restarts of the etcd in `pod`, by what it and its agent have logged; undefined: nothing does. */
export function excuseFor(
  pod: string,
  etcdLines: readonly LogLine[],
  agentLines: readonly LogLine[],
): Excuse | undefined {
  const isOfPod = ({ file }: LogLine): boolean => file.startsWith(`${pod}.`);
  const saidRemoved = agentLines.some(
    (each) =>
      isOfPod(each) && each.line['decision'] === 'set-data-aside' && each.line['reason'] === 'RemovedData',
  );
  if (saidRemoved) {
    return { most: REMOVED_DATA_MAX, why: 'it started on data of a member that had been removed' };
  }
  // A life may have been logged twice: while it ran, and as the one before.
  const times = etcdLines
    .filter((each) => isOfPod(each) && each.line['level'] === 'fatal')
    .filter(({ line }) => String(line['error']).includes(UNEQUAL_LISTS))
    .map(({ line }) => line['ts']);
  return times.length === 0
    ? undefined
    : {
        most: Math.min(UNEQUAL_LISTS_MAX, new Set(times).size),
        why: 'another member registered while it started for the first time',
      };
}
