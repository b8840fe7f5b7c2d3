/** Secrets in memory, with versions, as the API server keeps them. */
import type { LiveObject } from '../../../src/kube/kube-object.ts';
import type { RecordKeeper } from '../../../src/kube/object-api.ts';

export type FakeSecrets = RecordKeeper & {
  /** What is stored; undefined: nothing. */
  stored: LiveObject | undefined;
};

export function fakeSecrets(stored?: LiveObject): FakeSecrets {
  let version = 1;
  const keeper: FakeSecrets = {
    stored,
    read: async () =>
      keeper.stored === undefined
        ? { kind: 'not-found', message: 'not found' }
        : { kind: 'done', value: keeper.stored },
    create: async (_, object) => {
      if (keeper.stored !== undefined) {
        return { kind: 'conflict', reason: 'AlreadyExists', message: 'it exists' };
      }
      keeper.stored = { ...object, metadata: { ...object.metadata, uid: 'u', resourceVersion: '1' } };
      return { kind: 'done', value: keeper.stored };
    },
    update: async (_, object) => {
      if (object.metadata.resourceVersion !== keeper.stored?.metadata.resourceVersion) {
        return { kind: 'conflict', reason: 'Conflict', message: 'it was changed' };
      }
      version += 1;
      keeper.stored = {
        ...object,
        metadata: { ...object.metadata, uid: 'u', resourceVersion: `${version}` },
      };
      return { kind: 'done', value: keeper.stored };
    },
  };
  return keeper;
}

/** A Secret of the chart, which holds nothing yet. */
export function anEmptySecret(): LiveObject {
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: 'ours', namespace: 'here', uid: 'u', resourceVersion: '1', labels: { kept: 'yes' } },
    type: 'Opaque',
  };
}
