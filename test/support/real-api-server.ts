/** A real kube-apiserver on a real etcd, private to one test file: no controllers, no scheduler, no kubelet. */
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { generateKeyPairSync, randomUUID } from 'node:crypto';
import { access, constants, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { DEFAULT_ETCD_VERSION } from '../../src/model/etcd-version.ts';
import { type EtcdProcess, startEtcd } from './etcd-process.ts';
import { claimLoopbackAddresses } from './loopback-address.ts';
import { createRealApiClient } from './real-api-server-client.ts';

/** The Kubernetes whose kube-apiserver is used unless `KUBE_VERSION` names another. */
const KUBERNETES_VERSION = 'v1.34.4';
const PORT = 6443;
/** It is ready after 3 s on an idle machine and 35 s on one that is busy with other tests. */
const READY_TIMEOUT_MS = 240_000;
/** What SIGTERM is given before SIGKILL: it finishes requests, and ends watches after their time. */
const STOP_TIMEOUT_MS = 15_000;
const POLL_INTERVAL_MS = 50;
const LOG_CHARS_MAX = 4 * 1024 * 1024;
const LOG_TAIL_CHARS = 2_000;
const KEY_BITS = 2048;
const AUDIT_POLICY = join(import.meta.dirname, '..', '..', 'scripts', 'rights', 'audit-policy.yaml');

export type RealApiServer = AsyncDisposable & {
  /** Such as `https://127.141.7.10:6443`. */
  readonly url: string;
  /** Bearer token of a user who may do everything (`system:masters`). */
  readonly token: string;
  /** PEM of the authority to trust. */
  readonly ca: string;
  /** Ends the process (SIGTERM when left out); its objects stay. */
  stop(signal?: NodeJS.Signals): Promise<void>;
  /** Starts it again after `stop`, at the same address, and waits until it is ready. */
  start(signal: AbortSignal): Promise<void>;
  /** What it has written so far. */
  log(): string;
  /** Bearer token of one of the `accounts`. */
  tokenOf(account: string): string;
  /** The calls of `accounts` so far, as `scripts/rights/audit-policy.yaml` has them; empty where there are none. */
  audit(): Promise<string>;
};

export type RealApiServerOptions = {
  /** Who else may call, such as `system:serviceaccount:NAMESPACE:NAME`, with what RBAC gives them. */
  readonly accounts?: readonly string[];
  /** Admission plugins beyond those that are on by default. */
  readonly plugins?: readonly string[];
};

type Folder = {
  readonly path: string;
  readonly token: string;
  /** By account. */
  readonly tokens: ReadonlyMap<string, string>;
};

/**
 * Starts both and waits until the API server is ready. Rejects with a sentence where the program is missing,
 * and with the end of its log when it ends before. `await using` ends both and removes their files; neither
 * outlives this process. Pods need no ServiceAccount here, since no controller makes one.
 */
export async function startRealApiServer(
  signal: AbortSignal,
  environment: NodeJS.ProcessEnv = process.env,
  options: RealApiServerOptions = {},
): Promise<RealApiServer> {
  const program = await findProgram(environment);
  await using undo = new AsyncDisposableStack();
  const addresses = undo.use(await claimLoopbackAddresses());
  const folder = await createFolder(undo, options.accounts ?? []);
  const address = addresses.of(0);
  const etcd = undo.use(
    await startEtcd({
      version: DEFAULT_ETCD_VERSION,
      address,
      dataDirectory: join(folder.path, 'etcd'),
      extraConfig: { 'unsafe-no-fsync': true },
      signal,
    }),
  );
  const flags = [...flagsOf(folder, address, etcd), ...furtherFlagsOf(folder, options)];
  const server = createServer(program, flags, folder, address);
  undo.defer(() => server.stop('SIGKILL'));
  await server.start(signal);
  const ca = await readFile(certificateIn(folder), 'utf8');
  const all = undo.move();
  return {
    ...server,
    url: urlOf(address),
    token: folder.token,
    ca,
    tokenOf: (account) => folder.tokens.get(account) ?? '',
    audit: () => readFile(auditLogIn(folder), 'utf8').catch(() => ''),
    [Symbol.asyncDispose]: () => all.disposeAsync(),
  };
}

async function findProgram(environment: NodeJS.ProcessEnv): Promise<string> {
  const cache = environment['XDG_CACHE_HOME'] ?? join(homedir(), '.cache');
  const version = environment['KUBE_VERSION'] ?? KUBERNETES_VERSION;
  const program = join(cache, 'quorate-kube', version, 'bin', 'kube-apiserver');
  try {
    await access(program, constants.X_OK);
    return program;
  } catch (cause) {
    throw new Error(
      `the integration tests need Kubernetes' own API server: put kube-apiserver ${version} at ${program}`,
      { cause },
    );
  }
}

/** The keys and the token of one server. Its certificate it makes itself, in `certificates/`. */
async function createFolder(undo: AsyncDisposableStack, accounts: readonly string[]): Promise<Folder> {
  const path = await mkdtemp(join(tmpdir(), 'quorate-apiserver-'));
  undo.defer(() => rm(path, { recursive: true, force: true }));
  const token = randomUUID();
  const tokens = new Map(accounts.map((account) => [account, randomUUID()]));
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: KEY_BITS });
  await writeFile(join(path, 'sa.key'), privateKey.export({ type: 'pkcs1', format: 'pem' }), { mode: 0o600 });
  await writeFile(join(path, 'sa.pub'), publicKey.export({ type: 'spki', format: 'pem' }));
  const users = [...tokens].map(
    ([account, each]) => `${each},${account},${account},"system:serviceaccounts"\n`,
  );
  const all = `${token},admin,admin,"system:masters"\n${users.join('')}`;
  await writeFile(join(path, 'tokens.csv'), all, { mode: 0o600 });
  return { path, token, tokens };
}

