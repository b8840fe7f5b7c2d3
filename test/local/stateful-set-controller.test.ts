import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  type ApiState,
  addPod,
  createApiState,
  deleteStatefulSet,
  markPodDeleted,
  removePod,
  scaleStatefulSet,
} from '../../src/local/api-state.ts';
import { createApiStore } from '../../src/local/api-store.ts';
import {
  applyPodAction,
  planPods,
  runStatefulSetController,
} from '../../src/local/stateful-set-controller.ts';

const NOW = Date.UTC(2026, 0, 1);

/** Pods are given as ordinals; a negative sign (written as text) marks one that is being deleted. */
function aState(replicas: number, pods: readonly string[]): ApiState {
  let state = createApiState({ namespace: 'default', name: 'demo', uid: 'set', replicas, nowMs: NOW });
  for (const text of pods) {
    const ordinal = Number(text.replace('-', ''));
    state = addPod(state, { name: `demo-${ordinal}`, ordinal, uid: `uid-${ordinal}` }, NOW);
    state = text.startsWith('-') ? markPodDeleted(state, `uid-${ordinal}`, 30, NOW) : state;
  }
  return state;
}

function plan(state: ApiState): readonly string[] {
  return planPods(state).map((action) => `${action.kind} ${action.ordinal}`);
}

describe('planPods', () => {
  const table: readonly [string, number, readonly string[], readonly string[]][] = [
    ['makes all Pods of a new set at once', 3, [], ['create 0', 'create 1', 'create 2']],
    ['does nothing when the wanted Pods are there', 3, ['0', '1', '2'], []],
    ['makes only the missing Pods, lowest first', 5, ['1', '3'], ['create 0', 'create 2', 'create 4']],
    ['deletes surplus Pods all at once, highest first', 1, ['0', '1', '2'], ['delete 2', 'delete 1']],
    ['deletes no Pod twice', 1, ['0', '-1', '2'], ['delete 2']],
    ['waits for a deleted Pod to be gone before it makes the next', 3, ['0', '-1', '2'], []],
    ['keeps a deleted Pod from coming back when the set shrank', 1, ['0', '-1'], []],
    ['makes and deletes in one plan', 2, ['0', '4'], ['create 1', 'delete 4']],
    ['hibernates', 0, ['0', '1'], ['delete 1', 'delete 0']],
  ];
  for (const [name, replicas, pods, expected] of table) {
    it(name, () => assert.deepEqual(plan(aState(replicas, pods)), expected));
  }

  it('deletes all Pods of a set that is being deleted, and makes none', () => {
    const state = deleteStatefulSet(aState(3, ['0', '1']), NOW);
    assert.deepEqual(plan(state), ['delete 1', 'delete 0']);
  });

  it('plans nothing more once its plan is carried out', () => {
    let uid = 0;
    const context = { newUid: () => `new-${uid++}`, nowMs: NOW, graceSeconds: 30 };
    const before = aState(4, ['0', '2', '5']);
    const after = planPods(before).reduce((state, action) => applyPodAction(state, action, context), before);
    assert.deepEqual(planPods(after), []);
  });
});

describe('runStatefulSetController', () => {
  it('replaces a Pod that is gone by one with another UID', async (t) => {
    let uid = 0;
    const store = createApiStore(aState(1, []), () => undefined);
    const deps = { newUid: () => `new-${uid++}`, now: () => NOW, graceSeconds: 30, onError: assert.ifError };
    const controller = runStatefulSetController(store, deps);
    t.after(() => controller.stop());
    await Promise.resolve();
    const [first] = store.read().pods;
    store.update((state) => removePod(state, first?.uid ?? ''));
    await Promise.resolve();
    assert.deepEqual(
      store.read().pods.map((pod) => [pod.ordinal, pod.uid]),
      [[0, 'new-1']],
    );
  });

  it('does nothing after it was stopped', async () => {
    const store = createApiStore(aState(0, []), () => undefined);
    const deps = { newUid: () => 'new', now: () => NOW, graceSeconds: 30, onError: assert.ifError };
    runStatefulSetController(store, deps).stop();
    store.update((state) => scaleStatefulSet(state, 3));
    await Promise.resolve();
    assert.deepEqual(store.read().pods, []);
  });

  it('tries again after a state that could not be stored', async (t) => {
    t.mock.timers.enable({ apis: ['setTimeout'] });
    let isFull = true;
    const errors: unknown[] = [];
    const store = createApiStore(aState(1, []), () => {
      if (isFull) {
        throw new Error('ENOSPC');
      }
    });
    const deps = {
      newUid: () => 'new',
      now: () => NOW,
      graceSeconds: 30,
      onError: (error: unknown) => errors.push(error),
    };
    const controller = runStatefulSetController(store, deps);
    await Promise.resolve();
    assert.equal(errors.length, 1);
    isFull = false;
    t.mock.timers.tick(1000);
    await Promise.resolve();
    assert.equal(store.read().pods.length, 1);
    controller.stop();
  });
});
