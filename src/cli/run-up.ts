/** What `quorate up` does once its command line is read. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Command } from 'commander';
import { type EtcdBinaries, isInstallProblem } from '../etcd/install/etcd-binaries.ts';
import { pathsOf } from '../local/cluster-layout.ts';
import { fetchSnapshot } from '../local/control-client.ts';
import { LocalClusterError } from '../local/local-cluster-error.ts';
import { openState } from '../local/open-state.ts';
import { runningSupervisor } from '../local/supervisor-lock.ts';
import { type EtcdVersion, parseEtcdVersion } from '../model/etcd-version.ts';
import { pause } from '../runtime/abort.ts';
import { errorText } from '../runtime/error-text.ts';
import { makeFolder } from '../runtime/make-folder.ts';
import { ensureEtcd } from './ensure-etcd.ts';
import { oneEtcdVersion } from './etcd-version-arguments.ts';
import { EXIT } from './exit-code.ts';
import { interruptible } from './interruptible.ts';
import type { OutputFormat } from './output-option.ts';
import { printResult } from './output-option.ts';
import { stateFlagOf, stateFolderOf } from './state-folder.ts';
import { type StatusReport, statusReportOf } from './status-report.ts';
import { supervise } from './supervise.ts';
import { thisProgram } from './this-program.ts';
import { gaveUpText, waitForMembers } from './wait-for-members.ts';

export type UpArguments = {
  readonly size?: number;
  readonly etcd?: string;
  readonly state?: string;
  readonly foreground: boolean;
  readonly output: OutputFormat;
};

/**
 * Gives the exit code; never returns when the command line is wrong.
 *
 * @throws LocalClusterError when the state folder cannot be used
 */
export async function runUp(options: UpArguments, command: Command): Promise<number> {
  if (options.etcd !== undefined) {
    const version = oneEtcdVersion(options.etcd);
    if ('invalid' in version) {
      command.error(`--etcd ${version.invalid}`, { exitCode: EXIT.usage });
    }
  }
  const folder = stateFolderOf(options.state, process.env);
  const { version, name } = clusterIn(folder, options);
  const etcd = await interruptible((signal) => ensureEtcd(version, process.stderr, signal));
  if (isInstallProblem(etcd)) {
    process.stderr.write(`quorate up: ${etcd.code}: ${etcd.message}\n`);
    return EXIT.failure;
  }
  if (options.foreground) {
    return supervise({ folder, name, ...wishOf(options) }, etcd);
  }
  return interruptible((signal) => startInBackground(folder, etcd, options, signal));
}

function wishOf({ size, etcd }: UpArguments): { readonly size?: number; readonly etcdVersion?: string } {
  return { ...(size === undefined ? {} : { size }), ...(etcd === undefined ? {} : { etcdVersion: etcd }) };
}

/** Reads and judges what is in the folder before anything is started; see `openState`. */
function clusterIn(
  folder: string,
  options: UpArguments,
): { readonly version: EtcdVersion; readonly name: string } {
  const paths = pathsOf(folder);
  const supervisor = runningSupervisor(paths.lockFile);
  if (supervisor !== undefined) {
    throw new LocalClusterError(
      'CLUSTER_RUNNING',
      `a cluster is already running in ${folder} (process ${supervisor.pid}); see \`quorate status\`, or use another --state folder`,
    );
  }
  const { file } = openState(paths, wishOf(options), Date.now());
  const version = parseEtcdVersion(file.etcdVersion);
  if (version === undefined) {
    throw new LocalClusterError(
      'STATE_UNREADABLE',
      `${paths.clusterFile} names "${file.etcdVersion}" where an etcd version belongs; repair it, or begin anew in another state folder`,
    );
  }
  return { version, name: file.name };
}

