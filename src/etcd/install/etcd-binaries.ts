import { join } from 'node:path';

/** Where binaries come from, in the order in which the sources are tried. */
export const ETCD_SOURCES = ['ETCD_BIN', 'cache', 'go-build', 'release'] as const;

export type EtcdSource = (typeof ETCD_SOURCES)[number];

/** The three programs of one etcd release; none is of use without the others. */
export const ETCD_PROGRAMS = ['etcd', 'etcdctl', 'etcdutl'] as const;

export type EtcdProgram = (typeof ETCD_PROGRAMS)[number];

/** Absolute paths of programs that have said of themselves that they are `version`. */
export type EtcdBinaries = {
  /** Without a leading `v`. */
  readonly version: string;
  readonly source: EtcdSource;
} & Readonly<Record<EtcdProgram, string>>;

/** No source had the version: what each said, in the order tried. */
export type InstallProblem = {
  readonly code: 'ETCD_NOT_INSTALLED';
  readonly version: string;
  /** What was wanted, what was seen, what to do. */
  readonly message: string;
  readonly tried: readonly { readonly source: EtcdSource; readonly why: string }[];
};

/** One source's word: the binaries, or one clause on why it cannot serve. */
export type SourceAnswer = EtcdBinaries | { readonly refused: string };

export function isInstallProblem(result: EtcdBinaries | InstallProblem): result is InstallProblem {
  return 'code' in result;
}

/** The binaries named as etcd names them, in `directory`. */
export function binariesIn(directory: string, version: string, source: EtcdSource): EtcdBinaries {
  return {
    version,
    source,
    etcd: join(directory, 'etcd'),
    etcdctl: join(directory, 'etcdctl'),
    etcdutl: join(directory, 'etcdutl'),
  };
}
