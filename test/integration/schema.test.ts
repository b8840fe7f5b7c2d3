/** What the operator finds wrong with a spec that no schema has checked, a real API server refuses by the schema. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { ETCD_CLUSTER_SCHEMA } from '../../src/api/etcd-cluster-schema.ts';
import { schemaFault } from '../../src/api/object-schema.ts';
import { NAMESPACE } from '../api/rule-case.ts';
import { TYPE_CASES } from '../api/type-cases.ts';
import { valueAt } from '../support/real-api-server-client.ts';
import {
  type ServerWithKinds,
  START_TIMEOUT_MS,
  startServerWithKinds,
} from '../support/real-api-server-kinds.ts';
import { anObject, create, messageOf } from './own-objects.ts';

let server: ServerWithKinds;
before(
  async () => {
    server = await startServerWithKinds([NAMESPACE]);
  },
  { timeout: START_TIMEOUT_MS },
);
after(() => server[Symbol.asyncDispose]());

describe('a spec that is not what its types say', () => {
  for (const { kind, spec, field } of TYPE_CASES) {
    it(`is refused at ${field}: ${kind} ${JSON.stringify(spec)}`, async () => {
      const metadata = { name: 'demo', namespace: NAMESPACE };
      const answer = await create(server.client, anObject(kind, { metadata, spec }), '?dryRun=All');
      assert.equal(answer.status, 422, messageOf(answer));
      const causes = valueAt(answer.body, 'details.causes');
      assert.ok(Array.isArray(causes));
      const [cause] = causes;
      assert.equal(valueAt(cause, 'field'), field);
    });
  }
});

/** Where a spec may hold null without anybody meaning it, as charts render what is empty. The server drops most of them. */
const NULLS: readonly unknown[] = [
  { podTemplate: null },
  { size: null, pause: null },
  { storage: { size: null, retentionPolicy: null } },
  { podTemplate: { env: null, nodeSelector: null, affinity: null } },
  { podTemplate: { env: [{ name: 'A', value: null, valueFrom: null }] } },
  { security: { tls: null }, etcd: { extraArgs: null } },
  { etcd: { extraArgs: { 'max-txn-ops': null } } },
  { podTemplate: { tolerations: [null] } },
];

describe('a null in a spec', () => {
  for (const spec of NULLS) {
    it(`never gets to the operator where there is a schema: ${JSON.stringify(spec)}`, async () => {
      const object = anObject('EtcdCluster', { metadata: { name: 'demo', namespace: NAMESPACE }, spec });
      const answer = await create(server.client, object, '?dryRun=All');
      if (answer.status !== 422) {
        assert.equal(answer.status, 201, messageOf(answer));
        assert.equal(schemaFault(ETCD_CLUSTER_SCHEMA, valueAt(answer.body, 'spec'), 'spec'), undefined);
      }
    });
  }
});
