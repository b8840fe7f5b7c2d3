import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { StepDeadline } from '../../src/demo/step-deadline.ts';

test('fires when its limit is reached', async () => {
  using deadline = new StepDeadline(1);
  await once(deadline.signal, 'abort');
  assert.equal(deadline.limitMs, 1);
});

test('an extension is added to the limit', (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  using deadline = new StepDeadline(10_000);
  deadline.extend(20_000);
  t.mock.timers.tick(15_000);
  assert.equal(deadline.signal.aborted, false);
  assert.equal(deadline.limitMs, 30_000);
  t.mock.timers.tick(15_001);
  assert.equal(deadline.signal.aborted, true);
});

test('never fires once it is disposed of', (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const deadline = new StepDeadline(10);
  deadline[Symbol.dispose]();
  t.mock.timers.tick(20);
  assert.equal(deadline.signal.aborted, false);
});
