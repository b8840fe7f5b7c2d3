import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { AuthChange } from '../../../src/model/etcd-auth.ts';
import { authEvents } from '../../../src/operator/plan/auth-events.ts';

const RANGE = { key: '61', rangeEnd: '' };

/** As `type reason: message`. */
function told(...changes: readonly AuthChange[]): readonly string[] {
  return authEvents(changes).map(({ type, reason, message }) => `${type} ${reason}: ${message}`);
}

describe('changes to users and roles', () => {
  it('are nothing to tell where there are none', () => {
    assert.deepEqual(told(), []);
  });

  it('are told by name in one Event, each name once', () => {
    assert.deepEqual(
      told(
        { kind: 'delete-user', user: 'mallory' },
        { kind: 'add-role', role: 'reader' },
        { kind: 'grant-permission', role: 'reader', permission: { ...RANGE, access: 'Read' } },
        { kind: 'revoke-permission', role: 'writer', range: RANGE },
        { kind: 'add-user', user: 'app' },
        { kind: 'grant-role', user: 'app', role: 'reader' },
        { kind: 'delete-user', user: 'machine' },
        { kind: 'add-user', user: 'machine' },
        { kind: 'change-password', user: 'ops' },
        { kind: 'revoke-role', user: 'dev', role: 'reader' },
        { kind: 'delete-role', role: 'old' },
      ),
      [
        'Normal AuthChanged: Users added: app. Users removed: mallory. Users changed: machine, ops, dev. Roles added: reader. Roles removed: old. Roles changed: writer.',
      ],
    );
  });

  it('are told with the turning on and off', () => {
    assert.deepEqual(told({ kind: 'add-user', user: 'root' }, { kind: 'enable' }), [
      'Normal AuthChanged: Users added: root.',
      'Normal AuthEnabled: etcd asks clients who they are.',
    ]);
    assert.deepEqual(told({ kind: 'disable' }), ['Warning AuthDisabled: etcd asks nobody who they are.']);
  });

  it('name a few, and count the others', () => {
    const users = Array.from(
      { length: 60 },
      (_, index) => ({ kind: 'delete-user', user: `u${index}` }) as const,
    );
    assert.deepEqual(told(...users), [
      'Normal AuthChanged: Users removed: u0, u1, u2, u3, u4, u5, u6, u7 and 52 more.',
    ]);
    assert.equal(told({ kind: 'delete-user', user: 'x'.repeat(9_999) })[0]?.length, 100);
  });
});
