import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';

/** Each looks at a file's worth of objects in a second or two. */
const LINTER_TIMEOUT_MS = 120_000;

/** What a linter writes to its output when it reads `input`; its exit status only says that there were findings. */
export async function runLinter(program: string, args: readonly string[], input: string): Promise<string> {
  const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'pipe'], timeout: LINTER_TIMEOUT_MS });
  child.stdin.end(input);
  const [written, complaints] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'close'),
  ]);
  if (written.trim() === '') {
    throw new Error(`${program} says nothing but: ${complaints.trim()}`);
  }
  return written;
}
