import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { CLIENTS_MS } from '../../../src/operator/certificates/authority-plan.ts';
import { planTrust, type TrustView } from '../../../src/operator/certificates/trust-plan.ts';

const NOW_MS = 1_000_000_000;

function plan(fields: Partial<TrustView> = {}) {
  return planTrust({
    nowMs: NOW_MS,
    trusted: ['a'],
    sinceMs: NOW_MS - CLIENTS_MS,
    wanted: ['a'],
    shown: { isWanted: true, isOfSameAuthority: false },
    members: { isTrustLoaded: true, areLeavesTaken: true },
    ...fields,
  });
}

const SHOWN_IS_OLD = { isWanted: false, isOfSameAuthority: false };
const NOBODY_SAYS = { isTrustLoaded: 'unknown', areLeavesTaken: 'unknown' } as const;

describe('the plan of whom members trust', () => {
  it('begins with what is wanted where there is nobody yet', () => {
    assert.deepEqual(plan({ trusted: null, members: NOBODY_SAYS }), { kind: 'begin' });
  });

  it('rests where everything is as it is wanted', () => {
    assert.deepEqual(plan(), { kind: 'rest' });
  });

  it('trusts both before anything else', () => {
    assert.deepEqual(plan({ wanted: ['b'], shown: SHOWN_IS_OLD }), { kind: 'trust-both' });
  });

  it('shows the other certificates once every member trusts their authority, and clients had time to', () => {
    const both = { trusted: ['a', 'b'], wanted: ['b'], shown: SHOWN_IS_OLD };
    assert.deepEqual(plan({ ...both, members: NOBODY_SAYS }), { kind: 'rest', waitingFor: 'TrustLoaded' });
    assert.deepEqual(plan({ ...both, sinceMs: NOW_MS }), { kind: 'rest', waitingFor: 'Clients' });
    assert.deepEqual(plan(both), { kind: 'show' });
  });

  it('shows a renewal by the same authority whatever members say', () => {
    const shown = { isWanted: false, isOfSameAuthority: true };
    assert.deepEqual(plan({ shown, members: NOBODY_SAYS, sinceMs: NOW_MS }), { kind: 'show' });
  });

  it('trusts the other authority alone once every member shows its certificate', () => {
    const last = { trusted: ['a', 'b'], wanted: ['b'] };
    const members = { isTrustLoaded: true, areLeavesTaken: false };
    assert.deepEqual(plan({ ...last, members }), { kind: 'rest', waitingFor: 'LeavesTaken' });
    assert.deepEqual(plan({ ...last, sinceMs: NOW_MS }), { kind: 'rest', waitingFor: 'Clients' });
    assert.deepEqual(plan(last), { kind: 'trust-wanted' });
  });
});
