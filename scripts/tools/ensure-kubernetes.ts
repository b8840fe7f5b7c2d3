/**
 * Puts the programs of Kubernetes that tests run where they look for them; builds those that are missing from
 * Kubernetes' Go module:
 *
 *     node scripts/tools/ensure-kubernetes.ts
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as v from 'valibot';
import { cacheDirectoryOf } from './cache-directory.ts';

/** What the tests run, unless `KUBE_VERSION` names another. */
const VERSION = process.env['KUBE_VERSION'] ?? 'v1.34.4';
const PROGRAMS = ['kube-apiserver', 'kubectl'] as const;

const folder = join(cacheDirectoryOf(process.env), 'quorate-kube', VERSION);
const missing = PROGRAMS.filter((name) => !existsSync(join(folder, 'bin', name)));
if (missing.length > 0) {
  build(missing);
}

function build(programs: readonly string[]): void {
  process.stderr.write(
    `Building ${programs.join(' and ')} ${VERSION} from Go modules; ten minutes on two cores …\n`,
  );
  mkdirSync(join(folder, 'bin'), { recursive: true });
  const staging = mkdtempSync(join(folder, '.staging-'));
  try {
    writeFileSync(join(staging, 'go.mod'), moduleFile());
    for (const name of programs) {
      // -mod=mod lets go complete the go.mod file and write its go.sum.
      const args = ['build', '-mod=mod', '-trimpath', `-ldflags=${linkerFlags()}`, '-o', name];
      go([...args, `k8s.io/kubernetes/cmd/${name}`], staging);
      // By one rename: whoever looks meanwhile finds all of it or nothing.
      renameSync(join(staging, name), join(folder, 'bin', name));
    }
  } finally {
    rmSync(staging, { recursive: true, force: true });
  }
}

/** A module of our own, since Kubernetes' replaces its staging modules by folders that its module does not have. */
function moduleFile(): string {
  const found = go(['mod', 'download', '-json', `k8s.io/kubernetes@${VERSION}`], undefined);
  const { GoMod: path } = v.parse(v.pipe(v.string(), v.parseJson(), v.object({ GoMod: v.string() })), found);
  const text = readFileSync(path, 'utf8');
  const language = text.match(/^(go|godebug) .*$/gm) ?? [];
  const staged = [...text.matchAll(/^\s*(\S+) => \.\/staging\//gm)].map(([, module]) => module);
  const version = VERSION.replace(/^v1\./, 'v0.');
  return [
    'module quorate.invalid/kubernetes-build',
    ...language,
    `require k8s.io/kubernetes ${VERSION}`,
    ...staged.map((module) => `replace ${module} => ${module} ${version}`),
    '',
  ].join('\n\n');
}

/** A server that does not know its own version serves none of its newer fields. */
function linkerFlags(): string {
  const minor = VERSION.split('.')[1];
  const facts = {
    gitVersion: VERSION,
    gitMajor: '1',
    gitMinor: minor,
    gitTreeState: 'clean',
    gitCommit: VERSION,
  };
  const names = ['k8s.io/component-base/version', 'k8s.io/client-go/pkg/version'];
  const sets = names.flatMap((name) =>
    Object.entries(facts).map(([key, value]) => `-X ${name}.${key}=${value}`),
  );
  return ['-s', '-w', ...sets].join(' ');
}

function go(args: readonly string[], cwd: string | undefined): string {
  const { status, stdout, stderr, error } = spawnSync('go', args, {
    cwd,
    encoding: 'utf8',
    env: { ...process.env, CGO_ENABLED: '0', GO111MODULE: 'on', GOWORK: 'off', GOFLAGS: '' },
  });
  if (status !== 0) {
    const why =
      error === undefined
        ? stderr.trim().slice(-2_000)
        : 'there is no go on the PATH; install Go (go.dev/dl)';
    throw new Error(`go ${args[0]} failed: ${why}`);
  }
  return stdout;
}
