/** What is checked once the last step is over: nothing lost, all members equal, one cluster. */
import type { MaintenanceApi } from '../etcd/member-api.ts';
import type { PeerHttp } from '../etcd/peer-http.ts';
import { peerUrlOf } from '../model/naming.ts';
import { within } from '../runtime/abort.ts';
import { errorText } from '../runtime/error-text.ts';
import { residentBytesOf } from './agent-memory.ts';
import { compareHashes } from './compare-hashes.ts';
import type { KeyValueApi } from './key-value-api.ts';
import { endpointsOf, membersOf } from './member-board.ts';
import { readBack } from './read-back.ts';
import { type TourDeps, whole } from './run-tour.ts';

export type FinalCheck = {
  readonly lost: number | null;
  readonly hashkvEqual: boolean;
  readonly agentRssBytes: readonly number[];
  readonly problems: readonly string[];
};

export type FinalDeps = Pick<TourDeps, 'cluster' | 'watch' | 'members' | 'writer' | 'ledger'> & {
  readonly api: KeyValueApi;
  readonly maintenance: MaintenanceApi;
  /** Whether a step failed: then the cluster has been waited for long enough. */
  readonly hasFailed: boolean;
};

/** As for a step of the tour. */
const WHOLE_LIMIT_MS = 60_000;

/**
 * Ends the writing and looks at what is there. A cluster that hibernates is woken up with `size` members
 * first, since nobody else can be asked.
 */
export async function checkInTheEnd(deps: FinalDeps, size: number, signal: AbortSignal): Promise<FinalCheck> {
  const { cluster, watch, writer, ledger } = deps;
  const problems: string[] = [];
  if (cluster.replicas() === 0) {
    cluster.scale(size);
    writer.resume();
  }
  if (!deps.hasFailed) {
    try {
      await whole(deps, within(signal, WHOLE_LIMIT_MS));
    } catch (error) {
      signal.throwIfAborted();
      problems.push(`the cluster is not whole at the end: ${errorText(error)}`);
    }
  }
  writer.pause();
  await writer.idle();
  const endpoints = endpointsOf(watch.board);
  const read = await readBack(deps.api, endpoints, ledger.acknowledged, signal);
  signal.throwIfAborted();
  const agentRssBytes = membersOf(watch.board).flatMap(({ agentPid }) =>
    agentPid === null ? [] : [residentBytesOf(agentPid) ?? []].flat(),
  );
  if (read.kind === 'unreadable') {
    problems.push(`the acknowledged writes cannot be read back: ${read.why}`);
    return { lost: null, hashkvEqual: false, agentRssBytes, problems };
  }
  if (read.lost > 0) {
    problems.push(`${read.lost} of ${ledger.acknowledged.total} acknowledged writes are lost`);
  }
  const hashes = await compareHashes(deps.maintenance, endpoints, read.revision, signal);
  if (hashes.kind !== 'equal') {
    problems.push(
      `the members' data is ${hashes.kind === 'unequal' ? 'not equal' : 'not known to be equal'}: ${hashes.why}`,
    );
  }
  return { lost: read.lost, hashkvEqual: hashes.kind === 'equal', agentRssBytes, problems };
}

/** The cluster IDs that agents report and peer ports carry in their headers now. */
export async function clusterIdsSeen(
  { cluster, watch }: Pick<TourDeps, 'cluster' | 'watch'>,
  peers: PeerHttp,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const { names } = cluster.template;
  const members = membersOf(watch.board);
  const lists = await Promise.all(
    members.map(({ ordinal }) => peers.localMembers(peerUrlOf(names, ordinal), signal)),
  );
  const fromPeers = lists.flatMap((answer) => (answer.kind === 'answered' ? [answer.value.clusterId] : []));
  const fromAgents = members.flatMap(({ status }) => status?.etcd.clusterId ?? []);
  return [...fromPeers, ...fromAgents];
}
