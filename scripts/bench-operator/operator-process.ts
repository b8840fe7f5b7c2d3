import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { request } from 'undici';

/** `quorate operator` in a process of its own, from the bundle, as its Deployment starts it. */
export type OperatorProcess = AsyncDisposable & {
  readonly pid: number;
  /** What its page `/metrics` says. */
  metrics(): Promise<string>;
  /** SIGTERM; resolves when it has ended. */
  stop(): Promise<void>;
};

export type OperatorPlace = {
  /** An empty folder. */
  readonly folder: string;
  readonly server: { readonly url: string; readonly ca: string; readonly token: string };
  /** Where it serves its metrics, such as `127.141.7.10:8080`. */
  readonly metricsAddress: string;
  readonly program: string;
  /** For Node. */
  readonly flags: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
};

const SCRAPE_MS_MAX = 30_000;
/** What SIGTERM is given before SIGKILL; with a profile to write it takes a while. */
const END_MS_MAX = 20_000;

export function startOperatorProcess(place: OperatorPlace): OperatorProcess {
  const child = spawn(process.execPath, [...place.flags, place.program, 'operator', ...argumentsOf(place)], {
    env: { PATH: process.env['PATH'], ...place.environment },
    stdio: ['ignore', 'ignore', 'inherit'],
    cwd: place.folder,
  });
  const kill = (): void => void child.kill('SIGKILL');
  process.once('exit', kill);
  child.once('exit', () => process.off('exit', kill));
  return {
    pid: child.pid ?? 0,
    metrics: async () => {
      const signal = AbortSignal.timeout(SCRAPE_MS_MAX);
      // A connection of its own each time: one that is kept may be shut just when it is used again.
      const page = await request(`http://${place.metricsAddress}/metrics`, { signal, reset: true });
      return page.body.text();
    },
    stop: () => end(child, 'SIGTERM'),
    [Symbol.asyncDispose]: () => end(child, 'SIGKILL'),
  };
}

/** The arguments of the Deployment in `manifests/install.yaml`, but for where things are. */
function argumentsOf({ folder, server, metricsAddress }: OperatorPlace): readonly string[] {
  const kubeconfig = join(folder, 'kubeconfig');
  const ca = Buffer.from(server.ca).toString('base64');
  const config = {
    'current-context': 'here',
    contexts: [{ name: 'here', context: { cluster: 'c', user: 'u' } }],
    clusters: [{ name: 'c', cluster: { server: server.url, 'certificate-authority-data': ca } }],
    users: [{ name: 'u', user: { token: server.token } }],
  };
  writeFileSync(kubeconfig, JSON.stringify(config), { mode: 0o600 });
  return [
    `--kubeconfig=${kubeconfig}`,
    '--agent-image=quorate:bench',
    '--workers=8',
    '--log-level=info',
    `--metrics-bind-address=${metricsAddress}`,
    '--health-probe-bind-address=0',
  ];
}

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) {
    return;
  }
  const ended = once(child, 'exit');
  child.kill(signal);
  const timer = setTimeout(() => child.kill('SIGKILL'), END_MS_MAX);
  await ended.finally(() => clearTimeout(timer));
}
