/** Where the cluster of `quorate up` lives. */
import { homedir } from 'node:os';
import { isAbsolute, join, resolve } from 'node:path';
import { Option } from 'commander';

type Environment = Readonly<Record<string, string | undefined>>;

/** `--state`, the same for every command on a local cluster. */
export function stateOption(): Option {
  return new Option(
    '--state <dir>',
    'state folder of the cluster (default: $QUORATE_STATE, else $XDG_STATE_HOME/quorate/local, else ~/.local/state/quorate/local)',
  );
}

/** The absolute path of the state folder, given what `--state` says. */
export function stateFolderOf(wanted: string | undefined, environment: Environment): string {
  return resolve(wanted ?? (environment['QUORATE_STATE'] || defaultFolder(environment)));
}

/** `--state …` as it has to be repeated on further commands; empty when it need not be. */
export function stateFlagOf(wanted: string | undefined): string {
  return wanted === undefined ? '' : ` --state ${wanted}`;
}

/** A relative XDG_STATE_HOME is to be ignored (XDG Base Directory 0.8). */
function defaultFolder(environment: Environment): string {
  const wanted = environment['XDG_STATE_HOME'];
  const home = environment['HOME'];
  const base =
    wanted !== undefined && isAbsolute(wanted)
      ? wanted
      : join(home === undefined || home === '' ? homedir() : home, '.local', 'state');
  return join(base, 'quorate', 'local');
}
