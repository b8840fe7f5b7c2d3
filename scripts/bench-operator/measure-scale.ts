/** Many clusters and one operator: what it takes until all are right, what it costs then, and after a restart. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { usageOf } from '../../src/bench/process-usage.ts';
import { createHttpObjectApi } from '../../src/kube/http-object-api.ts';
import { createHttpTransport } from '../../src/kube/http-transport.ts';
import { claimLoopbackAddresses } from '../../test/support/loopback-address.ts';
import { playKubernetes } from '../../test/support/played-kubernetes.ts';
import { type RealApiServer, startRealApiServer } from '../../test/support/real-api-server.ts';
import { createRealApiClient, type RealApiClient } from '../../test/support/real-api-server-client.ts';
import { installKinds } from '../../test/support/real-api-server-kinds.ts';
import { type ClusterBoard, createClusterBoard } from './cluster-board.ts';
import {
  countRunningTold,
  createClusters,
  createNamespaces,
  editCluster,
  measureEdits,
} from './many-clusters.ts';
import {
  loadOf,
  measureQuiet,
  type OperatorLoad,
  type QuietLoad,
  rounded,
  untilCalm,
  untilLeading,
  untilPassed,
} from './operator-load.ts';
import { type OperatorProcess, startOperatorProcess } from './operator-process.ts';

export type ScaleOptions = {
  readonly clusters: number;
  readonly program: string;
  /** Of the operator's Node. */
  readonly flags: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  /** How long nothing happens while it is measured. */
  readonly quietSeconds: number;
  readonly tell: (line: string) => void;
  /** Told the operator's process when all is right and nothing is under way. */
  readonly onRight: (pid: number) => void;
};

/** Of several measurements. */
type Spread = { readonly median: number; readonly p99: number };

export type ScaleFigures = {
  readonly clusters: number;
  readonly residentMBEmpty: number;
  /** From the first creation until the last cluster is right. */
  readonly allRightSeconds: number;
  /** Of each cluster, from its own creation until it is right. */
  readonly rightSeconds: Spread;
  readonly created: OperatorLoad;
  /** Clusters of which an Event says that they run. */
  readonly runningTold: number;
  /** Processor seconds of those that served and played meanwhile, by process. */
  readonly elsewhere: Readonly<Record<string, number>>;
  readonly quiet: QuietLoad;
  /** Edits of single clusters, one after another, with all others there: until status has seen them. */
  readonly editSeconds: Spread;
  readonly restarted: OperatorLoad & {
    /** Until every cluster was passed over and nothing waits. */
    readonly passedSeconds: number;
    /** Until those that were edited while no operator ran are right, and all others still are. */
    readonly allRightSeconds: number;
    readonly edited: number;
  };
};

type Ground = {
  readonly client: RealApiClient;
  readonly board: ClusterBoard;
  /** Starts an operator; it ends with the ground. */
  readonly start: () => OperatorProcess;
  /** What went wrong in the played controllers, by cluster. */
  readonly troubles: ReadonlyMap<string, unknown>;
};

const SIZE = 3;
const EDITS = 20;
const PLAYED_AT_ONCE = 8;
const ALL_MS_MAX = 3_600_000;

export async function measureScale(options: ScaleOptions): Promise<ScaleFigures> {
  await using undo = new AsyncDisposableStack();
  const { clusters, tell } = options;
  const signal = AbortSignal.timeout(ALL_MS_MAX);
  const ground = await prepare(undo, options, signal);
  const keys = await createNamespaces(ground.client, clusters);
  const operator = ground.start();
  await untilLeading(operator);
  await untilCalm(operator);
  const { residentMB: residentMBEmpty } = await loadOf(operator);
  tell(`${residentMBEmpty} MB without clusters`);
  const created = await measureCreation(ground, operator, keys, options, signal);
  const quiet = await measureQuiet(operator, options.quietSeconds);
  tell(`quiet: ${JSON.stringify(quiet)}`);
  const editSeconds = spreadOf(await measureEdits(ground.client, ground.board, keys, EDITS, signal));
  tell(`edits: ${JSON.stringify(editSeconds)}`);
  await untilCalm(operator);
  await operator.stop();
  const restarted = await measureRestart(ground, keys, signal);
  tell(`restarted: ${JSON.stringify(restarted)}`);
  for (const [key, error] of ground.troubles) {
    tell(`played: ${key}: ${error}`);
  }
  return { clusters, residentMBEmpty, ...created, quiet, editSeconds, restarted };
}

