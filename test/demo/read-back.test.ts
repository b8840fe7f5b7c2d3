import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { KeyValueApi, PageAnswer } from '../../src/demo/key-value-api.ts';
import { NumberRanges } from '../../src/demo/number-ranges.ts';
import { readBack } from '../../src/demo/read-back.ts';
import { keyOf, textOf } from '../../src/demo/write-keys.ts';

function numbers(from: number, to: number): NumberRanges {
  const ranges = new NumberRanges();
  for (let number = from; number <= to; number++) {
    ranges.add(number);
  }
  return ranges;
}

/** A store of these writes, read in pages as etcd gives them. */
function aStore(
  stored: readonly number[],
  answers: (call: number) => PageAnswer | undefined = () => undefined,
) {
  const asked: { readonly clientUrl: string; readonly revision: bigint }[] = [];
  const keys = stored.toSorted((a, b) => a - b);
  const api: KeyValueApi = {
    put: () => Promise.reject(new Error('nothing is written')),
    readPage: async (clientUrl, { from, limit, revision }) => {
      asked.push({ clientUrl, revision });
      const answer = answers(asked.length);
      if (answer !== undefined) {
        return answer;
      }
      const rest = keys.filter((number) => keyOf(number) >= from);
      const entries = rest.slice(0, limit).map((number) => ({ key: keyOf(number), value: textOf(number) }));
      return { kind: 'answered', page: { entries, hasMore: rest.length > limit, revision: 77n } };
    },
  };
  return { api, asked };
}

function upTo(last: number): number[] {
  return Array.from({ length: last }, (_, index) => index + 1);
}

test('finds every acknowledged write, page by page at one revision', async (t) => {
  const { api, asked } = aStore(upTo(2_500));
  assert.deepEqual(await readBack(api, ['a'], numbers(1, 2_500), t.signal), {
    kind: 'read',
    lost: 0,
    revision: 77n,
  });
  assert.deepEqual(
    asked.map((each) => each.revision),
    [0n, 77n, 77n],
  );
});

test('counts what is missing, and takes unacknowledged writes for no replacement', async (t) => {
  const { api } = aStore([1, 2, 4, 11, 12]);
  const read = await readBack(api, ['a'], numbers(1, 5), t.signal);
  assert.equal(read.kind === 'read' && read.lost, 2);
});

test('an empty store has lost everything', async (t) => {
  const read = await readBack(aStore([]).api, ['a'], numbers(1, 3), t.signal);
  assert.equal(read.kind === 'read' && read.lost, 3);
});

test('asks the next member when one does not answer', async (t) => {
  const { api, asked } = aStore([1], (call) =>
    call === 1 ? { kind: 'unknown', why: 'no leader' } : undefined,
  );
  const read = await readBack(api, ['a', 'b'], numbers(1, 1), t.signal);
  assert.equal(read.kind === 'read' && read.lost, 0);
  assert.deepEqual(
    asked.map((each) => each.clientUrl),
    ['a', 'b'],
  );
});

test('says why nothing could be read', async (t) => {
  assert.deepEqual(await readBack(aStore([]).api, [], numbers(1, 1), t.signal), {
    kind: 'unreadable',
    why: 'no member serves',
  });
});
