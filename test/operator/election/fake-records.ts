import { isLiveObject, type KubeObject, type LiveObject } from '../../../src/kube/kube-object.ts';
import type { RecordKeeper } from '../../../src/kube/object-api.ts';
import type { Failure, Outcome } from '../../../src/kube/outcome.ts';

/** How a fake answers. */
export type FakeMode =
  | 'well'
  /** Every call hangs until its signal fires. */
  | 'silent'
  /** Every call fails with this, and nothing is done. */
  | Failure
  /** It is done, and no answer comes. */
  | 'done-unheard';

/** Records in memory, by name, as the API server keeps them; see the contract in `kube-client.test.ts`. */
export type FakeRecords = RecordKeeper & {
  mode: FakeMode;
  /** Every call, such as `update ns/name`. */
  readonly calls: string[];
  readonly get: (name: string) => LiveObject | undefined;
  /** As `kubectl delete` and `kubectl edit` do it. */
  readonly put: (name: string, object: LiveObject | undefined) => void;
};

export function fakeRecords(): FakeRecords {
  const objects = new Map<string, LiveObject>();
  let version = 0;
  const store = (name: string, object: KubeObject, uid: string): Outcome<LiveObject> => {
    version += 1;
    const metadata = { ...object.metadata, uid, resourceVersion: String(version) };
    const stored = structuredClone({ ...object, metadata });
    if (!isLiveObject(stored)) {
      return { kind: 'refused', status: 422, reason: 'Invalid', message: 'no object' };
    }
    objects.set(name, stored);
    return { kind: 'done', value: stored };
  };
  const call = async (
    what: string,
    name: string,
    signal: AbortSignal,
    act: () => Outcome<LiveObject>,
  ): Promise<Outcome<LiveObject>> => {
    fake.calls.push(`${what} ${name}`);
    const { mode } = fake;
    if (mode === 'well') {
      return act();
    }
    if (mode === 'done-unheard') {
      act();
      return { kind: 'unknown', why: 'connection reset' };
    }
    if (mode === 'silent') {
      await new Promise<void>((resolve) => {
        signal.addEventListener('abort', () => resolve(), { once: true });
      });
      return { kind: 'unknown', why: 'no answer in time' };
    }
    return mode;
  };
  const fake: FakeRecords = {
    mode: 'well',
    calls: [],
    get: (name) => objects.get(name),
    put: (name, object) => {
      if (object === undefined) {
        objects.delete(name);
      } else {
        store(name, object, object.metadata.uid);
      }
    },
    read: (_, { name }, signal) =>
      call('read', name, signal, () => {
        const object = objects.get(name);
        return object === undefined ? notFound(name) : { kind: 'done', value: structuredClone(object) };
      }),
    create: (_, object, signal) => {
      const { name } = object.metadata;
      return call('create', name, signal, () =>
        objects.has(name)
          ? { kind: 'conflict', reason: 'AlreadyExists', message: `"${name}" already exists` }
          : store(name, object, `uid-${version + 1}`),
      );
    },
    update: (_, object, signal) => {
      const { name, resourceVersion } = object.metadata;
      return call('update', name, signal, () => {
        const current = objects.get(name);
        if (current === undefined) {
          // Leases and Events may be created by writing them (registry strategies, `AllowCreateOnUpdate`).
          return resourceVersion === undefined ? store(name, object, `uid-${version + 1}`) : notFound(name);
        }
        return resourceVersion !== undefined && resourceVersion !== current.metadata.resourceVersion
          ? { kind: 'conflict', reason: 'Conflict', message: 'the object has been modified' }
          : store(name, object, current.metadata.uid);
      });
    },
  };
  return fake;
}

function notFound(name: string): Failure {
  return { kind: 'not-found', message: `"${name}" not found` };
}
