import type { Command } from 'commander';
import { EXIT } from './exit-code.ts';

/**
 * Makes every command of the tree exit with 2, after one clear line, when its command line is wrong; of
 * itself commander would exit with 1. Asking for help is no error.
 */
export function exitOnUsageErrors(command: Command): Command {
  command.exitOverride(({ exitCode, code }) =>
    process.exit(exitCode === 0 || code === 'commander.helpDisplayed' ? EXIT.ok : EXIT.usage),
  );
  command.configureOutput({ outputError: (text, write) => write(oneLine(command, text)) });
  for (const each of command.commands) {
    exitOnUsageErrors(each);
  }
  return command;
}

/** commander begins with `error:` and may suggest a spelling on a line of its own. */
function oneLine(command: Command, text: string): string {
  const clause = text
    .replace(/^error: /, '')
    .replaceAll(/\s*\n\s*/g, ' ')
    .trim();
  return `${pathOf(command)}: ${clause}\n`;
}

/** Such as `quorate demo`. */
function pathOf(command: Command): string {
  return command.parent === null ? command.name() : `${pathOf(command.parent)} ${command.name()}`;
}
