import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';

/** The user's cache folder; a relative `XDG_CACHE_HOME` is to be ignored (XDG Base Directory 0.8). */
export function cacheDirectoryOf(environment: Readonly<Record<string, string | undefined>>): string {
  const wanted = environment['XDG_CACHE_HOME'];
  return wanted !== undefined && isAbsolute(wanted) ? wanted : join(homedir(), '.cache');
}
