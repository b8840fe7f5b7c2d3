import { dirname } from 'node:path';
import {
  binariesIn,
  ETCD_PROGRAMS,
  type EtcdProgram,
  type EtcdSource,
  type SourceAnswer,
} from './etcd-binaries.ts';
import type { InstallDeps } from './install-deps.ts';
import { runCommand } from './run-command.ts';

/** A cold start from a slow disk: the programs are some 30 MB each. */
const VERSION_TIMEOUT_MS = 30_000;

/** How each program is asked, and what it answers (etcd 3.5 to 3.7; etcdctl has no `--version`). */
const QUESTIONS: Readonly<Record<EtcdProgram, { readonly arg: string; readonly answer: RegExp }>> = {
  etcd: { arg: '--version', answer: /^etcd Version: v?(\S+)$/m },
  etcdctl: { arg: 'version', answer: /^etcdctl version: v?(\S+)$/m },
  etcdutl: { arg: 'version', answer: /^etcdutl version: v?(\S+)$/m },
};

/** The binaries in `directory` once each was run and said that it is `version`. */
export async function verifyBinaries(
  directory: string,
  version: string,
  source: EtcdSource,
  deps: InstallDeps,
  signal: AbortSignal,
): Promise<SourceAnswer> {
  const binaries = binariesIn(directory, version, source);
  const complaints = await Promise.all(
    ETCD_PROGRAMS.map((program) => complaintAbout(program, binaries[program], version, deps, signal)),
  );
  const refused = complaints.find((complaint) => complaint !== undefined);
  return refused === undefined ? binaries : { refused };
}

async function complaintAbout(
  program: EtcdProgram,
  file: string,
  version: string,
  deps: InstallDeps,
  signal: AbortSignal,
): Promise<string | undefined> {
  const { arg, answer } = QUESTIONS[program];
  const result = await runCommand(
    { file, args: [arg], environment: deps.environment, timeoutMs: VERSION_TIMEOUT_MS },
    signal,
  );
  if (result.kind === 'not-started') {
    return result.reason === 'ENOENT'
      ? `there is no ${program} in ${dirname(file)}`
      : `${file} cannot be run: ${result.reason}`;
  }
  const said = answer.exec(result.output)?.[1];
  if (said === undefined || result.kind !== 'exited' || result.code !== 0) {
    return `${file} does not say its version`;
  }
  return said === version ? undefined : `${file} is version ${said}`;
}
