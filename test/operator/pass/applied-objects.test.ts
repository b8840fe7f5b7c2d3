import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { KubeObject, LiveObject } from '../../../src/kube/kube-object.ts';
import type { Outcome } from '../../../src/kube/outcome.ts';
import { AppliedObjects, markOf } from '../../../src/operator/pass/applied-objects.ts';
import type { AppliedObject } from '../../../src/resources/applied-object.ts';

const KEY = 'ns/demo';
const signal = new AbortController().signal;

function anObject(kind: 'Service' | 'StatefulSet', name: string, fields: object = {}): AppliedObject {
  const apiVersion = kind === 'Service' ? 'v1' : 'apps/v1';
  return { apiVersion, kind, metadata: { name, labels: {} }, ...fields };
}

/** An API server that takes everything, and counts generations of sets and versions of all. */
class TakingServer {
  readonly applied: string[] = [];
  #version = 100;
  /** What comes next instead. */
  answer: Outcome<LiveObject> | undefined;

  async apply(_type: unknown, object: KubeObject): Promise<Outcome<LiveObject>> {
    await Promise.resolve();
    if (this.answer !== undefined) {
      return this.answer;
    }
    this.applied.push(`${object.kind} ${object.metadata.name}`);
    this.#version += 1;
    const metadata = {
      ...object.metadata,
      uid: `uid-${object.metadata.name}`,
      resourceVersion: String(this.#version),
      ...(object.kind === 'StatefulSet' ? { generation: this.applied.length } : {}),
    };
    return { kind: 'done', value: { ...object, metadata } };
  }
}

describe('an object that is applied', () => {
  it('is not applied again while it is as that has made it', async () => {
    const server = new TakingServer();
    const objects = new AppliedObjects(server);
    const object = anObject('Service', 'a');
    const first = await objects.apply(KEY, object, undefined, signal);
    assert.deepEqual(first, { kind: 'done', value: 'applied' });
    const live = { uid: 'uid-a', mark: '101' };
    assert.deepEqual(await objects.apply(KEY, object, live, signal), { kind: 'done', value: 'as-wanted' });
    assert.deepEqual(server.applied, ['Service a']);
  });

  it('is applied again when it is to be otherwise, was changed, was made anew, or is gone', async () => {
    const server = new TakingServer();
    const objects = new AppliedObjects(server);
    const object = anObject('Service', 'a');
    await objects.apply(KEY, object, undefined, signal);
    const cases: readonly (readonly [AppliedObject, { uid: string; mark: string } | undefined])[] = [
      [anObject('Service', 'a', { spec: { type: 'NodePort' } }), { uid: 'uid-a', mark: '101' }],
      [anObject('Service', 'a', { spec: { type: 'NodePort' } }), { uid: 'uid-a', mark: '999' }],
      [anObject('Service', 'a', { spec: { type: 'NodePort' } }), { uid: 'another', mark: '103' }],
      [anObject('Service', 'a', { spec: { type: 'NodePort' } }), undefined],
    ];
    for (const [wanted, live] of cases) {
      const before = server.applied.length;
      await objects.apply(KEY, wanted, live, signal);
      assert.equal(server.applied.length, before + 1, JSON.stringify(live));
    }
  });

  it('is remembered although others are applied at the same time', async () => {
    const server = new TakingServer();
    const objects = new AppliedObjects(server);
    const all = ['a', 'b', 'c', 'd'].map((name) => anObject('Service', name));
    await Promise.all(all.map((object) => objects.apply(KEY, object, undefined, signal)));
    const marks = new Map(server.applied.map((text, index) => [text, String(101 + index)]));
    await Promise.all(
      all.map((object) => {
        const { name } = object.metadata;
        const live = { uid: `uid-${name}`, mark: marks.get(`Service ${name}`) ?? '' };
        return objects.apply(KEY, object, live, signal);
      }),
    );
    assert.equal(server.applied.length, 4, 'each was applied once');
  });

  it('is not remembered when the API server has refused it, or did not answer', async () => {
    const server = new TakingServer();
    const objects = new AppliedObjects(server);
    const object = anObject('Service', 'a');
    server.answer = { kind: 'unknown', why: 'no answer in time' };
    assert.equal((await objects.apply(KEY, object, undefined, signal)).kind, 'unknown');
    server.answer = undefined;
    const applied = await objects.apply(KEY, object, { uid: 'uid-a', mark: '101' }, signal);
    assert.deepEqual(applied, { kind: 'done', value: 'applied' });
  });

  it('is forgotten with its cluster', async () => {
    const server = new TakingServer();
    const objects = new AppliedObjects(server);
    const object = anObject('Service', 'a');
    await objects.apply(KEY, object, undefined, signal);
    objects.forget(KEY);
    await objects.apply(KEY, object, { uid: 'uid-a', mark: '101' }, signal);
    assert.equal(server.applied.length, 2);
  });
});

describe('a view that is older than what was applied', () => {
  it('is known by its generation', async () => {
    const server = new TakingServer();
    const objects = new AppliedObjects(server);
    const set = anObject('StatefulSet', 'demo');
    await objects.apply(KEY, anObject('Service', 'a'), undefined, signal);
    await objects.apply(KEY, set, undefined, signal);
    const isAhead = (mark: string, uid = 'uid-demo'): boolean => objects.isAheadOf(KEY, set, { uid, mark });
    assert.deepEqual([isAhead('1'), isAhead('2'), isAhead('3')], [true, false, false]);
    assert.equal(isAhead('1', 'another'), false, 'one that was made anew is no older view');
    assert.equal(objects.isAheadOf(KEY, set, undefined), false);
    assert.equal(objects.isAheadOf('ns/other', set, { uid: 'uid-demo', mark: '1' }), false);
  });
});

describe('the mark of an object', () => {
  it('is its generation, or without one its version', () => {
    const metadata = { name: 'a', uid: 'u', resourceVersion: '7' };
    assert.deepEqual(markOf({ metadata: { ...metadata, generation: 3 } }), { uid: 'u', mark: '3' });
    assert.deepEqual(markOf({ metadata }), { uid: 'u', mark: '7' });
  });
});
