import { isInstallProblem } from '../../src/etcd/install/etcd-binaries.ts';
import { findEtcd } from '../../src/etcd/install/find-etcd.ts';
import { installDeps } from '../../src/etcd/install/install-deps.ts';
import { parseEtcdVersion } from '../../src/model/etcd-version.ts';

/** Path of the installed etcd of `version`; rejects, and says how to install it, when there is none. */
export async function installedEtcd(version: string, signal: AbortSignal): Promise<string> {
  const parsed = parseEtcdVersion(version);
  if (parsed === undefined) {
    throw new Error(`"${version}" is no etcd version`);
  }
  const found = await findEtcd(
    parsed,
    installDeps(process.env, () => {}),
    signal,
  );
  if (isInstallProblem(found)) {
    throw new Error(found.message);
  }
  return found.etcd;
}
