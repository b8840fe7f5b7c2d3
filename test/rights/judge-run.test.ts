import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { AuditedCall } from '../../scripts/rights/audit-log.ts';
import { judgeRun, type RunOfCalls } from '../../scripts/rights/judge-run.ts';
import { OPERATOR_EXCEPTIONS } from '../../scripts/rights/operator-exceptions.ts';
import { permissionsOf } from '../../scripts/rights/permission.ts';
import { anAuditedCall, OPERATOR } from './an-audited-call.ts';

const EXCEPTED = [
  { apiGroups: [''], resources: ['pods'], verbs: ['get'] },
  { apiGroups: ['etcd.etcd.io'], resources: ['etcdclusters/finalizers'], verbs: ['update'] },
];
const RULES = [...EXCEPTED, { apiGroups: [''], resources: ['pods'], verbs: ['list'] }];
const SECRETS = [{ apiGroups: [''], resources: ['secrets'], verbs: ['get', 'create'] }];

const inTest = (fields: Partial<AuditedCall>): AuditedCall =>
  anAuditedCall({ namespace: 'e2e-a', ...fields });
const byAgent = (fields: Partial<AuditedCall>): AuditedCall =>
  inTest({ account: 'system:serviceaccount:e2e-a:my-etcd-agent', verb: 'get', ...fields });

/** All that agents do. */
const AGENTS = [
  byAgent({ group: 'apps', resource: 'statefulsets', name: 'my-etcd' }),
  byAgent({ resource: 'configmaps', name: 'my-etcd-formation' }),
  byAgent({ resource: 'configmaps', name: 'my-etcd-formation', verb: 'update' }),
  byAgent({ resource: 'pods', name: 'my-etcd-2' }),
];

function problems(calls: readonly AuditedCall[], run: Partial<RunOfCalls> = {}): readonly string[] {
  return judgeRun({
    calls,
    isTests: (namespace) => namespace.startsWith('e2e-'),
    operator: { account: OPERATOR, granted: permissionsOf(RULES), optional: permissionsOf(SECRETS) },
    isWhole: true,
    ...run,
  }).problems;
}

describe('a run of tests', () => {
  it('shows that everybody did what he may, and nothing else', () => {
    assert.deepEqual(problems([anAuditedCall(), ...AGENTS]), []);
    assert.equal(Object.keys(OPERATOR_EXCEPTIONS).length, 2);
  });

  it('shows what nobody did, unless only a part of it was run', () => {
    assert.deepEqual(problems(AGENTS), ['the operator may and never did: list pods']);
    assert.match(
      problems([anAuditedCall()])[0] ?? '',
      /^the agents may and never did: get statefulsets\.apps called demo$/,
    );
    assert.deepEqual(problems([], { isWhole: false }), []);
  });

  it('shows what was done by a right from elsewhere', () => {
    const more = [anAuditedCall({ verb: 'watch' }), byAgent({ resource: 'pods', verb: 'list' })];
    assert.deepEqual(problems([anAuditedCall(), ...AGENTS, ...more]), [
      'the agents used what is not granted here: list pods',
      'the operator used what is not granted here: watch pods',
    ]);
  });

  it('shows an agent that touches another cluster', () => {
    const other = byAgent({ resource: 'configmaps', name: 'other-formation' });
    assert.deepEqual(problems([anAuditedCall(), ...AGENTS, other]), [
      'the agents used what is not granted here: get configmaps called other-formation',
    ]);
  });

  it('asks for all of what the operator is given where it is let in, once it was let in', () => {
    const secret = inTest({ resource: 'secrets', verb: 'get', name: 'demo-ca' });
    assert.deepEqual(problems([anAuditedCall(), ...AGENTS, secret]), [
      'the operator may and never did: create secrets',
    ]);
  });

  it('shows what was refused, but not what a test provokes', () => {
    const secret = inTest({ resource: 'secrets', verb: 'get', name: 'demo-ca', isAllowed: false });
    const pods = byAgent({ resource: 'pods', verb: 'list', isAllowed: false });
    assert.deepEqual(problems([anAuditedCall(), ...AGENTS, secret, pods, pods]), [
      'system:serviceaccount:e2e-a:my-etcd-agent was refused: list pods',
    ]);
    assert.equal(problems([anAuditedCall(), ...AGENTS, { ...secret, account: pods.account }]).length, 1);
  });

  it('takes no offence at who loses his rights with his namespace, after that was deleted', () => {
    const gone = anAuditedCall({ account: 'admin', resource: 'namespaces', verb: 'delete', name: 'e2e-a' });
    const late = byAgent({ resource: 'pods', name: 'my-etcd-0', isAllowed: false });
    assert.deepEqual(problems([anAuditedCall(), ...AGENTS, gone, late]), []);
    assert.equal(problems([anAuditedCall(), ...AGENTS, late, gone]).length, 1);
  });

  it('shows another account of Pods that calls', () => {
    const account = 'system:serviceaccount:e2e-a:default';
    const stranger = inTest({ account, resource: 'secrets', name: 's' });
    assert.deepEqual(problems([anAuditedCall(), ...AGENTS, stranger]), [
      `${account} has called: list secrets called s`,
    ]);
    assert.deepEqual(problems([anAuditedCall(), ...AGENTS, { ...stranger, account: 'admin' }]), []);
  });
});
