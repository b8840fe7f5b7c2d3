/** What the operator does with objects, over plain HTTP: server-side apply, with nothing unknown let pass. */
import assert from 'node:assert/strict';
import type { AppliedObject } from '../../src/resources/applied-object.ts';
import type { PodTemplate } from '../../src/resources/pod-template.ts';
import type { RealApiClient } from '../support/real-api-server-client.ts';
import { valueAt } from '../support/real-api-server-client.ts';

const PLURALS: Readonly<Record<string, string>> = {
  ConfigMap: 'configmaps',
  NetworkPolicy: 'networkpolicies',
  Pod: 'pods',
  PodDisruptionBudget: 'poddisruptionbudgets',
  Role: 'roles',
  RoleBinding: 'rolebindings',
  Service: 'services',
  ServiceAccount: 'serviceaccounts',
  StatefulSet: 'statefulsets',
};

type Named = Pick<AppliedObject, 'apiVersion' | 'kind'> & {
  readonly metadata: { readonly name: string; readonly namespace?: string };
};

/** Where the API server keeps `object`. */
export function pathOfObject({ apiVersion, kind, metadata }: Named): string {
  return `${collectionOfObject({ apiVersion, kind, metadata })}/${metadata.name}`;
}

/** Applies `object` and returns it as the server has it; fails with the server's words. */
export async function apply(api: RealApiClient, object: Named): Promise<unknown> {
  const query = '?fieldManager=quorate&force=true&fieldValidation=Strict';
  const answer = await api.send('PATCH', `${pathOfObject(object)}${query}`, object, {
    contentType: 'application/apply-patch+yaml',
  });
  assert.ok([200, 201].includes(answer.status), `${object.kind}: ${valueAt(answer.body, 'message')}`);
  assert.deepEqual(answer.warnings, []);
  return answer.body;
}

/** Creates the Pod of `ordinal` as the StatefulSet controller does; nothing warns of it. */
export async function createPod(
  api: RealApiClient,
  namespace: string,
  set: string,
  template: PodTemplate,
  hasClaim: boolean,
): Promise<unknown> {
  const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name: `${set}-0`, namespace } };
  const claim = { name: 'data', persistentVolumeClaim: { claimName: `data-${set}-0` } };
  const volumes = [...template.spec.volumes, ...(hasClaim ? [claim] : [])];
  const answer = await api.send('POST', `${collectionOfObject(pod)}?fieldValidation=Strict`, {
    ...pod,
    metadata: { ...pod.metadata, ...template.metadata },
    spec: { ...template.spec, volumes, hostname: `${set}-0`, subdomain: `${set}-peer` },
  });
  assert.equal(answer.status, 201, String(valueAt(answer.body, 'message')));
  assert.deepEqual(answer.warnings, []);
  return answer.body;
}

function collectionOfObject({ apiVersion, kind, metadata }: Named): string {
  const root = apiVersion.includes('/') ? 'apis' : 'api';
  const plural = PLURALS[kind];
  assert.ok(plural !== undefined, `no path is known for ${kind}`);
  return `/${root}/${apiVersion}/namespaces/${metadata.namespace ?? 'default'}/${plural}`;
}