async function prepare(
  undo: AsyncDisposableStack,
  options: ScaleOptions,
  signal: AbortSignal,
): Promise<Ground> {
  const server = undo.use(await startRealApiServer(signal));
  const client = undo.use(createRealApiClient(server));
  await installKinds(client, signal);
  const troubles = new Map<string, unknown>();
  const onTrouble = (key: string, error: unknown): void => void troubles.set(key, error);
  undo.use(await playKubernetes({ server, workers: PLAYED_AT_ONCE, onTrouble }));
  const addresses = undo.use(await claimLoopbackAddresses());
  const folder = mkdtempSync(join(tmpdir(), 'quorate-bench-operator-'));
  undo.defer(() => rmSync(folder, { recursive: true, force: true }));
  const metricsAddress = `${addresses.of(0)}:8080`;
  return {
    client,
    board: startBoard(undo, server),
    start: () => undo.use(startOperatorProcess({ ...options, folder, server, metricsAddress })),
    troubles,
  };
}

function startBoard(undo: AsyncDisposableStack, server: RealApiServer): ClusterBoard {
  const transport = createHttpTransport({
    server: server.url,
    namespace: undefined,
    read: async () => ({ headers: { authorization: `Bearer ${server.token}` }, tls: { ca: server.ca } }),
  });
  undo.defer(() => transport.close());
  const board = createClusterBoard(createHttpObjectApi({ transport, fieldManager: 'bench' }));
  const stop = new AbortController();
  const running = board.run(stop.signal);
  undo.defer(async () => {
    stop.abort();
    await running;
  });
  return board;
}

async function measureCreation(
  { client, board }: Ground,
  operator: OperatorProcess,
  keys: readonly string[],
  { tell, onRight }: ScaleOptions,
  signal: AbortSignal,
): Promise<Pick<ScaleFigures, 'allRightSeconds' | 'rightSeconds' | 'created' | 'runningTold' | 'elsewhere'>> {
  const before = cpuElsewhere(operator);
  const startedMs = performance.now();
  const createdAtMs = await createClusters(client, keys, SIZE);
  tell(`created after ${secondsSince(startedMs)} s`);
  await board.whenRight(keys.length, new Map(), signal);
  const allRightSeconds = secondsSince(startedMs);
  const rightSeconds = spreadOf(
    keys.map((key) => ((board.firstRightAtMs(key) ?? 0) - (createdAtMs.get(key) ?? 0)) / 1_000),
  );
  await untilCalm(operator);
  const created = await loadOf(operator);
  tell(`all right after ${allRightSeconds} s: ${JSON.stringify(created)}`);
  onRight(operator.pid);
  const elsewhere = Object.fromEntries(
    Object.entries(cpuElsewhere(operator)).map(([name, seconds]) => [
      name,
      rounded(seconds - (before[name] ?? 0)),
    ]),
  );
  const runningTold = await countRunningTold(client);
  tell(`${runningTold} are told to run; processor seconds elsewhere: ${JSON.stringify(elsewhere)}`);
  return { allRightSeconds, rightSeconds, created, runningTold, elsewhere };
}

/** Some are edited while no operator runs. */
async function measureRestart(
  { client, board, start }: Ground,
  keys: readonly string[],
  signal: AbortSignal,
): Promise<ScaleFigures['restarted']> {
  const generations = new Map<string, number>();
  for (const key of keys.slice(0, EDITS)) {
    generations.set(key, await editCluster(client, key, { spec: { size: SIZE + 2 } }));
  }
  const startedMs = performance.now();
  const operator = start();
  const passed = untilPassed(operator, keys.length).then(() => secondsSince(startedMs));
  await board.whenRight(keys.length, generations, signal);
  const allRightSeconds = secondsSince(startedMs);
  const passedSeconds = await passed;
  await untilCalm(operator);
  const load = await loadOf(operator);
  await operator.stop();
  return { ...load, passedSeconds, allRightSeconds, edited: generations.size };
}

/** Processor seconds so far of this process, which plays, and of the servers it has started. */
function cpuElsewhere(operator: OperatorProcess): Readonly<Record<string, number>> {
  const seconds: Record<string, number> = { played: usageOf(process.pid).cpuMs / 1_000 };
  const children = readFileSync(`/proc/self/task/${process.pid}/children`, 'utf8').trim().split(' ');
  for (const pid of children.filter((child) => Number(child) !== operator.pid)) {
    const name = readFileSync(`/proc/${pid}/comm`, 'utf8').trim();
    seconds[name] = (seconds[name] ?? 0) + usageOf(Number(pid)).cpuMs / 1_000;
  }
  return seconds;
}

function secondsSince(startedMs: number): number {
  return rounded((performance.now() - startedMs) / 1_000);
}

function spreadOf(values: readonly number[]): Spread {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (share: number): number => rounded(sorted[Math.floor((sorted.length - 1) * share)] ?? 0);
  return { median: at(0.5), p99: at(0.99) };
}
