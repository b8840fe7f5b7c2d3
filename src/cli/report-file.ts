import { accessSync, constants, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { errorText } from '../runtime/error-text.ts';

/** Why nothing can be written to `path`, in one clause; undefined when it can. */
export function unwritableReason(path: string): string | undefined {
  try {
    const stats = statSync(path, { throwIfNoEntry: false });
    if (stats?.isDirectory() === true) {
      return 'it is a folder';
    }
    accessSync(stats === undefined || stats.isFile() ? dirname(resolve(path)) : path, constants.W_OK);
    return undefined;
  } catch (error) {
    return errorText(error);
  }
}

/**
 * Writes `text` to `path`: a file is replaced whole or left as it was, and what is no file, such as
 * `/dev/stdout`, is written to.
 *
 * @throws the system's error
 */
export function writeReport(path: string, text: string): void {
  if (statSync(path, { throwIfNoEntry: false })?.isFile() === false) {
    writeFileSync(path, text);
    return;
  }
  const aside = `${path}.${process.pid}.new`;
  try {
    writeFileSync(aside, text);
    renameSync(aside, path);
  } catch (error) {
    rmSync(aside, { force: true });
    throw error;
  }
}
