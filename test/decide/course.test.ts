import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { courseOf } from '../../src/decide/course.ts';
import type { Decision, DecisionKind } from '../../src/model/decision.ts';
import { aMarker, memberId, unformed } from '../support/a-member-view.ts';
import { keysOf } from '../support/keys-of.ts';

const BECAUSE = { stage: 'gated', reason: 'OwnData', message: 'Because.' } as const;
const CHANGE = { ...BECAUSE, memberId: memberId(1), leaderUrl: 'http://leader:2379' } as const;
const SWAP = { ...BECAUSE, record: unformed(), resourceVersion: '7' } as const;

/** What becomes of each kind when it is decided for the first time, and when it was just decided. */
const COURSES: Readonly<Record<DecisionKind, { decision: Decision; first: string; again: string }>> = {
  wait: { decision: { ...BECAUSE, kind: 'wait' }, first: 'rest', again: 'rest' },
  'stay-out': { decision: { ...BECAUSE, kind: 'stay-out' }, first: 'rest', again: 'rest' },
  settled: { decision: { ...BECAUSE, kind: 'settled' }, first: 'rest', again: 'rest' },
  'write-marker': {
    decision: { ...BECAUSE, kind: 'write-marker', marker: aMarker() },
    first: 'perform',
    again: 'perform',
  },
  'set-data-aside': {
    decision: { ...BECAUSE, kind: 'set-data-aside' },
    first: 'confirm',
    again: 'perform',
  },
  'take-in-data': {
    decision: { ...BECAUSE, kind: 'take-in-data', memberId: memberId(1), place: 'default.etcd' },
    first: 'confirm',
    again: 'perform',
  },
  'prune-quarantine': {
    decision: { ...BECAUSE, kind: 'prune-quarantine', keep: 2 },
    first: 'confirm',
    again: 'perform',
  },
  'hand-over': {
    decision: { ...BECAUSE, kind: 'hand-over', target: memberId(2), leaderUrl: 'http://leader:2379' },
    first: 'perform',
    again: 'perform',
  },
  'claim-seed': { decision: { ...SWAP, kind: 'claim-seed' }, first: 'confirm', again: 'perform' },
  'block-formation': { decision: { ...SWAP, kind: 'block-formation' }, first: 'confirm', again: 'perform' },
  seal: { decision: { ...SWAP, kind: 'seal' }, first: 'perform', again: 'perform' },
  resume: {
    decision: {
      ...BECAUSE,
      kind: 'resume',
      memberId: memberId(1),
      maxLearners: 8,
      initialCorruptCheck: false,
    },
    first: 'perform',
    again: 'perform',
  },
  seed: {
    decision: { ...BECAUSE, kind: 'seed', token: 't', maxLearners: 8 },
    first: 'perform',
    again: 'perform',
  },
  'start-joined': {
    decision: {
      ...BECAUSE,
      kind: 'start-joined',
      memberId: memberId(1),
      token: 't',
      maxLearners: 8,
      initialCluster: [],
    },
    first: 'perform',
    again: 'perform',
  },
  'join-as-learner': {
    decision: { ...BECAUSE, kind: 'join-as-learner', peerUrl: 'http://me:2380', voterUrl: 'http://l:2379' },
    first: 'perform',
    again: 'perform',
  },
  'remove-lost-identity': {
    decision: { ...CHANGE, kind: 'remove-lost-identity' },
    first: 'confirm',
    again: 'perform',
  },
  'promote-self': { decision: { ...CHANGE, kind: 'promote-self' }, first: 'confirm', again: 'perform' },
  'remove-orphan': { decision: { ...CHANGE, kind: 'remove-orphan' }, first: 'confirm', again: 'perform' },
  'correct-peer-url': {
    decision: { ...CHANGE, kind: 'correct-peer-url', peerUrl: 'http://me:2380' },
    first: 'confirm',
    again: 'perform',
  },
  'compare-hashes': {
    decision: { ...BECAUSE, kind: 'compare-hashes', membershipKey: 'a0', clientUrls: [] },
    first: 'perform',
    again: 'perform',
  },
  defragment: {
    decision: { ...BECAUSE, kind: 'defragment', clientUrl: 'http://x:2379' },
    first: 'perform',
    again: 'perform',
  },
  'disarm-space-alarm': {
    decision: { ...BECAUSE, kind: 'disarm-space-alarm' },
    first: 'perform',
    again: 'perform',
  },
};

describe('the course of a decision', () => {
  for (const kind of keysOf(COURSES)) {
    const { decision, first, again } = COURSES[kind];
    it(`of kind ${kind} is ${first} at first, ${again} when it was just taken`, () => {
      assert.equal(courseOf(decision, undefined).kind, first);
      assert.equal(courseOf(decision, decision).kind, again);
    });
  }

  const removal: Decision = { ...CHANGE, kind: 'remove-orphan' };

  it('is to confirm again when the second view says another member', () => {
    assert.equal(courseOf(removal, { ...removal, memberId: memberId(2) }).kind, 'confirm');
  });

  it('is to confirm again when the second view says another reason', () => {
    assert.equal(courseOf(removal, { ...removal, reason: 'LearnerNeverStarted' }).kind, 'confirm');
  });

  it('is to confirm again when the second view says another kind', () => {
    assert.equal(courseOf(removal, { ...removal, kind: 'remove-lost-identity' }).kind, 'confirm');
  });

  it('is to confirm again when the second view finds the data in another place', () => {
    const aside: Decision = { ...BECAUSE, kind: 'set-data-aside', place: 'default.etcd' };
    assert.equal(courseOf(aside, { ...BECAUSE, kind: 'set-data-aside' }).kind, 'confirm');
    assert.equal(courseOf(aside, aside).kind, 'perform');
  });

  for (const decision of [COURSES['start-joined'].decision, COURSES['join-as-learner'].decision]) {
    it(`of kind ${decision.kind} is to confirm at first where others do not know of it yet`, () => {
      const unannounced = { ...decision, unannounced: true } as const;
      assert.equal(courseOf(unannounced, undefined).kind, 'confirm');
      assert.equal(courseOf(unannounced, unannounced).kind, 'perform');
      assert.equal(courseOf(decision, unannounced).kind, 'perform');
    });
  }

  it('does not depend on the words of the message', () => {
    assert.equal(courseOf(removal, { ...removal, message: 'In other words.' }).kind, 'perform');
  });
});
