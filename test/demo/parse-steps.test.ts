import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseSteps } from '../../src/demo/parse-steps.ts';

function invalidIn(text: string): string {
  const parsed = parseSteps(text);
  assert.ok('invalid' in parsed, `${text} was taken`);
  return parsed.invalid;
}

test('reads every kind of step', () => {
  const text =
    'form, scale:5,hibernate,kill:leader,kill-agent:follower,freeze:0,wipe:2,delete-pod:8,roll,wait:10';
  assert.deepEqual(parseSteps(text), [
    { kind: 'form', text: 'form' },
    { kind: 'scale', replicas: 5, text: 'scale:5' },
    { kind: 'scale', replicas: 0, text: 'hibernate' },
    { kind: 'kill', container: 'etcd', who: 'leader', text: 'kill:leader' },
    { kind: 'kill', container: 'agent', who: 'follower', text: 'kill-agent:follower' },
    { kind: 'freeze', who: 0, text: 'freeze:0' },
    { kind: 'wipe', who: 2, text: 'wipe:2' },
    { kind: 'delete-pod', who: 8, text: 'delete-pod:8' },
    { kind: 'roll', text: 'roll' },
    { kind: 'wait', seconds: 10, text: 'wait:10' },
  ]);
});

test('says in one sentence what is wrong with a step, and what is allowed', () => {
  const cases: readonly (readonly [string, string])[] = [
    ['form,scale:12', 'step 2, "scale:12": "12" must be a whole number from 0 to 9.'],
    ['scale:05', 'step 1, "scale:05": "05" must be a whole number from 0 to 9.'],
    ['scale:', 'step 1, "scale:": "" must be a whole number from 0 to 9.'],
    ['scale', 'step 1, "scale": say how much, such as scale:5.'],
    ['kill', 'step 1, "kill": say whom, such as kill:leader.'],
    ['wipe:9', 'step 1, "wipe:9": "9" must be leader, follower or an ordinal from 0 to 8.'],
    ['wait:1e3', 'step 1, "wait:1e3": "1e3" must be a whole number from 0 to 3600.'],
    ['roll:1', 'step 1, "roll:1": roll takes no value.'],
    ['form,,roll', 'step 2, "": an empty step; write the steps with one comma between two.'],
  ];
  for (const [text, expected] of cases) {
    assert.equal(invalidIn(text), expected);
  }
  assert.match(
    invalidIn('jump:2'),
    /^step 1, "jump:2": there is no such step; there are form, scale:N, .*\.$/,
  );
});

test('refuses a list that is too long', () => {
  assert.match(invalidIn(Array(201).fill('roll').join()), /^201 steps are too many/);
});

test('takes any text without a throw, and gives steps that read the same again', () => {
  const word = fc.constantFrom('form', 'scale:3', 'kill:leader', 'wipe:1', 'roll', 'wait:0', 'x', 'scale:-1');
  const list = fc.array(word, { minLength: 1, maxLength: 8 }).map((words) => words.join());
  fc.assert(
    fc.property(fc.oneof(fc.string(), list), (text) => {
      const parsed = parseSteps(text);
      if (!('invalid' in parsed)) {
        assert.deepEqual(parseSteps(parsed.map((step) => step.text).join()), parsed);
      }
    }),
  );
});
