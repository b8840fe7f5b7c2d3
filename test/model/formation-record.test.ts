import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { formatFormationRecord, parseFormationRecord, tokenOf } from '../../src/model/formation-record.ts';
import { formed, forming, unformed } from '../support/a-member-view.ts';
import { almost, anyJson, aRecord, isIn } from '../support/arbitraries.ts';

describe('a formation record', () => {
  it('is read back as it was written', () => {
    fc.assert(
      fc.property(aRecord, (each) => {
        assert.deepEqual(parseFormationRecord(formatFormationRecord(each)), { ...each });
      }),
    );
  });

  it('is invalid, with one clause that says why, where the text is anything else', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), anyJson), (text) => {
        const parsed = parseFormationRecord(text);
        assert.ok('invalid' in parsed && parsed.invalid !== '');
      }),
    );
  });

  it('is never read as anything else than what is written where one field of it is anything', () => {
    fc.assert(
      fc.property(aRecord.chain(almost), (written) => {
        const parsed = parseFormationRecord(JSON.stringify(written));
        assert.ok('invalid' in parsed || isIn(written, parsed));
      }),
      { numRuns: 2_000 },
    );
  });

  it('is invalid in a phase nobody knows, which is named', () => {
    const parsed = parseFormationRecord(JSON.stringify({ ...unformed(), phase: 'Done' }));
    assert.ok('invalid' in parsed);
    assert.match(parsed.invalid, /^phase: .*Done/);
  });

  it('is invalid where it says of discarding anything but that it is meant', () => {
    for (const word of [false, 'true', null]) {
      const parsed = parseFormationRecord(JSON.stringify({ ...unformed(), discarding: word }));
      assert.ok('invalid' in parsed);
      assert.match(parsed.invalid, /^discarding: /);
    }
  });

  it('is invalid when Formed without a cluster ID, or Forming without a seed', () => {
    for (const phase of ['Formed', 'Forming']) {
      assert.ok('invalid' in parseFormationRecord(JSON.stringify({ ...unformed(), phase })));
    }
  });

  it('takes an ID with leading zeros for the same ID', () => {
    const parsed = parseFormationRecord(JSON.stringify({ ...formed(), clusterId: '00000000000000C1' }));
    assert.deepEqual(parsed, formed());
  });
});

describe('a token', () => {
  it('differs by UID, generation and attempt', () => {
    const tokens = [
      tokenOf(unformed(), 1),
      tokenOf(unformed(), 2),
      tokenOf(formed({ generation: 2 }), 1),
      tokenOf({ ...unformed(), clusterUid: 'uid-2' }, 1),
    ];
    assert.equal(new Set(tokens).size, tokens.length);
  });

  it('does not depend on the phase: every member of one formation has the same', () => {
    assert.equal(tokenOf(forming(), 1), tokenOf(formed(), 1));
  });
});
