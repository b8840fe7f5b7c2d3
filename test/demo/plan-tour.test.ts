import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseSteps } from '../../src/demo/parse-steps.ts';
import { awakeSizeAfter, defaultSteps, planTour } from '../../src/demo/plan-tour.ts';

function plan(text: string, size: number): ReturnType<typeof planTour> {
  const steps = parseSteps(text);
  assert.ok(!('invalid' in steps));
  return planTour(steps, size);
}

function problem(text: string, size: number): string | undefined {
  const planned = plan(text, size);
  return 'invalid' in planned ? planned.invalid : undefined;
}

test('the default tour grows, suffers, shrinks, sleeps and is rolled', () => {
  assert.deepEqual(
    defaultSteps(3).map((step) => step.text),
    [
      'form',
      'scale:5',
      'kill:leader',
      'wipe:follower',
      'scale:3',
      'scale:1',
      'scale:3',
      'hibernate',
      'scale:3',
      'roll',
    ],
  );
});

test('the default tour of every size is one that can be run', () => {
  for (let size = 1; size <= 9; size++) {
    const steps = defaultSteps(size);
    assert.deepEqual(planTour(steps, size), steps, `size ${size}`);
  }
});

test('puts the forming in front where it is missing', () => {
  const planned = plan('scale:5', 3);
  assert.ok(!('invalid' in planned));
  assert.deepEqual(
    planned.map((step) => step.text),
    ['form', 'scale:5'],
  );
});

test('refuses steps that make no sense on the cluster they would meet', () => {
  const cases: readonly (readonly [string, number, string])[] = [
    ['roll,form', 3, 'step 3, "form": a cluster forms only once, so form can only be the first step.'],
    ['form,kill:3', 3, 'step 2, "kill:3": the cluster has the members 0 to 2 then.'],
    ['form,scale:1,kill:1', 3, 'step 3, "kill:1": the cluster has the members 0 to 0 then.'],
    ['form,kill:follower', 1, 'step 2, "kill:follower": the only member then is the leader.'],
    ['form,hibernate,roll', 3, 'step 3, "roll": the cluster has no members then; scale it up first.'],
    [
      'form,scale:0,kill:leader',
      3,
      'step 3, "kill:leader": the cluster has no members then; scale it up first.',
    ],
    [
      'form,hibernate,scale:1',
      3,
      'step 3, "scale:1": the cluster hibernates with 3 members then, and needs 2 of them to wake up.',
    ],
    [
      'form,wipe:0',
      2,
      'step 2, "wipe:0": of 2 disks none can be lost without losing the data; scale to 3 first.',
    ],
  ];
  for (const [text, size, expected] of cases) {
    assert.equal(problem(text, size), expected);
  }
});

test('knows with how many members a cluster sleeps', () => {
  const sizeAfter = (text: string): number => {
    const steps = parseSteps(text);
    assert.ok(!('invalid' in steps));
    return awakeSizeAfter(steps, 3);
  };
  assert.equal(sizeAfter('form,hibernate'), 3);
  assert.equal(sizeAfter('form,scale:7,roll,hibernate,wait:1'), 7);
  assert.equal(problem('form,scale:5,hibernate,scale:3', 1), undefined);
});

test('allows what makes sense after the steps before it', () => {
  assert.equal(problem('form,scale:5,kill:4,wipe:4,hibernate,scale:3,kill:2,wait:0,scale:0', 1), undefined);
});