async function startInBackground(
  folder: string,
  etcd: EtcdBinaries,
  options: UpArguments,
  signal: AbortSignal,
): Promise<number> {
  const logFile = join(folder, 'supervisor.log');
  const child = spawnSupervisor(folder, logFile, options);
  const over = new AbortController();
  const ended = once(child, 'exit', { signal: over.signal }).then(() => 'ended' as const);
  ended.catch(() => undefined);
  try {
    await Promise.race([untilServed(folder, AbortSignal.any([signal, over.signal])), ended]);
    const waited = await Promise.race([waitForMembers(folder, signal), ended]);
    if (waited === 'ended') {
      process.stderr.write(`quorate up: the supervisor ended: ${lastWords(logFile)}\n`);
      return EXIT.failure;
    }
    if (waited.kind === 'gave-up') {
      process.stderr.write(
        `quorate up: ${gaveUpText(waited, `quorate status${stateFlagOf(options.state)}`)}`,
      );
      return EXIT.failure;
    }
    const report = statusReportOf(waited.snapshot);
    printResult(options.output, report, welcome(report, etcd, stateFlagOf(options.state)));
    return EXIT.ok;
  } catch (error) {
    if (!signal.aborted) {
      throw error;
    }
    child.kill('SIGTERM');
    await ended;
    process.stderr.write('quorate up: interrupted; the cluster is stopped, its data stays\n');
    return EXIT.failure;
  } finally {
    over.abort();
    child.unref();
  }
}

/** The same command, but in the foreground of a session of its own: Ctrl-C here does not reach it. */
function spawnSupervisor(folder: string, logFile: string, { size, etcd }: UpArguments): ChildProcess {
  let log: number;
  try {
    makeFolder(folder, 0o700);
    log = openSync(logFile, 'w', 0o600);
  } catch (error) {
    throw new LocalClusterError(
      'STATE_UNWRITABLE',
      `${folder} cannot be written (${errorText(error)}); free space or choose a state folder you may write to`,
      error,
    );
  }
  const wish = [
    ...(size === undefined ? [] : ['--size', String(size)]),
    ...(etcd === undefined ? [] : ['--etcd', etcd]),
  ];
  const args = [...process.execArgv, thisProgram(), 'up', '--foreground', '--state', folder, ...wish];
  const child = spawn(process.execPath, args, { cwd: folder, detached: true, stdio: ['ignore', log, log] });
  closeSync(log);
  return child;
}

/** The supervisor opens its socket a few tenths of a second after its start. */
const LOOK_MS = 50;

async function untilServed(folder: string, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    try {
      await fetchSnapshot(folder, signal);
      return;
    } catch (error) {
      if (!(error instanceof LocalClusterError && error.code === 'CLUSTER_NOT_RUNNING')) {
        throw error;
      }
    }
    await pause(LOOK_MS, signal);
  }
}

/** Why the supervisor ended, as it said itself. */
function lastWords(logFile: string): string {
  const lines = readFileSync(logFile, 'utf8').trim().split('\n');
  const words = lines.findLast((line) => line.startsWith('quorate')) ?? lines.at(-1) ?? '';
  return `${words.replace(/^quorate[a-z ]*: /, '')} (all of it is in ${logFile})`;
}

function welcome(report: StatusReport, etcd: EtcdBinaries, flag: string): string {
  const { name, replicas, endpoints, stateFolder, etcdVersion } = report;
  if (replicas === 0) {
    return `Cluster ${name} hibernates; wake it with: quorate scale 3${flag}\n`;
  }
  return `Cluster ${name} runs: ${replicas} ${replicas === 1 ? 'member' : 'members'} of etcd ${etcdVersion}.

  endpoints  ${endpoints.join(',')}
  folder     ${stateFolder}

Talk to it:
  export ETCDCTL_ENDPOINTS=${endpoints.join(',')}
  ${join(dirname(etcd.etcdctl), 'etcdctl')} member list -w table

Try:
  quorate scale ${Math.min(replicas + 2, 9)}${flag}
  quorate kill leader${flag}
  quorate wipe follower${flag}
  quorate status --watch${flag}
  quorate down${flag}
`;
}
