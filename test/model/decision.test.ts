import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { CONFIRMED_KINDS, type DecisionKind } from '../../src/model/decision.ts';

describe('what is confirmed before it is done', () => {
  it('is everything that destroys or seizes something', () => {
    const kinds: readonly DecisionKind[] = [
      'set-data-aside',
      'take-in-data',
      'claim-seed',
      'block-formation',
      'remove-lost-identity',
      'remove-orphan',
      'promote-self',
      'correct-peer-url',
      'prune-quarantine',
    ];
    assert.deepEqual([...CONFIRMED_KINDS].toSorted(), kinds.toSorted());
  });
});
