/** Reviews as an API server sends them. */
import type { KindName } from '../../../src/api/kind-rules.ts';
import type { Judged } from '../../../src/api/rule.ts';

export const PLURALS: Readonly<Record<KindName, string>> = {
  EtcdCluster: 'etcdclusters',
  EtcdBackup: 'etcdbackups',
  EtcdRestore: 'etcdrestores',
};

type Asking = {
  readonly next: Judged<unknown> | undefined;
  readonly before: Judged<unknown> | undefined;
  readonly isScale?: boolean | undefined;
};

/** The body of a review; what is asked is a creation, a change or a deletion, by what there is. */
export function aReview(kind: KindName, { next, before, isScale = false }: Asking): object {
  const objectOf = (judged: Judged<unknown> | undefined): object | null => {
    if (judged === undefined) {
      return null;
    }
    return isScale
      ? { metadata: judged.metadata, spec: { replicas: Reflect.get(Object(judged.spec), 'size') } }
      : { apiVersion: 'etcd.etcd.io/v1alpha1', kind, ...judged };
  };
  return {
    apiVersion: 'admission.k8s.io/v1',
    kind: 'AdmissionReview',
    request: {
      uid: '705ab4f5-6393-11e8-b7cc-42010a800002',
      kind: { group: 'etcd.etcd.io', version: 'v1alpha1', kind },
      resource: { group: 'etcd.etcd.io', version: 'v1alpha1', resource: PLURALS[kind] },
      ...(isScale ? { subResource: 'scale' } : {}),
      namespace: (next ?? before)?.metadata.namespace,
      operation: next === undefined ? 'DELETE' : before === undefined ? 'CREATE' : 'UPDATE',
      object: objectOf(next),
      oldObject: objectOf(before),
    },
  };
}
