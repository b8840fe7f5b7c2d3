import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { within } from '../../../src/runtime/abort.ts';

export type KubectlOutcome = { readonly code: number; readonly stdout: string; readonly stderr: string };

export type KubectlOptions = {
  /** For `-f -`. */
  readonly input?: string;
  readonly timeoutMs?: number;
};

/** What people and scripts do to a cluster goes through the same program as theirs. */
export type Kubectl = {
  /** Runs it to its end, whatever that is. */
  readonly run: (args: readonly string[], options?: KubectlOptions) => Promise<KubectlOutcome>;
  /** Its output. @throws Error that says what it said when it fails */
  readonly must: (args: readonly string[], options?: KubectlOptions) => Promise<string>;
};

/** Far more than any command takes that does not wait for something by itself. */
const KUBECTL_MS_MAX = 60_000;

/** `kubectl` with KUBECONFIG as it is, in `namespace` unless that is undefined; all of it ends with `signal`. */
export function createKubectl(program: string, namespace: string | undefined, signal: AbortSignal): Kubectl {
  const place = namespace === undefined ? [] : ['--namespace', namespace];
  const run: Kubectl['run'] = async (args, { input = '', timeoutMs = KUBECTL_MS_MAX } = {}) => {
    const child = spawn(program, [...place, ...args], { signal: within(signal, timeoutMs) });
    const ended = Promise.withResolvers<number>();
    child.once('error', ended.reject);
    child.once('close', (code) => ended.resolve(code ?? 1));
    child.stdin.on('error', () => undefined);
    child.stdin.end(input);
    const [code, stdout, stderr] = await Promise.all([ended.promise, text(child.stdout), text(child.stderr)]);
    return { code, stdout, stderr };
  };
  return {
    run,
    must: async (args, options) => {
      const { code, stdout, stderr } = await run(args, options);
      if (code !== 0) {
        throw new Error(`kubectl ${args.join(' ')} ended with ${code}: ${stderr.trim()}`);
      }
      return stdout;
    },
  };
}
