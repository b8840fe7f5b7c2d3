import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { callsInAuditLog } from '../../scripts/rights/audit-log.ts';
import { anAuditedCall } from './an-audited-call.ts';

/** As kube-apiserver 1.34 writes it, but for what nobody reads. */
function anEvent(fields: object = {}): string {
  return JSON.stringify({
    kind: 'Event',
    apiVersion: 'audit.k8s.io/v1',
    level: 'Metadata',
    stage: 'ResponseComplete',
    requestURI: '/api/v1/pods?limit=500',
    verb: 'list',
    user: { username: 'system:serviceaccount:quorate-system:quorate-operator' },
    objectRef: { resource: 'pods', apiVersion: 'v1' },
    responseStatus: { code: 200 },
    annotations: { 'authorization.k8s.io/decision': 'allow', 'authorization.k8s.io/reason': 'RBAC: …' },
    ...fields,
  });
}

const refused = { 'authorization.k8s.io/decision': 'forbid', 'authorization.k8s.io/reason': '' };
const status = {
  apiGroup: 'etcd.etcd.io',
  resource: 'etcdclusters',
  subresource: 'status',
  namespace: 'a',
  name: 'demo',
};

describe('an audit log', () => {
  it('tells who did what to which object, and whether he might', () => {
    const log = `${anEvent()}\n${anEvent({ verb: 'patch', objectRef: status, annotations: refused, responseStatus: { code: 403 } })}\n`;
    assert.deepEqual(callsInAuditLog(log), [
      anAuditedCall(),
      anAuditedCall({
        group: 'etcd.etcd.io',
        resource: 'etcdclusters/status',
        verb: 'patch',
        namespace: 'a',
        name: 'demo',
        isAllowed: false,
      }),
    ]);
  });

  it('tells of a quota no refusal: the caller might', () => {
    const [call] = callsInAuditLog(`${anEvent({ responseStatus: { code: 403 } })}\n`);
    assert.equal(call?.isAllowed, true);
  });

  it('counts an apply that made something for what it asked: to patch, and to create', () => {
    const objectRef = { apiGroup: 'apps', resource: 'statefulsets', namespace: 'a', name: 'demo' };
    const calls = callsInAuditLog(
      `${anEvent({ verb: 'patch', objectRef, responseStatus: { code: 201 } })}\n`,
    );
    assert.deepEqual(
      calls.map(({ verb, name }) => [verb, name]),
      [
        ['patch', 'demo'],
        ['create', undefined],
      ],
    );
  });

  it('leaves out what is about no object, and a line that is still being written', () => {
    const { objectRef: _, ...version } = JSON.parse(anEvent({ requestURI: '/version' }));
    assert.deepEqual(callsInAuditLog(`${JSON.stringify(version)}\n${anEvent().slice(0, 40)}`), []);
    assert.deepEqual(callsInAuditLog(''), []);
  });

  it('is refused where it is none', () => {
    assert.throws(() => callsInAuditLog('{"kind":"Pod"}\n'));
    assert.throws(() => callsInAuditLog('nothing\n'));
  });
});
