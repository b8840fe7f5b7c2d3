import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type E2eSettings, readSettings } from '../../../scripts/e2e/e2e-settings.ts';

/** A kubeconfig is any file that exists. */
const KUBECONFIG = import.meta.filename;
const LEAST = { KUBECONFIG, QUORATE_E2E_LOAD_IMAGE: 'load' };

describe('settings of an end-to-end run', () => {
  it('need a kubeconfig and a command that loads images', () => {
    const settings = good(LEAST);
    assert.deepEqual(settings.loadImage, ['load']);
    assert.equal(settings.kubectl, 'kubectl');
    assert.equal(settings.operator, 'in-cluster');
    assert.equal(settings.nodectl, undefined);
    assert.equal(settings.keep, false);
    assert.equal(settings.security, 'plain');
  });

  it('say everything that is wrong at once', () => {
    const problems = wrong({
      QUORATE_E2E_OPERATOR: 'elsewhere',
      QUORATE_E2E_ARTEFACTS: 'here',
      QUORATE_E2E_AUDIT_LOG: 'there',
      QUORATE_E2E_FILES_AT_ONCE: 'many',
      QUORATE_E2E_SECURITY: 'some',
    });
    assert.match(problems, /KUBECONFIG is not set/);
    assert.match(problems, /QUORATE_E2E_LOAD_IMAGE is not set/);
    assert.match(problems, /must be in-cluster or host/);
    assert.match(problems, /QUORATE_E2E_ARTEFACTS is "here"; it must be an absolute path/);
    assert.match(problems, /QUORATE_E2E_AUDIT_LOG is "there"; it must be an absolute path/);
    assert.match(problems, /must be a whole number/);
    assert.match(problems, /must be plain, tls, auth/);
  });

  it('refuse a kubeconfig that is not there, for tests must not run just anywhere', () => {
    assert.match(wrong({ ...LEAST, KUBECONFIG: '/nowhere/config' }), /names no file that exists/);
  });

  it('take an image that nodes can pull in place of the command', () => {
    const settings = good({ KUBECONFIG, QUORATE_E2E_IMAGE: 'example.com/quorate:1' });
    assert.equal(settings.image, 'example.com/quorate:1');
    assert.equal(settings.loadImage, undefined);
  });

  it('run the operator on this machine where there is no manifest of it', () => {
    const settings = readSettings(LEAST, false);
    assert.ok(!('problems' in settings));
    assert.equal(settings.operator, 'host');
    const forced = readSettings({ ...LEAST, QUORATE_E2E_OPERATOR: 'in-cluster' }, false);
    assert.ok('problems' in forced);
    assert.match(forced.problems.join(), /no manifests\/install.yaml/);
  });

  it('split a command at its blanks', () => {
    assert.deepEqual(good({ ...LEAST, QUORATE_E2E_NODECTL: ' nodes  {number} {action} ' }).nodectl, [
      'nodes',
      '{number}',
      '{action}',
    ]);
  });
});

function good(environment: Readonly<Record<string, string>>): E2eSettings {
  const settings = readSettings(environment, true);
  assert.ok(!('problems' in settings), JSON.stringify(settings));
  return settings;
}

function wrong(environment: Readonly<Record<string, string>>): string {
  const settings = readSettings(environment, true);
  assert.ok('problems' in settings);
  return settings.problems.join('\n');
}
