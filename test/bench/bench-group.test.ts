import assert from 'node:assert/strict';
import { test } from 'node:test';
import { benchGroupsOf } from '../../src/bench/bench-group.ts';

test('groups come once each, in the order in which they are measured', () => {
  assert.deepEqual(benchGroupsOf('settled, form,form'), ['form', 'settled']);
});

test('what cannot be measured is named, with what can', () => {
  assert.deepEqual(benchGroupsOf('form,speed'), {
    invalid:
      '"speed" is nothing to measure; give some of form, scale, roll, lost-disk, agent-start, settled.',
  });
});

test('nothing at all is nothing to measure', () => {
  assert.ok('invalid' in benchGroupsOf(''));
});
