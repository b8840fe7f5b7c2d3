/**
 * One tour from its first process to its last: a local cluster, a client that never stops writing, the
 * steps, and the check at the end.
 */
import { createEtcd3Clients } from '../etcd/etcd3-clients.ts';
import { createEtcd3MaintenanceApi } from '../etcd/etcd3-maintenance-api.ts';
import { createEtcd3MemberApi } from '../etcd/etcd3-member-api.ts';
import type { MaintenanceApi, MemberApi } from '../etcd/member-api.ts';
import { createPeerHttp, type PeerHttp } from '../etcd/peer-http.ts';
import { type LocalCluster, startLocalCluster } from '../local/local-cluster.ts';
import { LocalClusterError } from '../local/local-cluster-error.ts';
import { createHttpClient } from '../runtime/http-client.ts';
import { DemoNews } from './demo-news.ts';
import type { DemoView } from './demo-view.ts';
import { createEtcd3KeyValueApi } from './etcd3-key-value-api.ts';
import { checkInTheEnd, clusterIdsSeen, type FinalCheck } from './final-check.ts';
import type { KeyValueApi } from './key-value-api.ts';
import { endpointsOf } from './member-board.ts';
import type { PictureState } from './picture-state.ts';
import { awakeSizeAfter } from './plan-tour.ts';
import { createRandom } from './random.ts';
import { runTour, type TourDeps } from './run-tour.ts';
import type { Step } from './step.ts';
import type { StepReport, TourReport } from './tour-report.ts';
import { WriteLedger } from './write-ledger.ts';
import { Writer } from './writer.ts';

export type DemoOptions = {
  /** Where the cluster lives; it is left there. */
  readonly folder: string;
  readonly size: number;
  /** Such as `3.6.16`. */
  readonly etcdVersion: string;
  /** As `planTour` gives them for `size`. */
  readonly steps: readonly Step[];
  readonly seed: number;
  readonly settle: boolean;
  /** Whether the data is of use afterwards, so that etcd is to end in order. */
  readonly keep: boolean;
};

export type DemoDeps = {
  readonly etcdPath: string;
  /** See `PodTemplate`. */
  readonly agentEntry: readonly string[];
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly view: DemoView;
};

/** The cluster's name, and so the beginning of its members' names. */
const CLUSTER = 'demo';

/**
 * Runs the tour; no process is left afterwards, whatever way it ends.
 *
 * @throws LocalClusterError those of `startLocalCluster`; the signal's reason when it fires
 */
export async function runDemo(
  options: DemoOptions,
  deps: DemoDeps,
  signal: AbortSignal,
): Promise<TourReport> {
  const born = { atMs: Date.now(), monotonicMs: performance.now() };
  const news = new DemoNews(options.steps, CLUSTER, deps.view, born);
  await using opened = new AsyncDisposableStack();
  const cluster = await startLocalCluster(
    {
      folder: options.folder,
      keep: true,
      name: CLUSTER,
      size: options.size,
      etcdVersion: options.etcdVersion,
      seed: options.seed,
      agentEntry: deps.agentEntry,
      // Membership calls are counted from the agents' logs.
      agentEnv: { QUORATE_LOG_LEVEL: 'info' },
      onEvent: (event) => news.noteEvent(event),
      onAgentLine: (ordinal, line) => news.noteLine(ordinal, line),
    },
    { findEtcd: () => Promise.resolve(deps.etcdPath), environment: deps.environment },
    signal,
  );
  opened.defer(() => stopCluster(cluster, news, options.keep));
  news.watch.start(cluster);
  opened.defer(() => news.watch.stop());
  const parts = partsOf(news, opened);
  const writing = parts.writer.run(parts.stopped.signal);
  opened.defer(async () => {
    parts.stopped.abort();
    await writing;
  });
  deps.view.start(() => pictureOf(cluster, news, parts));
  opened.defer(() => deps.view.stop());
  return await tourAndCheck(options, cluster, news, parts, born.monotonicMs, signal);
}

type Parts = {
  readonly ledger: WriteLedger;
  readonly writer: Writer;
  readonly api: KeyValueApi;
  readonly members: MemberApi;
  readonly maintenance: MaintenanceApi;
  readonly peers: PeerHttp;
  readonly stopped: AbortController;
};

