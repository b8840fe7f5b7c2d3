/** Objects of our kinds on the server of a test. */
import type { Judged } from '../../src/api/rule.ts';
import { type RealApiAnswer, type RealApiClient, valueAt } from '../support/real-api-server-client.ts';

export const API = '/apis/etcd.etcd.io/v1alpha1';

/** What the kinds are called in paths. */
export const PLURALS: Readonly<Record<string, string>> = {
  EtcdCluster: 'etcdclusters',
  EtcdBackup: 'etcdbackups',
  EtcdRestore: 'etcdrestores',
};

/** An object of `kind` as a user would write it. */
export function anObject<Spec>(kind: string, { metadata, spec }: Judged<Spec>): object {
  return { apiVersion: 'etcd.etcd.io/v1alpha1', kind, metadata, spec };
}

/** Creates `object`; `query` may say that it is only a question, such as `?dryRun=All`. */
export function create(api: RealApiClient, object: object, query = ''): Promise<RealApiAnswer> {
  return api.send('POST', `${collectionOf(object)}${query}`, object);
}

/** The path of the list that `object` belongs to; without a namespace it goes to `default`. */
export function collectionOf(object: unknown): string {
  const namespace = valueAt(object, 'metadata.namespace') ?? 'default';
  return `${API}/namespaces/${namespace}/${PLURALS[String(valueAt(object, 'kind'))]}`;
}

/** The path of `object` itself. */
export function pathOf(object: unknown): string {
  return `${collectionOf(object)}/${valueAt(object, 'metadata.name')}`;
}

/** What the server says went wrong. */
export function messageOf(answer: RealApiAnswer): string {
  return String(valueAt(answer.body, 'message'));
}
