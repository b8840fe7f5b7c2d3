import { access, constants, mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { runCommand } from '../../src/etcd/install/run-command.ts';
import { cacheDirectoryOf } from './cache-directory.ts';
import type { GoTool } from './go-tools.ts';

/** Helm takes two minutes on two cores; one slow core that also downloads its modules may take ten times that. */
const BUILD_TIMEOUT_MS = 20 * 60_000;
/** How much of go's last words is shown. */
const COMPLAINT_CHARS_MAX = 500;

type Environment = Readonly<Record<string, string | undefined>>;

/** The program that `tool` is: from the cache, or built into it. @throws Error that says what to do */
export async function ensureGoTool(
  tool: GoTool,
  environment: Environment = process.env,
  signal: AbortSignal = AbortSignal.timeout(BUILD_TIMEOUT_MS),
): Promise<string> {
  const cache = join(cacheDirectoryOf(environment), 'quorate', 'tools');
  const program = join(cache, `${tool.name}@${tool.version}`, tool.name);
  if (await isProgram(program)) {
    return program;
  }
  process.stderr.write(`Building ${tool.name} ${tool.version} from its Go module …\n`);
  await mkdir(cache, { recursive: true });
  const staging = await mkdtemp(join(cache, '.staging-'));
  try {
    await build(tool, staging, environment, signal);
    await mkdir(join(cache, `${tool.name}@${tool.version}`), { recursive: true });
    // By one rename: whoever looks meanwhile finds all of it or nothing.
    await rename(join(staging, tool.name), program);
  } finally {
    await rm(staging, { recursive: true, force: true });
  }
  return program;
}

async function build(
  tool: GoTool,
  folder: string,
  environment: Environment,
  signal: AbortSignal,
): Promise<void> {
  const built = await runCommand(
    {
      file: 'go',
      args: ['install', '-trimpath', '-ldflags=-s -w', `${tool.package}@${tool.version}`],
      environment: { ...environment, GOBIN: folder, CGO_ENABLED: '0', GO111MODULE: 'on', GOFLAGS: '' },
      timeoutMs: BUILD_TIMEOUT_MS,
    },
    signal,
  );
  if (built.kind === 'exited' && built.code === 0) {
    return;
  }
  const why =
    built.kind === 'not-started'
      ? 'there is no go on the PATH; install Go (go.dev/dl)'
      : built.output.trim().slice(-COMPLAINT_CHARS_MAX);
  throw new Error(`${tool.name} ${tool.version} cannot be built: ${why}`);
}

function isProgram(path: string): Promise<boolean> {
  return access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
}
