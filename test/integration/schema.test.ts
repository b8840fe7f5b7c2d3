/** What the operator finds wrong with a spec that no schema has checked, a real API server refuses by the schema. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
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
