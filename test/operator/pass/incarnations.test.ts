import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Incarnations } from '../../../src/operator/pass/incarnations.ts';

describe('a cluster that is looked at', () => {
  it('is another one where its name now stands for another object, however often', () => {
    const incarnations = new Incarnations();
    const answers = ['a', 'a', 'b', 'b', 'c', 'a'].map((uid) => incarnations.isAnother('shop/demo', uid));
    assert.deepEqual(answers, [false, false, true, false, true, true]);
    assert.equal(incarnations.isAnother('shop-2/demo', 'x'), false, 'a namesake is itself');
  });

  it('is the first of its name once the one before was seen to be gone', () => {
    const incarnations = new Incarnations();
    incarnations.isAnother('shop/demo', 'a');
    incarnations.forget('shop/demo');
    assert.equal(incarnations.isAnother('shop/demo', 'b'), false);
  });
});
