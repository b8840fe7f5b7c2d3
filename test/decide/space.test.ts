import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { decide } from '../../src/decide/decide.ts';
import { wantsOf } from '../../src/decide/wants.ts';
import { aMember, aQuorum, memberId, running } from '../support/a-member-view.ts';
import { describeCases } from './decision-case.ts';
import { aLeadingView } from './housekeeping-cases.ts';
import { anExhaustedView, LOW, SPACE_CASES, WASTEFUL } from './space-cases.ts';

describeCases('the agent beside a leader without space', SPACE_CASES);

describe('the remedy for NOSPACE', () => {
  it('is one voter at a time', () => {
    const decision = decide(anExhaustedView([WASTEFUL, WASTEFUL, WASTEFUL]));
    assert.ok(decision.kind === 'defragment');
    assert.equal(decision.clientUrl, aMember(0).clientUrls[0]);
  });

  it('hands over to a voter that was defragmented before', () => {
    const decision = decide(anExhaustedView([LOW, WASTEFUL, LOW]));
    assert.ok(decision.kind === 'hand-over');
    assert.equal(decision.target, memberId(0));
    assert.equal(decision.leaderUrl, 'http://leader:2379');
  });

  it('asks every voter how full it is, and only while the alarm is raised', () => {
    const raised = running({ leaderId: memberId(1), errors: ['alarm:NOSPACE'] });
    assert.equal(wantsOf(aLeadingView({ etcd: raised }), false).voterStatuses, true);
    assert.equal(wantsOf(aLeadingView(), false).voterStatuses, false);
  });

  it('says what to do where there is none', () => {
    const full = { dbSizeBytes: 1_000_000, dbSizeInUseBytes: 999_000 };
    const { message } = decide(anExhaustedView([full, full]));
    assert.match(message, /1000000 bytes \(999000 in use\).*Delete keys and compact, or raise the quota/);
  });

  it('touches nothing while this member is not listed itself', () => {
    const view = { ...anExhaustedView([WASTEFUL, WASTEFUL]), voters: aQuorum([aMember(0)]) };
    assert.notEqual(decide(view).kind, 'hand-over');
  });
});
