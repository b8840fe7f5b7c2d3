import type { EtcdBinaries, InstallProblem } from '../etcd/install/etcd-binaries.ts';
import { installEtcd } from '../etcd/install/find-etcd.ts';
import { installDeps } from '../etcd/install/install-deps.ts';
import type { EtcdVersion } from '../model/etcd-version.ts';
import { installProgress, type ProgressStream } from './install-progress.ts';

/**
 * Finds `version`, or installs it while `stream` shows how it goes; a problem is left for the caller to tell.
 *
 * @throws the signal's reason when it fires
 */
export async function ensureEtcd(
  version: EtcdVersion,
  stream: ProgressStream,
  signal: AbortSignal,
): Promise<EtcdBinaries | InstallProblem> {
  const progress = installProgress(stream, process.env);
  try {
    return await installEtcd(version, installDeps(process.env, progress.report), signal);
  } finally {
    progress.stop();
  }
}
