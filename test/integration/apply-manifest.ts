import assert from 'node:assert/strict';
import { type RealApiAnswer, type RealApiClient, valueAt } from '../support/real-api-server-client.ts';

/** As `kubectl apply --server-side` does, and with no field that the server does not know. */
export async function applyManifest(api: RealApiClient, object: unknown): Promise<RealApiAnswer> {
  const query = '?fieldManager=test&force=true&fieldValidation=Strict';
  const path = `${await collectionPath(api, object)}/${valueAt(object, 'metadata.name')}${query}`;
  return api.send('PATCH', path, object, { contentType: 'application/apply-patch+yaml' });
}

/** Where the server says objects of this kind are. */
async function collectionPath(api: RealApiClient, object: unknown): Promise<string> {
  const version = String(valueAt(object, 'apiVersion'));
  const group = version.includes('/') ? `/apis/${version}` : `/api/${version}`;
  const { body } = await api.send('GET', group);
  const resources = valueAt(body, 'resources');
  assert.ok(Array.isArray(resources), `${group} is not served`);
  const found = resources.find(
    (each) =>
      valueAt(each, 'kind') === valueAt(object, 'kind') && !String(valueAt(each, 'name')).includes('/'),
  );
  const namespace = valueAt(object, 'metadata.namespace');
  const place = valueAt(found, 'namespaced') === true ? `/namespaces/${namespace}` : '';
  return `${group}${place}/${valueAt(found, 'name')}`;
}
