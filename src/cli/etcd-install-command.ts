import { dirname } from 'node:path';
import { Command, Option } from 'commander';
import { type EtcdBinaries, isInstallProblem } from '../etcd/install/etcd-binaries.ts';
import { type InstallDeps, installDeps } from '../etcd/install/install-deps.ts';
import { DEFAULT_ETCD_VERSION, type EtcdVersion, TESTED_ETCD_VERSIONS } from '../model/etcd-version.ts';
import { etcdVersionsOf } from './etcd-version-arguments.ts';
import { installProgress } from './install-progress.ts';

const EXIT_FAILURE = 1;
const EXIT_USAGE = 2;

/** Ctrl-C, a polite kill, and a terminal that was closed. */
const INTERRUPTIONS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

const HELP = `
Looks for etcd, etcdctl and etcdutl in this order, and checks each by running it:
  1. ETCD_BIN: a folder that holds them, or the etcd program in it
  2. the cache: $XDG_CACHE_HOME/quorate/etcd/VERSION, else ~/.cache/quorate/etcd/VERSION
  3. the Go modules, built into the cache when go is on the PATH
  4. the official release, downloaded into the cache and compared with its SHA256SUMS

Exit status: 0 all versions are there, 1 some are not, 2 wrong usage.`;

/** The command `install` of `quorate etcd`. */
export function etcdInstallCommand(): Command {
  return (
    new Command('install')
      .description('find the etcd programs, or install them')
      .argument(
        '[VERSION...]',
        `versions such as ${DEFAULT_ETCD_VERSION} (the default), or all (${TESTED_ETCD_VERSIONS.join(', ')})`,
      )
      .addOption(
        new Option('-o, --output <format>', 'what to print on stdout')
          .choices(['text', 'json'])
          .default('text'),
      )
      .addHelpText('after', HELP)
      // What commander refuses is wrong usage; of itself it would exit with 1.
      .exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? 0 : EXIT_USAGE))
      .action(async (args: readonly string[], options: { readonly output: string }, command: Command) => {
        const versions = etcdVersionsOf(args);
        if ('invalid' in versions) {
          command.error(versions.invalid, { exitCode: EXIT_USAGE });
        }
        process.exitCode = await installUntilInterrupted(versions, options.output);
      })
  );
}

/** Installs until all is there, or until the process is told to end, which leaves no half-made files. */
async function installUntilInterrupted(versions: readonly EtcdVersion[], format: string): Promise<number> {
  const interruption = new AbortController();
  const interrupt = (): void => interruption.abort();
  for (const name of INTERRUPTIONS) {
    process.once(name, interrupt);
  }
  const progress = installProgress(process.stderr, process.env);
  const say = (text: string): void => {
    progress.stop();
    process.stderr.write(`${text}\n`);
  };
  try {
    const deps = installDeps(process.env, progress.report);
    const found = await installEach(versions, deps, say, interruption.signal);
    process.stdout.write(format === 'json' ? formatJson(found) : formatText(found));
    return found.length === versions.length ? 0 : EXIT_FAILURE;
  } catch (error) {
    if (!interruption.signal.aborted) {
      throw error;
    }
    say('Interrupted; nothing half-made was kept.');
    return EXIT_FAILURE;
  } finally {
    progress.stop();
    for (const name of INTERRUPTIONS) {
      process.off(name, interrupt);
    }
  }
}

/** One version after the other: a build keeps all cores busy by itself. */
async function installEach(
  versions: readonly EtcdVersion[],
  deps: InstallDeps,
  say: (text: string) => void,
  signal: AbortSignal,
): Promise<readonly EtcdBinaries[]> {
  // Only here: it brings an HTTP client along, which no other command wants at its start.
  const { installEtcd } = await import('../etcd/install/find-etcd.ts');
  const found: EtcdBinaries[] = [];
  for (const version of versions) {
    const result = await installEtcd(version, deps, signal);
    if (isInstallProblem(result)) {
      say(result.message);
    } else {
      found.push(result);
    }
  }
  return found;
}

function formatJson(found: readonly EtcdBinaries[]): string {
  return `${JSON.stringify(found, null, 2)}\n`;
}

function formatText(found: readonly EtcdBinaries[]): string {
  return found.map(({ version, source, etcd }) => `etcd ${version} (${source}): ${dirname(etcd)}\n`).join('');
}
