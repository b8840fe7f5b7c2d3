import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { apiEventsBetween } from '../../src/local/api-events.ts';
import { formatApiState, parseApiState } from '../../src/local/api-file.ts';
import {
  type ApiState,
  addPod,
  createApiState,
  deleteStatefulSet,
  markPodDeleted,
  putConfigMap,
  removeConfigMap,
  removePod,
  reportPod,
  scaleStatefulSet,
} from '../../src/local/api-state.ts';

const NOW = Date.UTC(2026, 0, 1);

const EMPTY = createApiState({ namespace: 'default', name: 'demo', uid: 'set', replicas: 3, nowMs: NOW });

/** One change of any kind, on few objects, so that changes meet each other. */
const change: fc.Arbitrary<(state: ApiState) => ApiState> = fc
  .tuple(fc.nat({ max: 7 }), fc.nat({ max: 2 }))
  .map(([kind, ordinal]) => (state) => {
    const uid = `uid-${ordinal}`;
    const name = `demo-${ordinal}`;
    switch (kind) {
      case 0:
        return scaleStatefulSet(state, ordinal);
      case 1:
        return addPod(state, { name, ordinal, uid }, NOW);
      case 2:
        return markPodDeleted(state, uid, 30, NOW);
      case 3:
        return removePod(state, uid);
      case 4:
        return reportPod(state, uid, 'Running', `127.80.0.1${ordinal}`);
      case 5:
        return putConfigMap(state, { name: 'map', uid: 'map', data: { record: uid } }, NOW);
      case 6:
        return removeConfigMap(state, 'map');
      default:
        return deleteStatefulSet(state, NOW);
    }
  });

const changes = fc.array(change, { maxLength: 40 });

describe('the state of the API', () => {
  it('counts every change, and no other, with a larger resourceVersion', () => {
    fc.assert(
      fc.property(changes, (all) => {
        let state = EMPTY;
        for (const each of all) {
          const next = each(state);
          const isChange =
            JSON.stringify({ ...next, resourceVersion: 0 }) !==
            JSON.stringify({ ...state, resourceVersion: 0 });
          assert.equal(next.resourceVersion, state.resourceVersion + (isChange ? 1 : 0));
          assert.equal(next === state, !isChange);
          state = next;
        }
      }),
    );
  });

  it('never holds two Pods of one ordinal', () => {
    fc.assert(
      fc.property(changes, (all) => {
        const state = all.reduce((before, each) => each(before), EMPTY);
        assert.equal(new Set(state.pods.map((pod) => pod.ordinal)).size, state.pods.length);
      }),
    );
  });

  it('is read from its file as it was written', () => {
    fc.assert(
      fc.property(changes, (all) => {
        const state = all.reduce((before, each) => each(before), EMPTY);
        assert.deepEqual(parseApiState(formatApiState(state)), state);
      }),
    );
  });

  it('is not read from anything else', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (text) => assert.ok('invalid' in parseApiState(text))),
    );
  });
});

describe('apiEventsBetween', () => {
  it('tells the life of a Pod', () => {
    const born = addPod(EMPTY, { name: 'demo-0', ordinal: 0, uid: 'a' }, NOW);
    const doomed = markPodDeleted(born, 'a', 30, NOW);
    const gone = removePod(doomed, 'a');
    const tell = (before: ApiState, after: ApiState): readonly string[] =>
      apiEventsBetween(before, after).map((event) => event.kind);
    assert.deepEqual(tell(EMPTY, born), ['pod-created']);
    assert.deepEqual(tell(born, doomed), ['pod-deleting']);
    assert.deepEqual(tell(doomed, gone), ['pod-gone']);
    assert.deepEqual(tell(EMPTY, doomed), ['pod-created', 'pod-deleting']);
    assert.deepEqual(tell(born, reportPod(born, 'a', 'Running', '127.80.0.10')), []);
  });

  it('tells a change of size with both sizes', () => {
    assert.deepEqual(apiEventsBetween(EMPTY, scaleStatefulSet(EMPTY, 5)), [
      { kind: 'scaled', replicas: 5, replicasBefore: 3 },
    ]);
  });
});
