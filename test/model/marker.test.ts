import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { formatMarker, type Marker, type MarkerIntent, parseMarker } from '../../src/model/marker.ts';
import { aMarker, memberId } from '../support/a-member-view.ts';
import { almost, anEtcdId, anyJson, isIn } from '../support/arbitraries.ts';

const intent: fc.Arbitrary<MarkerIntent> = fc.oneof(
  fc.constant<MarkerIntent>({ kind: 'none' }),
  fc.string().map((token): MarkerIntent => ({ kind: 'seed', token })),
  fc.option(anEtcdId).map((id): MarkerIntent => ({ kind: 'join', memberId: id })),
);

const marker: fc.Arbitrary<Marker> = fc
  .record({
    volumeId: fc.string({ minLength: 1 }),
    clusterUid: fc.option(fc.string()),
    generation: fc.integer({ min: 1 }),
    maxLearners: fc.option(fc.integer({ min: 1 })),
    clusterId: fc.option(anEtcdId),
    intent,
    released: fc.boolean(),
  })
  .chain((each) => fc.constantFrom({}, { logCleanFor: 6 }).map((note) => ({ ...each, ...note })));

describe('a marker', () => {
  it('is read back as it was written', () => {
    fc.assert(fc.property(marker, (each) => assert.deepEqual(parseMarker(formatMarker(each)), { ...each })));
  });

  it('ends with a line feed, as text files do', () => {
    assert.match(formatMarker(aMarker()), /\}\n$/);
  });

  it('is invalid, with one clause that says why, where the text is anything else', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), anyJson), (text) => {
        const parsed = parseMarker(text);
        assert.ok('invalid' in parsed && parsed.invalid !== '');
      }),
    );
  });

  it('is never read as anything else than what is written where one field of it is anything', () => {
    fc.assert(
      fc.property(marker.chain(almost), (written) => {
        const parsed = parseMarker(JSON.stringify(written));
        assert.ok('invalid' in parsed || isIn(written, parsed));
      }),
      { numRuns: 2_000 },
    );
  });

  it('is invalid where it was cut short or bytes were changed to zero', () => {
    const text = formatMarker(aMarker({ intent: { kind: 'join', memberId: memberId(1) } }));
    for (let length = 0; length < text.length - 2; length++) {
      assert.ok('invalid' in parseMarker(text.slice(0, length)));
    }
    assert.deepEqual(parseMarker('\0'.repeat(text.length)), { invalid: 'it is not JSON' });
  });

  const broken: Readonly<Record<string, unknown>> = {
    'an empty volume ID': { volumeId: '' },
    'a generation of 0': { generation: 0 },
    'a broken generation': { generation: 1.5 },
    'no limit of learners at all': { maxLearners: undefined },
    'a limit of no learner': { maxLearners: 0 },
    'a cluster ID of zero': { clusterId: '0' },
    'a cluster ID that is a number': { clusterId: 12 },
    'a cluster ID of more than 64 bits': { clusterId: '10000000000000000' },
    'an intent nobody knows': { intent: { kind: 'leave' } },
    'a note on the log for half a minor': { logCleanFor: 6.5 },
    'a note on the removal of nobody': { removedMember: '0' },
    'a join without its member': { intent: { kind: 'join' } },
    'a released that is a word': { released: 'true' },
  };
  for (const [what, fields] of Object.entries(broken)) {
    it(`is invalid with ${what}`, () => {
      const parsed = parseMarker(JSON.stringify({ ...aMarker(), ...Object(fields) }));
      assert.ok('invalid' in parsed && parsed.invalid !== '');
    });
  }
});
