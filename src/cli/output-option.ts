import { Option } from 'commander';

export type OutputFormat = 'text' | 'json';

/** `-o, --output`: what a command prints on stdout. */
export function outputOption(): Option {
  return new Option('-o, --output <format>', 'what to print on stdout')
    .choices(['text', 'json'])
    .default('text');
}

/** Prints a result in the format asked for: `json` as an object, or `text` for people. */
export function printResult(format: OutputFormat, json: unknown, text: string): void {
  process.stdout.write(format === 'json' ? `${JSON.stringify(json, null, 2)}\n` : text);
}