function partsOf(news: DemoNews, opened: AsyncDisposableStack): Parts {
  const clients = createEtcd3Clients();
  opened.defer(() => clients.close());
  const http = createHttpClient();
  opened.defer(() => http.close());
  const api = createEtcd3KeyValueApi(clients);
  const ledger = new WriteLedger(performance.now());
  const writer = new Writer({
    api,
    ledger,
    nowMs: () => performance.now(),
    endpoints: () => endpointsOf(news.watch.board),
    onGap: (gapMs) => news.noteGap(gapMs),
    onUnanswered: (endpoint, why) => news.noteUnanswered(endpoint, why),
  });
  return {
    ledger,
    writer,
    api,
    members: createEtcd3MemberApi(clients),
    maintenance: createEtcd3MaintenanceApi(clients),
    peers: createPeerHttp(http),
    stopped: new AbortController(),
  };
}

function pictureOf(cluster: LocalCluster, news: DemoNews, { ledger, writer }: Parts): PictureState {
  const nowMs = performance.now();
  const writes = { ...ledger.totals(nowMs), isPaused: writer.isPaused };
  return news.state.picture(cluster, news.watch.board, writes, nowMs);
}

async function tourAndCheck(
  options: DemoOptions,
  cluster: LocalCluster,
  news: DemoNews,
  parts: Parts,
  bornMs: number,
  signal: AbortSignal,
): Promise<TourReport> {
  const { watch, calls } = news;
  const clusterIds = new Set<string>();
  const noteClusterIds = async (): Promise<void> => {
    for (const id of await clusterIdsSeen({ cluster, watch }, parts.peers, signal)) {
      clusterIds.add(id);
    }
  };
  const deps: TourDeps = {
    ...parts,
    cluster,
    watch,
    calls,
    bornMs,
    random: createRandom(options.seed),
    nowMs: () => performance.now(),
    settle: options.settle,
    onProgress: (index, progress) => news.noteProgress(index, progress),
    onDeadline: (deadline) => news.noteDeadline(deadline),
    afterStep: noteClusterIds,
  };
  const steps = await runTour(options.steps, deps, signal);
  const hasFailed = steps.some((step) => step.problem !== null);
  const check = await checkInTheEnd(
    { ...parts, cluster, watch, hasFailed },
    awakeSizeAfter(options.steps, options.size),
    signal,
  );
  await noteClusterIds();
  for (const id of parts.ledger.clusterIds) {
    clusterIds.add(id);
  }
  return reportOf(options, steps, check, [...clusterIds], parts.ledger, performance.now() - bornMs);
}

function reportOf(
  options: DemoOptions,
  steps: readonly StepReport[],
  check: FinalCheck,
  clusterIds: readonly string[],
  ledger: WriteLedger,
  tookMs: number,
): TourReport {
  const { acknowledged, unanswered, longestGapMs, longestWakeMs } = ledger.totals(performance.now());
  const { problems: found, ...checked } = check;
  const problems = [
    ...steps.flatMap((step) => step.problem ?? []),
    ...(steps.length < options.steps.length
      ? [`${options.steps.length - steps.length} steps were not taken`]
      : []),
    ...(acknowledged === 0 ? ['no write was ever acknowledged'] : []),
    ...(clusterIds.length === 1 ? [] : [`${clusterIds.length} cluster IDs were seen where one is right`]),
    ...found,
  ];
  return {
    ok: problems.length === 0,
    acknowledged,
    unanswered,
    ...checked,
    clusterIds,
    etcdVersion: options.etcdVersion,
    longestWriteGapMs: Math.round(longestGapMs),
    longestWakeMs: Math.round(longestWakeMs),
    seconds: Math.round(tookMs) / 1000,
    size: options.size,
    seed: options.seed,
    steps,
    problems,
  };
}

/** What is worth nothing afterwards need not end in order, which takes a leader up to five seconds. */
async function stopCluster(cluster: LocalCluster, { watch }: DemoNews, keep: boolean): Promise<void> {
  const stopped = cluster.stop();
  for (const ordinal of keep ? [] : watch.board.keys()) {
    try {
      cluster.killContainer(ordinal, 'etcd', 'SIGKILL');
    } catch (error) {
      if (!(error instanceof LocalClusterError)) {
        throw error;
      }
    }
  }
  await stopped;
}
