import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { ASmallWorld, type Edit } from './a-small-world.ts';

const IMAGES = ['3.5.35', '3.6.15', '3.6.16', '3.7.3'];
const TICKS_MAX = 80;

const anEdit: fc.Arbitrary<Edit> = fc.record({
  size: fc.constantFrom(0, 1, 3, 5, 7),
  version: fc.constantFrom('3.6.15', '3.6.16', '3.6.99', '3.7.3', '3.7.99', '3.5.35'),
});

/** A user who changes their mind, and how soon. */
const aMind = fc.array(fc.record({ edit: anEdit, ticks: fc.nat(6) }), { maxLength: 8 });

/** A Pod that somebody deletes after so many ticks. */
const aBlow = fc.record({ ordinal: fc.nat(6), ticks: fc.nat(3) });

describe('plans carried out one after another', () => {
  it('get a cluster of any history where it shall be in the end, and never cost it a quorum', () => {
    fc.assert(
      fc.property(anEdit, aMind, fc.constantFrom(1, 3, 5, 7), (first, mind, size) => {
        const world = new ASmallWorld(first, IMAGES);
        for (const { edit, ticks } of mind) {
          run(world, ticks);
          world.edit(edit);
        }
        // Of a newer minor than anything before, so that it can follow whatever runs but 3.5.
        world.edit({ size, version: isOfMinor5(world) ? '3.6.16' : '3.7.3' });
        world.settle(TICKS_MAX);
        assert.deepEqual(
          world.voters,
          Array.from({ length: size }, (_, ordinal) => ordinal),
        );
        assert.equal(world.versions.length, 1);
        const before = world.events.length;
        run(world, 2);
        assert.equal(world.events.length, before, 'and then there is silence');
      }),
      { numRuns: 300 },
    );
  });

  it('get it there although Pods are deleted on the way', () => {
    fc.assert(
      fc.property(anEdit, aMind, fc.array(aBlow, { maxLength: 6 }), (first, mind, blows) => {
        const world = new ASmallWorld(first, IMAGES);
        for (const { edit, ticks } of mind) {
          run(world, ticks);
          world.edit(edit);
        }
        world.edit({ size: 3, version: isOfMinor5(world) ? '3.6.16' : '3.7.3' });
        for (const { ordinal, ticks } of blows) {
          run(world, ticks);
          world.kill(ordinal);
        }
        world.settle(TICKS_MAX);
        assert.deepEqual(world.voters, [0, 1, 2]);
      }),
    );
  });

  it('go to 0 from wherever a cluster is', () => {
    fc.assert(
      fc.property(anEdit, aMind, (first, mind) => {
        const world = new ASmallWorld(first, IMAGES);
        for (const { edit, ticks } of mind) {
          world.edit(edit);
          run(world, ticks);
        }
        const { voters } = world;
        world.edit({ size: 0, version: '3.6.16' });
        world.settle(3);
        assert.deepEqual(world.voters, voters, 'nobody leaves');
      }),
    );
  });

  it('tell a whole story in few words', () => {
    const world = new ASmallWorld({ size: 1, version: '3.6.16' }, IMAGES);
    world.settle(TICKS_MAX);
    for (const edit of [
      { size: 3, version: '3.6.16' },
      { size: 3, version: '3.7.3' },
      { size: 1, version: '3.7.3' },
      { size: 0, version: '3.7.3' },
      { size: 3, version: '3.7.3' },
    ]) {
      world.edit(edit);
      world.tick();
      world.settle(TICKS_MAX);
    }
    assert.deepEqual(world.events, STORY);
  });
});

/** A cluster of one is created, grows, is upgraded, shrinks, hibernates and comes back with three. */
const STORY = [
  'PhaseChanged',
  'MemberJoined',
  'PhaseChanged',
  ...[
    'ScalingStarted',
    'MemberJoined',
    'MemberJoined',
    'MemberPromoted',
    'MemberPromoted',
    'ScalingFinished',
  ],
  ...['UpgradeStarted', 'UpgradeFinished', 'PhaseChanged'],
  ...['ScalingStarted', 'MemberLeft', 'MemberLeft', 'ScalingFinished'],
  ...['ScalingStarted', 'ScalingFinished'],
  ...['ScalingStarted', 'MemberJoined', 'MemberJoined', 'LeaderChanged'],
  ...['MemberPromoted', 'MemberPromoted', 'ScalingFinished'],
];

function run(world: ASmallWorld, ticks: number): void {
  for (let tick = 0; tick < ticks; tick++) {
    world.tick();
  }
}

function isOfMinor5({ versions, status }: ASmallWorld): boolean {
  return [...versions, status?.version ?? ''].some((text) => /^v?3\.5\./.test(text));
}
