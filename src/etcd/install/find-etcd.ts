import { dirname } from 'node:path';
import { type EtcdVersion, formatEtcdVersion } from '../../model/etcd-version.ts';
import { binariesFromEnvironment } from './binaries-from-environment.ts';
import { binariesFromCache } from './binary-cache.ts';
import { buildFromGo } from './build-from-go.ts';
import { downloadRelease } from './download-release.ts';
import {
  ETCD_SOURCES,
  type EtcdBinaries,
  type EtcdSource,
  type InstallProblem,
  type SourceAnswer,
} from './etcd-binaries.ts';
import type { InstallDeps } from './install-deps.ts';

/**
 * Finds `version` where it already lies: `$ETCD_BIN`, then the cache. Makes and downloads nothing.
 *
 * @throws the signal's reason when it aborts
 */
export function findEtcd(
  version: EtcdVersion,
  deps: InstallDeps,
  signal: AbortSignal,
): Promise<EtcdBinaries | InstallProblem> {
  return tryInTurn(version, ['ETCD_BIN', 'cache'], deps, signal);
}

/**
 * Finds `version`, or puts it into the cache: built from its Go modules, or else out of the official
 * archive. May take minutes; `deps.report` tells each step.
 *
 * @throws the signal's reason when it aborts; nothing half-made is left in the cache then
 */
export function installEtcd(
  version: EtcdVersion,
  deps: InstallDeps,
  signal: AbortSignal,
): Promise<EtcdBinaries | InstallProblem> {
  return tryInTurn(version, ETCD_SOURCES, deps, signal);
}

type Source = (version: string, deps: InstallDeps, signal: AbortSignal) => Promise<SourceAnswer | undefined>;

const SOURCES: Readonly<Record<EtcdSource, Source>> = {
  ETCD_BIN: binariesFromEnvironment,
  cache: binariesFromCache,
  'go-build': buildFromGo,
  release: downloadRelease,
};

async function tryInTurn(
  etcdVersion: EtcdVersion,
  sources: readonly EtcdSource[],
  deps: InstallDeps,
  signal: AbortSignal,
): Promise<EtcdBinaries | InstallProblem> {
  const version = formatEtcdVersion(etcdVersion);
  const tried: { readonly source: EtcdSource; readonly why: string }[] = [];
  for (const [index, source] of sources.entries()) {
    const answer = await askSource(source, version, deps, signal);
    if (answer === undefined) {
      continue;
    }
    if (!('refused' in answer)) {
      deps.report({ kind: 'found', version, source, directory: dirname(answer.etcd) });
      return answer;
    }
    tried.push({ source, why: answer.refused });
    deps.report({ kind: 'refused', version, source, why: answer.refused, next: sources[index + 1] ?? null });
  }
  return problemOf(version, tried);
}

/** An error of the system (a full disk, a read-only cache) stops one source, not the search. */
async function askSource(
  source: EtcdSource,
  version: string,
  deps: InstallDeps,
  signal: AbortSignal,
): Promise<SourceAnswer | undefined> {
  signal.throwIfAborted();
  try {
    return await SOURCES[source](version, deps, signal);
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof Error && 'code' in error) {
      return { refused: error.message };
    }
    throw error;
  }
}

const INSTALL_REMEDY =
  'Put Go on the PATH and let it reach its module proxy, let this machine reach github.com, ' +
  'or name a folder with etcd, etcdctl and etcdutl of that version in ETCD_BIN.';

function problemOf(version: string, tried: InstallProblem['tried']): InstallProblem {
  const seen = tried.map(({ why }) => why).join('; ');
  const remedy = tried.some(({ source }) => source === 'release')
    ? INSTALL_REMEDY
    : `Run: quorate etcd install ${version}`;
  const message = `etcd ${version} is not to be had: ${seen}. ${remedy}`;
  return { code: 'ETCD_NOT_INSTALLED', version, message, tried };
}
