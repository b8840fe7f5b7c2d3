import type { Command } from 'commander';
import * as v from 'valibot';
import { fetchSnapshot, sendCommand } from '../local/control-client.ts';
import { KILL_SIGNALS } from '../local/control-protocol.ts';
import { LocalClusterError } from '../local/local-cluster-error.ts';
import { EXIT } from './exit-code.ts';
import { interruptible } from './interruptible.ts';
import { checkWho, memberMeant } from './member-argument.ts';
import type { OutputFormat } from './output-option.ts';
import { printResult } from './output-option.ts';
import { stateFolderOf } from './state-folder.ts';

export type KillArguments = {
  readonly state?: string;
  readonly signal: string;
  readonly output: OutputFormat;
};

const answerSchema = v.object({ pid: v.number() });

/**
 * What `quorate kill` does; gives the exit code.
 *
 * @throws LocalClusterError as `sendCommand`, and `ORDINAL_INVALID`
 */
export function runKill(
  who: string,
  container: 'etcd' | 'agent',
  options: KillArguments,
  command: Command,
): Promise<number> {
  checkWho(who, command);
  const folder = stateFolderOf(options.state, process.env);
  const signalName = KILL_SIGNALS.find((name) => name === `SIG${options.signal}`) ?? 'SIGKILL';
  return interruptible(async (signal) => {
    const { ordinal, name } = await memberMeant(who, await fetchSnapshot(folder, signal), signal);
    const answer = v.safeParse(
      answerSchema,
      await sendCommand(folder, { command: 'kill', ordinal, container, signal: signalName }, signal),
    );
    if (!answer.success) {
      throw new LocalClusterError(
        'CONTROL_FAILED',
        `the supervisor of ${folder} does not say what it killed`,
      );
    }
    const { pid } = answer.output;
    const text = `${name}: ${signalName} to its ${container}, process ${pid}\n`;
    printResult(options.output, { name, ordinal, container, signal: signalName, pid }, text);
    return EXIT.ok;
  });
}
