import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { installedEtcd } from './installed-etcd.ts';

/** Of one etcd: enough for its boot and some thousand lines more. */
const LOG_LINES_MAX = 10_000;

/** An etcd that reads its configuration from a file or a named pipe. */
export type EtcdFromFile = AsyncDisposable & {
  readonly pid: number;
  /** The exit code, or null where a signal ended it. */
  readonly exited: Promise<number | null>;
  /** Resolves with the first log line that contains `part`; rejects when etcd ends without one. */
  line(part: string): Promise<string>;
  log(): string;
  kill(signal: NodeJS.Signals): Promise<number | null>;
};

/**
 * Starts `etcd --config-file=configFile` and does not wait for anything. `directory` is its working
 * directory, where an etcd that starts on built-in defaults would make `default.etcd`.
 */
export async function startEtcdFromFile(
  version: string,
  configFile: string,
  directory: string,
  signal: AbortSignal,
): Promise<EtcdFromFile> {
  const program = await installedEtcd(version, signal);
  const child = spawn(program, [`--config-file=${configFile}`], {
    cwd: directory,
    env: { PATH: process.env['PATH'] },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const killAtExit = (): void => void child.kill('SIGKILL');
  process.once('exit', killAtExit);
  const lines: string[] = [];
  const news = new EventTarget();
  const reader = createInterface({ input: child.stderr });
  reader.on('line', (text) => {
    lines.push(text);
    lines.splice(0, lines.length - LOG_LINES_MAX);
    news.dispatchEvent(new Event('line'));
  });
  const { promise: exited, resolve } = Promise.withResolvers<number | null>();
  let isOver = false;
  child.once('close', (code) => {
    isOver = true;
    process.off('exit', killAtExit);
    resolve(code);
    news.dispatchEvent(new Event('line'));
  });
  const kill = (how: NodeJS.Signals): Promise<number | null> => {
    child.kill(how);
    return exited;
  };
  return {
    pid: child.pid ?? 0,
    exited,
    log: () => lines.join('\n'),
    kill,
    line: async (part) => {
      for (;;) {
        const found = lines.find((text) => text.includes(part));
        if (found !== undefined) {
          return found;
        }
        if (isOver) {
          throw new Error(`etcd ended without "${part}":\n${lines.join('\n')}`);
        }
        await new Promise((next) => news.addEventListener('line', next, { once: true }));
      }
    },
    [Symbol.asyncDispose]: async () => void (await kill('SIGKILL')),
  };
}
