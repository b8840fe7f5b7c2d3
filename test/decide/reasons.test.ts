import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { decide } from '../../src/decide/decide.ts';
import { decideLeave } from '../../src/decide/decide-leave.ts';
import { LEAVE_REASONS } from '../../src/decide/leave-verdict.ts';
import { REASONS } from '../../src/model/reason.ts';
import type { DecisionCase } from './decision-case.ts';
import { FIRST_START_CASES } from './first-start-cases.ts';
import { FORMING_CASES } from './forming-cases.ts';
import { GATE_CASES } from './gate-cases.ts';
import { gateCases } from './gate-table.ts';
import { HOUSEKEEPING_CASES } from './housekeeping-cases.ts';
import { leaveCases } from './leave-table.ts';
import { OLD_LOG_CASES } from './old-log-cases.ts';
import { PEER_URL_CASES } from './peer-url-cases.ts';
import { PROMOTION_CASES } from './promotion-cases.ts';
import { REGISTRATION_CASES } from './registration-cases.ts';
import { RUNNING_CASES } from './running-cases.ts';
import { SPACE_CASES } from './space-cases.ts';

const CASES: readonly DecisionCase[] = [
  ...gateCases(),
  ...GATE_CASES,
  ...FORMING_CASES,
  ...REGISTRATION_CASES,
  ...FIRST_START_CASES,
  ...PROMOTION_CASES,
  ...RUNNING_CASES,
  ...HOUSEKEEPING_CASES,
  ...SPACE_CASES,
  ...PEER_URL_CASES,
  ...OLD_LOG_CASES,
];

describe('the closed lists', () => {
  it('every reason of the closed list is reached', () => {
    const reached = new Set(CASES.map(({ view }) => decide(view).reason));
    assert.deepEqual(
      REASONS.filter((reason) => !reached.has(reason)),
      [],
    );
  });

  it('every reason to leave or stay is reached', () => {
    const leaveCasesReached = leaveCases().map(({ view }) => decideLeave(view).reason);
    const reached = new Set(leaveCasesReached);
    assert.deepEqual(
      LEAVE_REASONS.filter((reason) => !reached.has(reason)),
      [],
    );
  });

  it('no reason stands in a list twice', () => {
    assert.equal(new Set(REASONS).size, REASONS.length);
    assert.equal(new Set(LEAVE_REASONS).size, LEAVE_REASONS.length);
  });
});
