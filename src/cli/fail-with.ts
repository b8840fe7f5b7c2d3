import { errorText } from '../runtime/error-text.ts';
import { EXIT } from './exit-code.ts';

/** The last resort of every command: one line that says what happened, and a failing exit code. */
export function failWith(error: unknown): void {
  process.stderr.write(`quorate: ${errorText(error)}\n`);
  process.exitCode = EXIT.failure;
}
