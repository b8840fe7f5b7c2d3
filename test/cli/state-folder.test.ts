import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { stateFlagOf, stateFolderOf } from '../../src/cli/state-folder.ts';

test('takes the folder asked for, then the variable, then the XDG state folder, then the home folder', () => {
  const env = { QUORATE_STATE: '/var/q', XDG_STATE_HOME: '/xdg', HOME: '/home/me' };
  assert.equal(stateFolderOf('/here', env), '/here');
  assert.equal(stateFolderOf(undefined, env), '/var/q');
  assert.equal(stateFolderOf(undefined, { ...env, QUORATE_STATE: '' }), '/xdg/quorate/local');
  assert.equal(stateFolderOf(undefined, { HOME: '/home/me' }), '/home/me/.local/state/quorate/local');
});

test('makes a relative folder absolute, and ignores a relative XDG_STATE_HOME', () => {
  assert.equal(stateFolderOf('here', {}), join(process.cwd(), 'here'));
  assert.equal(
    stateFolderOf(undefined, { XDG_STATE_HOME: 'state', HOME: '/home/me' }),
    '/home/me/.local/state/quorate/local',
  );
});

test('repeats the flag in hints only where it was given', () => {
  assert.equal(stateFlagOf('/here'), ' --state /here');
  assert.equal(stateFlagOf(undefined), '');
});
