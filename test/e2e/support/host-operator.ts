import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import type { OperatorControl } from './operator-control.ts';

export type HostOperatorOptions = {
  /** The bundle. */
  readonly program: string;
  readonly image: string;
  readonly namespaces: readonly string[];
  readonly logFile: string;
};

/** It gives its Lease back and ends; whoever takes longer is stuck. */
const STOP_MS_MAX = 20_000;

/** An operator for a few namespaces as a process of this machine, with KUBECONFIG as it is. */
export function hostOperator(options: HostOperatorOptions): OperatorControl {
  let running: { readonly child: ChildProcess; readonly ended: Promise<void> } | undefined;
  let accident: string | undefined;
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    const ending = running;
    running = undefined;
    if (ending !== undefined) {
      ending.child.kill(signal);
      const stuck = setTimeout(() => ending.child.kill('SIGKILL'), STOP_MS_MAX);
      await ending.ended.finally(() => clearTimeout(stuck));
    }
  };
  return {
    start: async (flags = []) => {
      if (running !== undefined) {
        return;
      }
      const child = launch(options, flags);
      const { promise: ended, resolve } = Promise.withResolvers<void>();
      const life = { child, ended };
      child.once('error', (error) => {
        accident = `it could not be started: ${error.message}`;
        resolve();
      });
      child.once('exit', (code, signal) => {
        if (running === life) {
          running = undefined;
          accident = `it ended by itself with ${code ?? signal}`;
        }
        resolve();
      });
      running = life;
    },
    keepOff: async () => undefined,
    stop: () => end('SIGTERM'),
    kill: () => end('SIGKILL'),
    log: async () => readFileSync(options.logFile, 'utf8'),
    accident: async () => accident,
  };
}

function launch(
  { program, image, namespaces, logFile }: HostOperatorOptions,
  flags: readonly string[],
): ChildProcess {
  const [first = ''] = namespaces;
  const args = [
    'operator',
    `--namespaces=${namespaces.join(',')}`,
    `--lease-namespace=${first}`,
    `--agent-image=${image}`,
    '--metrics-bind-address=0',
    '--health-probe-bind-address=0',
    ...flags,
  ];
  const log = openSync(logFile, 'a');
  const child = spawn(process.execPath, [program, ...args], { stdio: ['ignore', log, log] });
  closeSync(log);
  return child;
}
