import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';
import type { EtcdSource } from './etcd-binaries.ts';

/** What finding and installing needs of its surroundings. */
export type InstallDeps = {
  /** Read: ETCD_BIN, PATH, XDG_CACHE_HOME, HTTP_PROXY, HTTPS_PROXY, NO_PROXY; commands inherit all of it. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Holds one folder for each installed version; created when needed. */
  readonly cacheDirectory: string;
  /** Where `vX/etcd-vX-linux-ARCH.tar.gz` and `vX/SHA256SUMS` lie, without a slash at its end. */
  readonly releaseBaseUrl: string;
  /** As `process.platform` and `process.arch` say. */
  readonly platform: string;
  readonly arch: string;
  /** Called at each step, in order; must not throw. */
  readonly report: (event: InstallEvent) => void;
};

/** What happens while a version is looked for. `text` and `why` are clauses for people. */
export type InstallEvent = { readonly version: string; readonly source: EtcdSource } & (
  | { readonly kind: 'step'; readonly text: string }
  /** This source cannot serve; `next` is tried now, null when none is left. */
  | { readonly kind: 'refused'; readonly why: string; readonly next: EtcdSource | null }
  | { readonly kind: 'found'; readonly directory: string }
);

const OFFICIAL_RELEASES = 'https://github.com/etcd-io/etcd/releases/download';

/** The surroundings of this process; `environment` is usually `process.env`. */
export function installDeps(
  environment: InstallDeps['environment'],
  report: InstallDeps['report'],
): InstallDeps {
  return {
    environment,
    cacheDirectory: cacheDirectoryOf(environment),
    releaseBaseUrl: OFFICIAL_RELEASES,
    platform: process.platform,
    arch: process.arch,
    report,
  };
}

/** `$XDG_CACHE_HOME/quorate/etcd`; a relative value is to be ignored (XDG Base Directory 0.8). */
function cacheDirectoryOf(environment: InstallDeps['environment']): string {
  const wanted = environment['XDG_CACHE_HOME'];
  const home = environment['HOME'];
  const base =
    wanted !== undefined && isAbsolute(wanted)
      ? wanted
      : join(home === undefined || home === '' ? homedir() : home, '.cache');
  return join(base, 'quorate', 'etcd');
}
