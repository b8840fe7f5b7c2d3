import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { DEFAULT_ETCD_VERSION } from '../../src/model/etcd-version.ts';
import { FRUGAL_ENVIRONMENT, frugalNodeFlagsFor } from '../../src/runtime/frugal-process.ts';

/** The same bytes each time, and still good for a V8 without these (V8 13.6, `FlagList::Hash` skips both). */
const REPRODUCIBLE = ['--predictable', '--random-seed=1'];
/** It ends by itself within a second. */
const RUN_TIMEOUT_MS = 60_000;
const ADDRESS = '127.0.0.1';

/**
 * Writes the compiled code of an agent's start to `codeFile`: the launcher in `folder` starts an agent, which
 * loads all it has and ends, always at the same point, since its port is taken. It runs on this process's Node and
 * is good for no other version.
 *
 * @throws Error with the agent's last words when nothing was written
 */
export async function compileCode(folder: string, codeFile: string): Promise<void> {
  const launcher = join(folder, 'quorate.cjs');
  refuseLetters(await readFile(join(folder, 'program.cjs')));
  const holder = createServer().listen(0, ADDRESS);
  await once(holder, 'listening');
  const place = holder.address();
  const scratch = await mkdtemp(join(tmpdir(), 'compile-code-'));
  try {
    const capture = ['--require', join(import.meta.dirname, 'capture-code.cjs')];
    const flags = [...frugalNodeFlagsFor(launcher), ...REPRODUCIBLE, ...capture];
    const agent = spawn(process.execPath, [...flags, launcher, 'agent'], {
      env: {
        ...FRUGAL_ENVIRONMENT,
        ...agentEnvironment(scratch, place !== null && typeof place === 'object' ? place.port : 0),
        PATH: process.env['PATH'],
        CODE_FILE: codeFile,
      },
      stdio: ['ignore', 'ignore', 'pipe'],
      timeout: RUN_TIMEOUT_MS,
    });
    const [words] = await Promise.all([text(agent.stderr), once(agent, 'close')]);
    const written = await stat(codeFile).catch(() => undefined);
    if (written === undefined || !words.includes('ADDRESS_IN_USE')) {
      throw new Error(`the agent did not start as far as it should: ${words.trim() || 'it said nothing'}`);
    }
  } finally {
    holder.close();
    await rm(scratch, { recursive: true, force: true });
  }
}

/** The launcher reads a byte as a letter. */
function refuseLetters(program: Uint8Array): void {
  if (program.some((byte) => byte >= 0x80)) {
    throw new Error('the bundle is not all ASCII, as the launcher expects it');
  }
}

/** A whole configuration; nothing in it is asked before the port turns out to be taken. */
function agentEnvironment(scratch: string, takenPort: number): Readonly<Record<string, string>> {
  return {
    QUORATE_CLUSTER: 'etcd',
    QUORATE_NAMESPACE: 'default',
    QUORATE_SERVICE: 'etcd-peer',
    QUORATE_POD_NAME: 'etcd-0',
    QUORATE_POD_UID: 'none',
    QUORATE_POD_IP: ADDRESS,
    QUORATE_AGENT_PORT: String(takenPort),
    QUORATE_ETCD_VERSION: DEFAULT_ETCD_VERSION,
    QUORATE_API_URL: `http://${ADDRESS}:9`,
    QUORATE_DNS_SERVERS: `${ADDRESS}:9`,
    QUORATE_VOLUME: scratch,
    QUORATE_GATE: join(scratch, 'etcd.yaml'),
  };
}
