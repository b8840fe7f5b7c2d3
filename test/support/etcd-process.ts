import { type ChildProcessByStdio, spawn } from 'node:child_process';
import type { Readable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { installedEtcd } from './installed-etcd.ts';

const CLIENT_PORT = 2379;
const PEER_PORT = 2380;
const METRICS_PORT = 2381;

/** A seed serves after 0.1 to 1.5 s; the rest is for a machine that is busy with other tests. */
const READY_TIMEOUT_MS = 60_000;
/** What SIGTERM is given before SIGKILL; etcd needs up to 5 s when it hands over its leadership. */
const STOP_TIMEOUT_MS = 15_000;
const POLL_INTERVAL_MS = 20;
const POLL_TIMEOUT_MS = 2_000;
const LOG_CHARS_MAX = 4 * 1024 * 1024;
const LOG_TAIL_CHARS = 2_000;

export type EtcdOptions = {
  /** Such as `3.6.16`; must be installed already (`quorate etcd install`). */
  readonly version: string;
  /** A loopback address of its own, such as `(await claimLoopbackAddresses()).of(0)`. */
  readonly address: string;
  readonly dataDirectory: string;
  /** The member's name; `m0` when left out. */
  readonly name?: string;
  /** More flags, or other values, by etcd's names: `{ 'initial-cluster-state': 'existing' }`. */
  readonly extraConfig?: Readonly<Record<string, string | number | boolean>>;
  /**
   * What to wait for: `ready` (the default; `/readyz` is OK, which a learner or a member without quorum
   * never says), `live` (`/livez` is OK), or only that the process is `spawned`.
   */
  readonly until?: 'ready' | 'live' | 'spawned';
  /** When it aborts, etcd is killed. */
  readonly signal: AbortSignal;
};

export type EtcdExit = { readonly code: number | null; readonly signal: NodeJS.Signals | null };

type Urls = { readonly clientUrl: string; readonly peerUrl: string; readonly metricsUrl: string };

export type EtcdProcess = AsyncDisposable &
  Urls & {
    readonly pid: number;
    /** Sends `signal` (SIGTERM when left out) and waits for the end; a process that ended stays ended. */
    stop(signal?: NodeJS.Signals): Promise<EtcdExit>;
    readonly exited: Promise<EtcdExit>;
    /** What etcd has written so far. */
    log(): string;
  };

/**
 * Starts a real etcd, by default as the only member of a new cluster, and waits until it is ready. Rejects
 * with the end of etcd's log when it ends before. `await using` kills it at the end of the block, and it
 * never outlives this process.
 */
export async function startEtcd(options: EtcdOptions): Promise<EtcdProcess> {
  const etcd = spawnEtcd(await installedEtcd(options.version, options.signal), options);
  await untilReady(etcd, options);
  return etcd;
}

function spawnEtcd(file: string, options: EtcdOptions): EtcdProcess {
  const urls: Urls = {
    clientUrl: `http://${options.address}:${CLIENT_PORT}`,
    peerUrl: `http://${options.address}:${PEER_PORT}`,
    metricsUrl: `http://${options.address}:${METRICS_PORT}`,
  };
  const child = spawn(file, flagsOf(options, urls), {
    // etcd reads ETCD_* variables as flags.
    env: { PATH: process.env['PATH'] },
    stdio: ['ignore', 'pipe', 'pipe'],
    signal: options.signal,
    killSignal: 'SIGKILL',
  });
  const log = keepLog(child);
  const { promise: exited, resolve } = Promise.withResolvers<EtcdExit>();
  const kill = (): void => void child.kill('SIGKILL');
  process.once('exit', kill);
  child.once('close', (code, signal) => {
    process.off('exit', kill);
    resolve({ code, signal });
  });
  const stop = async (signal: NodeJS.Signals = 'SIGTERM'): Promise<EtcdExit> => {
    child.kill(signal);
    const timer = setTimeout(kill, STOP_TIMEOUT_MS);
    return exited.finally(() => clearTimeout(timer));
  };
  const dispose = async (): Promise<void> => void (await stop('SIGKILL'));
  return { pid: child.pid ?? 0, ...urls, stop, exited, log, [Symbol.asyncDispose]: dispose };
}

function keepLog(child: ChildProcessByStdio<null, Readable, Readable>): () => string {
  let text = '';
  const keep = (chunk: string): void => {
    text = (text + chunk).slice(-LOG_CHARS_MAX);
  };
  child.stdout.setEncoding('utf8').on('data', keep);
  child.stderr.setEncoding('utf8').on('data', keep);
  // Also emitted when the signal aborts; 'close' follows.
  child.on('error', (error) => keep(`${error.message}\n`));
  return () => text;
}

function flagsOf(options: EtcdOptions, { clientUrl, peerUrl, metricsUrl }: Urls): readonly string[] {
  const name = options.name ?? 'm0';
  const config = {
    name,
    'data-dir': options.dataDirectory,
    'listen-client-urls': clientUrl,
    'advertise-client-urls': clientUrl,
    'listen-peer-urls': peerUrl,
    'initial-advertise-peer-urls': peerUrl,
    'listen-metrics-urls': metricsUrl,
    'initial-cluster': `${name}=${peerUrl}`,
    'initial-cluster-token': `test-${options.address}`,
    'initial-cluster-state': 'new',
    ...options.extraConfig,
  };
  return Object.entries(config).map(([key, value]) => `--${key}=${value}`);
}

async function untilReady(etcd: EtcdProcess, options: EtcdOptions): Promise<void> {
  const { until = 'ready', signal } = options;
  if (until === 'spawned') {
    return;
  }
  const over = new AbortController();
  const deadline = AbortSignal.timeout(READY_TIMEOUT_MS);
  const waiting = AbortSignal.any([signal, deadline, over.signal]);
  const ended = etcd.exited.then(() => 'ended' as const);
  const url = `${etcd.metricsUrl}/${until === 'live' ? 'livez' : 'readyz'}`;
  const outcome = await Promise.race([poll(url, waiting), ended]);
  over.abort();
  if (outcome !== 'answered') {
    await etcd.stop('SIGKILL');
    signal.throwIfAborted();
    const what = outcome === 'ended' ? 'ended' : `was not ${until} after ${READY_TIMEOUT_MS} ms`;
    throw new Error(`etcd ${what}; its last words:\n${etcd.log().slice(-LOG_TAIL_CHARS)}`);
  }
}

async function poll(url: string, signal: AbortSignal): Promise<'answered' | 'gave up'> {
  while (!signal.aborted) {
    if (await isOk(url, AbortSignal.any([signal, AbortSignal.timeout(POLL_TIMEOUT_MS)]))) {
      return 'answered';
    }
    await delay(POLL_INTERVAL_MS, undefined, { signal }).catch(() => {});
  }
  return 'gave up';
}

async function isOk(url: string, signal: AbortSignal): Promise<boolean> {
  try {
    const response = await fetch(url, { signal });
    await response.text();
    return response.ok;
  } catch {
    return false;
  }
}
