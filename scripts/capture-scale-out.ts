/**
 * Takes the second picture of the README: grows a cluster that runs on the Kubernetes of KUBECONFIG from three to
 * five members, and draws what its people see into `docs/scale-out.svg`.
 *
 *     KUBECTL=… node scripts/capture-scale-out.ts NAMESPACE CLUSTER
 */
import { spawn, spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { ansiToSvg } from './ansi-to-svg.ts';

const root = join(import.meta.dirname, '..');
const COLUMNS = 132;
const LIMIT_MS = 120_000;
const SIZE = 5;
/** The newest; older ones are of other changes. */
const EVENTS = 12;

const KUBECTL = process.env['KUBECTL'] ?? 'kubectl';
const [namespace, cluster] = process.argv.slice(2);
if (namespace === undefined || cluster === undefined) {
  process.stderr.write('capture-scale-out: give a namespace and the name of a cluster of three members\n');
  process.exit(2);
}

const lines = [
  ...run('scale', `etcd/${cluster}`, `--replicas=${SIZE}`),
  ...(await watch('get', 'etcd', cluster, '--watch')),
  ...run('events', `--for=etcd/${cluster}`, '--no-headers').slice(0, 1),
  ...run('events', `--for=etcd/${cluster}`, '--no-headers').slice(-EVENTS),
];
writeFileSync(join(root, 'docs', 'scale-out.svg'), ansiToSvg(lines.map(fitted), COLUMNS));

function prompt(args: readonly string[]): string {
  return `\u001b[1;32m$\u001b[0m \u001b[1mkubectl ${args.join(' ')}\u001b[0m`;
}

/** The command and what it says. @throws Error when it fails */
function run(...args: readonly string[]): readonly string[] {
  const { status, stdout, stderr } = spawnSync(KUBECTL, ['--namespace', String(namespace), ...args], {
    encoding: 'utf8',
    timeout: LIMIT_MS,
  });
  if (status !== 0) {
    throw new Error(`kubectl ${args.join(' ')}: ${stderr.trim()}`);
  }
  return [prompt(args), ...stdout.trimEnd().split('\n')];
}

/** The command and what it says until all members serve. */
async function watch(...args: readonly string[]): Promise<readonly string[]> {
  const seen = [prompt(args)];
  const signal = AbortSignal.timeout(LIMIT_MS);
  const child = spawn(KUBECTL, ['--namespace', String(namespace), ...args], {
    signal,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  child.on('error', () => undefined);
  for await (const line of createInterface({ input: child.stdout, signal })) {
    if (line !== seen.at(-1)) {
      seen.push(line);
    }
    if (new RegExp(`\\bRunning\\s+${SIZE}\\s+${SIZE}\\b`).test(line)) {
      break;
    }
  }
  child.kill();
  return seen;
}

function fitted(line: string): string {
  const room = COLUMNS + (line.length - line.replaceAll(/\u001b\[[0-9;]*m/g, '').length);
  return line.length > room ? `${line.slice(0, room - 1)}…` : line;
}