function certificateIn(folder: Folder): string {
  return join(folder.path, 'certificates', 'apiserver.crt');
}

function auditLogIn(folder: Folder): string {
  return join(folder.path, 'audit.log');
}

function urlOf(address: string): string {
  return `https://${address}:${PORT}`;
}

function flagsOf(folder: Folder, address: string, etcd: EtcdProcess): readonly string[] {
  const flags = {
    'etcd-servers': etcd.clientUrl,
    'bind-address': address,
    'secure-port': PORT,
    'cert-dir': join(folder.path, 'certificates'),
    'token-auth-file': join(folder.path, 'tokens.csv'),
    'authorization-mode': 'RBAC',
    'service-account-issuer': 'https://kubernetes.default.svc',
    'service-account-key-file': join(folder.path, 'sa.pub'),
    'service-account-signing-key-file': join(folder.path, 'sa.key'),
    'service-cluster-ip-range': '10.96.0.0/16',
    // It would publish its address, and refuses to publish one of the loopback.
    'endpoint-reconciler-type': 'none',
    'disable-admission-plugins': 'ServiceAccount',
    'allow-privileged': true,
    profiling: false,
  };
  return flagTexts(flags);
}

function furtherFlagsOf(
  folder: Folder,
  { accounts = [], plugins = [] }: RealApiServerOptions,
): readonly string[] {
  return flagTexts({
    ...(accounts.length === 0
      ? {}
      : { 'audit-policy-file': AUDIT_POLICY, 'audit-log-path': auditLogIn(folder) }),
    ...(plugins.length === 0 ? {} : { 'enable-admission-plugins': plugins.join(',') }),
  });
}

function flagTexts(flags: Readonly<Record<string, unknown>>): readonly string[] {
  return Object.entries(flags).map(([name, value]) => `--${name}=${value}`);
}

function createServer(
  program: string,
  flags: readonly string[],
  folder: Folder,
  address: string,
): Pick<RealApiServer, 'start' | 'stop' | 'log'> {
  let text = '';
  let running: Running | undefined;
  const stop = async (signal: NodeJS.Signals = 'SIGTERM'): Promise<void> => {
    await running?.stop(signal);
    running = undefined;
  };
  const start = async (signal: AbortSignal): Promise<void> => {
    if (running !== undefined) {
      throw new Error('the API server runs already');
    }
    running = run(program, flags, (chunk) => {
      text = (text + chunk).slice(-LOG_CHARS_MAX);
    });
    const deadline = AbortSignal.timeout(READY_TIMEOUT_MS);
    const outcome = await whenReady(running, folder, address, AbortSignal.any([signal, deadline]));
    if (outcome !== 'ready') {
      await stop('SIGKILL');
      signal.throwIfAborted();
      const what = outcome === 'ended' ? 'ended' : `was not ready after ${READY_TIMEOUT_MS} ms`;
      throw new Error(`kube-apiserver ${what}; its last words:\n${text.slice(-LOG_TAIL_CHARS)}`);
    }
  };
  return { start, stop, log: () => text };
}

type Running = { readonly exited: Promise<void>; stop(signal: NodeJS.Signals): Promise<void> };

function run(program: string, flags: readonly string[], write: (chunk: string) => void): Running {
  const child: ChildProcessByStdio<null, Readable, Readable> = spawn(program, flags, {
    env: { PATH: process.env['PATH'] },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  child.stdout.setEncoding('utf8').on('data', write);
  child.stderr.setEncoding('utf8').on('data', write);
  child.on('error', (error) => write(`${error.message}\n`));
  const kill = (): void => void child.kill('SIGKILL');
  process.once('exit', kill);
  const { promise: exited, resolve } = Promise.withResolvers<void>();
  child.once('close', () => {
    process.off('exit', kill);
    resolve();
  });
  return {
    exited,
    stop: async (signal) => {
      child.kill(signal);
      const timer = setTimeout(kill, STOP_TIMEOUT_MS);
      await exited.finally(() => clearTimeout(timer));
    },
  };
}

async function whenReady(
  running: Running,
  folder: Folder,
  address: string,
  signal: AbortSignal,
): Promise<'ready' | 'ended' | 'gave up'> {
  const over = new AbortController();
  const ended = running.exited.then(() => 'ended' as const);
  const ready = poll(folder, address, AbortSignal.any([signal, over.signal]));
  const outcome = await Promise.race([ready, ended]);
  over.abort();
  return outcome;
}

async function poll(folder: Folder, address: string, signal: AbortSignal): Promise<'ready' | 'gave up'> {
  while (!signal.aborted) {
    if (await isReady(folder, address, signal)) {
      return 'ready';
    }
    await delay(POLL_INTERVAL_MS, undefined, { signal }).catch(() => {});
  }
  return 'gave up';
}

async function isReady(folder: Folder, address: string, signal: AbortSignal): Promise<boolean> {
  try {
    const ca = await readFile(certificateIn(folder), 'utf8');
    await using client = createRealApiClient({ url: urlOf(address), token: folder.token, ca });
    return (await client.send('GET', '/readyz', undefined, { signal })).status === 200;
  } catch {
    return false;
  }
}
