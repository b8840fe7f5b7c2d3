import type { Command } from 'commander';
import { fetchSnapshot, sendCommand } from '../local/control-client.ts';
import { EXIT } from './exit-code.ts';
import { interruptible } from './interruptible.ts';
import { checkWho, memberMeant } from './member-argument.ts';
import type { OutputFormat } from './output-option.ts';
import { printResult } from './output-option.ts';
import { stateFolderOf } from './state-folder.ts';

export type WipeArguments = { readonly state?: string; readonly output: OutputFormat };

/**
 * What `quorate wipe` does; gives the exit code.
 *
 * @throws LocalClusterError as `sendCommand`, and `ORDINAL_INVALID`
 */
export function runWipe(who: string, options: WipeArguments, command: Command): Promise<number> {
  checkWho(who, command);
  const folder = stateFolderOf(options.state, process.env);
  return interruptible(async (signal) => {
    const { ordinal, name, volume } = await memberMeant(who, await fetchSnapshot(folder, signal), signal);
    await sendCommand(folder, { command: 'wipe', ordinal }, signal);
    printResult(options.output, { name, ordinal, volume }, `${name}: lost its disk, ${volume}\n`);
    return EXIT.ok;
  });
}
