import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { knownBugsOf } from '../../../src/operator/plan/known-bugs.ts';
import { versionStep } from '../../../src/operator/plan/version-step.ts';
import { version } from '../../support/an-observed-cluster.ts';

const STEPS: readonly (readonly [from: string, to: string, expected: string])[] = [
  ['3.6.16', '3.6.16', 'none'],
  ['3.6.16', '3.6.17', 'allowed'],
  ['3.6.16', '3.6.15', 'allowed'],
  ['3.5.26', '3.6.16', 'allowed'],
  ['3.5.25', '3.6.16', '3.5.26 or newer first'],
  ['3.6.11', '3.7.3', 'allowed'],
  ['3.6.10', '3.7.3', '3.6.11 or newer first'],
  ['3.5.35', '3.7.3', 'set spec.version to a 3.6 first'],
  ['3.6.16', '3.5.35', 'restore a backup into a new cluster'],
  ['3.7.3', '3.6.16', 'does not go back'],
  ['3.7.3', '3.8.0', 'none of the supported versions (3.5, 3.6, 3.7)'],
];

describe('a step from one version to another', () => {
  for (const [from, to, expected] of STEPS) {
    it(`${from} → ${to}: ${expected}`, () => {
      const step = versionStep(version(from), version(to));
      assert.ok(step.kind === expected || (step.kind === 'blocked' && step.message.includes(expected)));
    });
  }
});

describe('known bugs', () => {
  it('are named with all that is wrong, and the patch that has none of it', () => {
    assert.equal(
      knownBugsOf(version('3.5.9')),
      'etcd 3.5.9 can bring removed members back, and learners that were promoted; it can answer reads with old data after its process was paused. Set spec.version to 3.5.28 or newer.',
    );
  });

  it('are none in patches that have cured them, and in minors without any', () => {
    assert.deepEqual(
      ['3.5.28', '3.6.9', '3.6.16', '3.7.0'].map((text) => knownBugsOf(version(text))),
      [undefined, undefined, undefined, undefined],
    );
  });
});
