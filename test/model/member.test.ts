import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import {
  decimalOf,
  etcdIdOfDecimal,
  etcdIdOfHex,
  etcdIdOfInteger,
  isStarted,
  learnersOf,
  quorumOf,
  votersOf,
} from '../../src/model/member.ts';
import { aMember, anUnstartedLearner } from '../support/a-member-view.ts';
import { anEtcdId } from '../support/arbitraries.ts';

describe('an etcd ID', () => {
  it('is the same from hexadecimal, decimal and integer, over all 64 bits', () => {
    fc.assert(
      fc.property(anEtcdId, (id) => {
        assert.equal(etcdIdOfHex(id), id);
        assert.equal(etcdIdOfHex(id.toUpperCase().padStart(16, '0')), id);
        assert.equal(etcdIdOfDecimal(decimalOf(id)), id);
        assert.equal(etcdIdOfInteger(BigInt(decimalOf(id))), id);
      }),
    );
  });

  it('is not rounded where a double would round it', () => {
    assert.equal(etcdIdOfDecimal('18446744073709551615'), 'ffffffffffffffff');
    assert.equal(etcdIdOfDecimal('9007199254740993'), '20000000000001');
  });

  it('is none of zero, which etcd uses for "no such member"', () => {
    assert.equal(etcdIdOfHex('0'), undefined);
    assert.equal(etcdIdOfDecimal('0'), undefined);
    assert.equal(etcdIdOfInteger(0n), undefined);
  });

  it('is none beyond 64 bits or below zero', () => {
    assert.equal(etcdIdOfDecimal('18446744073709551616'), undefined);
    assert.equal(etcdIdOfInteger(2n ** 64n), undefined);
    assert.equal(etcdIdOfInteger(-1n), undefined);
    assert.equal(etcdIdOfHex('10000000000000000'), undefined);
  });

  it('is none of any other text, and says so without throwing', () => {
    for (const text of ['', ' ', '0x1', '-1', '1_000', 'g', '1 ', '１']) {
      assert.equal(etcdIdOfHex(text), undefined, text);
      assert.equal(etcdIdOfDecimal(text), undefined, text);
    }
    fc.assert(
      fc.property(fc.string(), (text) => {
        assert.ok((etcdIdOfHex(text) === undefined) === !/^(?=.*[^0])[0-9a-f]{1,16}$/i.test(text));
      }),
    );
  });
});

describe('a member', () => {
  it('is started once it has published its name', () => {
    assert.ok(isStarted(aMember(0)));
    assert.ok(!isStarted(anUnstartedLearner(1)));
  });

  it('is a voter or a learner', () => {
    const members = [aMember(0), anUnstartedLearner(1), aMember(2, { isLearner: true })];
    assert.deepEqual(votersOf(members), [members[0]]);
    assert.deepEqual(learnersOf(members), [members[1], members[2]]);
  });
});

describe('a quorum', () => {
  it('is more than half of the voters, so that two of them always share one', () => {
    assert.deepEqual([1, 2, 3, 4, 5, 7, 9].map(quorumOf), [1, 2, 2, 3, 3, 4, 5]);
  });
});
