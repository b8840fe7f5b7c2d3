import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { isLiveObject, type LiveObject } from '../../../src/kube/kube-object.ts';
import { type Change, keyOf, ObjectStore } from '../../../src/operator/cache/object-store.ts';
import { aLiveObject } from '../../support/scripted-api-server.ts';

function live(name: string, resourceVersion: number, uid?: string): LiveObject {
  const object = aLiveObject(name, resourceVersion, uid === undefined ? {} : { uid });
  assert.ok(isLiveObject(object));
  return object;
}

const versionOf = (object: LiveObject): string => object.metadata.resourceVersion;

/** A change in a few words, such as `changed ns/a 1→2`. */
function told(change: Change<string>): string {
  switch (change.kind) {
    case 'added':
      return `added ${change.key} ${change.now.value}`;
    case 'changed':
      return `changed ${change.key} ${change.old.value}→${change.now.value}`;
    case 'removed':
      return `removed ${change.key} ${change.old.value}`;
  }
}

describe('ObjectStore', () => {
  it('tells what is new, what changed, and what is gone with how it last was', () => {
    const store = new ObjectStore(versionOf);
    assert.deepEqual(store.put(live('a', 1)).map(told), ['added ns/a 1']);
    assert.deepEqual(store.put(live('a', 2)).map(told), ['changed ns/a 1→2']);
    assert.deepEqual(store.drop(live('a', 3)).map(told), ['removed ns/a 2']);
    assert.equal(store.get('ns/a'), undefined);
  });

  it('tells nothing of what is known already', () => {
    const store = new ObjectStore(versionOf);
    store.put(live('a', 1));
    assert.deepEqual(store.put(live('a', 1)), []);
    assert.deepEqual(store.dropAllBut(new Set(['ns/a'])), []);
    assert.deepEqual(store.drop(live('b', 1)), []);
  });

  it('tells of an object made anew under its old name that the old one is gone', () => {
    const store = new ObjectStore(versionOf);
    store.put(live('a', 1, 'old'));
    assert.deepEqual(store.put(live('a', 5, 'new')).map(told), ['removed ns/a 1', 'added ns/a 5']);
    assert.deepEqual(store.drop(live('a', 6, 'old')), [], 'the removal of the old one comes too late');
    assert.equal(store.get('ns/a')?.uid, 'new');
  });

  it('keeps no more of an object than it is told to', () => {
    const store = new ObjectStore((object) => object.metadata.labels ?? {});
    store.put(live('a', 1));
    const kept = { key: 'ns/a', uid: 'uid-a', resourceVersion: '1', value: {} };
    assert.deepEqual([...store.values()], [kept]);
  });

  it('keeps what it had of an object that cannot be kept', () => {
    const store = new ObjectStore((object) => {
      assert.notEqual(versionOf(object), '2');
      return versionOf(object);
    });
    store.put(live('a', 1));
    assert.throws(() => store.put(live('a', 2)));
    assert.equal(store.get('ns/a')?.value, '1');
  });

  it('ends as the server has it, and its changes add up to that', () => {
    const object = fc.record({
      name: fc.constantFrom('a', 'b', 'c'),
      uid: fc.constantFrom('u', 'v'),
      version: fc.nat(3),
    });
    const lists = fc.array(fc.uniqueArray(object, { selector: ({ name }) => name }));
    fc.assert(
      fc.property(lists, (all) => {
        const store = new ObjectStore(versionOf);
        const mirror = new Map<string, string>();
        for (const list of all) {
          const objects = list.map(({ name, uid, version }) => live(name, version, uid));
          const keys = new Set(list.map(({ name }) => keyOf('ns', name)));
          for (const change of [...objects.flatMap((each) => store.put(each)), ...store.dropAllBut(keys)]) {
            assert.equal(mirror.has(change.key), change.kind !== 'added');
            if (change.kind === 'removed') {
              mirror.delete(change.key);
            } else {
              mirror.set(change.key, change.now.uid);
            }
          }
          const expected = list.map(({ name, uid }) => [keyOf('ns', name), uid] as const);
          assert.deepEqual(mirror, new Map(expected));
        }
      }),
    );
  });
});
