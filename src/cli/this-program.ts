import { realpathSync } from 'node:fs';

/**
 * What Node runs now: the bundle, or `src/main.ts` of a checkout. Children that are the same program in
 * another role are started from it, whatever their working directory is.
 *
 * @throws Error when Node runs no file, as with `node -e`
 */
export function thisProgram(): string {
  const entry = process.argv[1];
  if (entry === undefined) {
    throw new Error('Node runs no file that agents could be started from');
  }
  return realpathSync(entry);
}
