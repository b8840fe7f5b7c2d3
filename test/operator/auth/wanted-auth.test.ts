import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { wantedAuth } from '../../../src/operator/auth/wanted-auth.ts';

const NOBODY: ReadonlySet<string> = new Set();

/** The only permission of a role that has this one in its spec, ends as text. */
function permissionOf(key: string, prefix?: boolean): readonly string[] {
  const declared = { access: 'Read', key, ...(prefix === undefined ? {} : { prefix }) } as const;
  const [role] = wantedAuth({ roles: [{ name: 'r', permissions: [declared] }] }, NOBODY).roles;
  const [permission] = role?.permissions ?? [];
  assert.ok(permission !== undefined && role?.permissions.length === 1);
  return [permission.key, permission.rangeEnd].map((end) => Buffer.from(end, 'hex').toString('latin1'));
}

describe('what a spec declares', () => {
  it('has root, whose only role is root, whatever else it has', () => {
    assert.deepEqual(wantedAuth({}, NOBODY), {
      roles: [],
      users: [{ name: 'root', roles: ['root'], credentials: 'password' }],
    });
  });

  it('tells users with a password from those that are known by certificate', () => {
    const users = [
      { name: 'app', passwordSecret: { name: 's' } },
      { name: 'machine', roles: ['root'] },
    ];
    assert.deepEqual(wantedAuth({ users }, NOBODY).users.slice(1), [
      { name: 'app', roles: [], credentials: 'password' },
      { name: 'machine', roles: ['root'], credentials: 'certificate' },
    ]);
    const withheld = wantedAuth({ users }, new Set(['root', 'app', 'machine'])).users;
    assert.deepEqual(
      withheld.map(({ credentials }) => credentials),
      ['withheld', 'withheld', 'certificate'],
    );
  });

  it('means a key alone, all keys that begin with it, or all there are', () => {
    assert.deepEqual(permissionOf('/app'), ['/app', '']);
    assert.deepEqual(permissionOf('/app', false), ['/app', '']);
    assert.deepEqual(permissionOf('/app/', true), ['/app/', '/app0']);
    assert.deepEqual(permissionOf('', true), ['\0', '\0']);
  });

  it('means by a prefix what etcd takes for one: all keys that begin with it, and no others', () => {
    fc.assert(
      fc.property(
        fc.string({ minLength: 1, unit: 'binary' }),
        fc.string({ unit: 'binary' }),
        (prefix, other) => {
          const [first = '', end = ''] = permissionOf(prefix, true);
          const isMeant = (key: string): boolean => {
            const bytes = Buffer.from(key).toString('latin1');
            return bytes >= first && bytes < end;
          };
          assert.ok(isMeant(prefix + other));
          assert.equal(isMeant(other), Buffer.from(other).toString('latin1').startsWith(first));
        },
      ),
    );
  });

  it('is one permission where a range is there twice: to read and to write is both', () => {
    const permissions = [
      { access: 'Read', key: 'a' },
      { access: 'Write', key: 'b' },
      { access: 'Write', key: 'a' },
      { access: 'Write', key: 'b', prefix: false },
      { access: 'Read', key: 'a', prefix: true },
    ] as const;
    const [role] = wantedAuth({ roles: [{ name: 'r', permissions }] }, NOBODY).roles;
    assert.deepEqual(role?.permissions, [
      { key: '61', rangeEnd: '', access: 'ReadWrite' },
      { key: '62', rangeEnd: '', access: 'Write' },
      { key: '61', rangeEnd: '62', access: 'Read' },
    ]);
  });
});
