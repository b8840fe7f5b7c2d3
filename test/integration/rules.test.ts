/** The same verdict from CEL on a real API server and from the predicates here, for every case of every rule. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { BACKUP_RULES, BACKUP_TRANSITIONS } from '../../src/api/backup-rules.ts';
import { CLUSTER_RULES, CLUSTER_TRANSITIONS } from '../../src/api/cluster-rules.ts';
import { RESTORE_RULES, RESTORE_TRANSITIONS } from '../../src/api/restore-rules.ts';
import { brokenRule, brokenTransition, type Rule, type Transition } from '../../src/api/rule.ts';
import { BACKUP_CASES, BACKUP_CHANGES } from '../api/backup-cases.ts';
import { CLUSTER_CASES, CLUSTER_CHANGES } from '../api/cluster-cases.ts';
import { RESTORE_CASES, RESTORE_CHANGES } from '../api/restore-cases.ts';
import { NAMESPACE, type RuleCase, type TransitionCase } from '../api/rule-case.ts';
import { type RealApiAnswer, valueAt } from '../support/real-api-server-client.ts';
import {
  type ServerWithKinds,
  START_TIMEOUT_MS,
  startServerWithKinds,
} from '../support/real-api-server-kinds.ts';
import { anObject, create, messageOf, pathOf } from './own-objects.ts';

let server: ServerWithKinds;
before(
  async () => {
    server = await startServerWithKinds([NAMESPACE]);
  },
  { timeout: START_TIMEOUT_MS },
);
after(() => server[Symbol.asyncDispose]());

judgesAlike('EtcdCluster', CLUSTER_RULES, CLUSTER_CASES, CLUSTER_TRANSITIONS, CLUSTER_CHANGES);
judgesAlike('EtcdBackup', BACKUP_RULES, BACKUP_CASES, BACKUP_TRANSITIONS, BACKUP_CHANGES);
judgesAlike('EtcdRestore', RESTORE_RULES, RESTORE_CASES, RESTORE_TRANSITIONS, RESTORE_CHANGES);

function judgesAlike<Spec>(
  kind: string,
  rules: readonly Rule<Spec>[],
  cases: readonly RuleCase<Spec>[],
  transitions: readonly Transition<Spec>[],
  changes: readonly TransitionCase<Spec>[],
): void {
  describe(`the rules of an ${kind} say the same in CEL and in TypeScript`, () => {
    for (const { title, object } of cases) {
      it(title, async () => {
        const answer = await create(server.client, anObject(kind, object), '?dryRun=All');
        sameVerdict(answer, brokenRule(rules, object)?.message, 201);
      });
    }
    for (const { title, before: old, next } of changes) {
      it(title, async () => {
        const made = await create(server.client, anObject(kind, old));
        assert.equal(made.status, 201, messageOf(made));
        const metadata = valueAt(made.body, 'metadata');
        const answer = await server.client.send('PUT', `${pathOf(made.body)}?dryRun=All`, {
          ...anObject(kind, next),
          metadata,
        });
        await server.client.send('DELETE', pathOf(made.body));
        sameVerdict(answer, brokenTransition(transitions, next, old)?.message, 200);
      });
    }
  });
}

function sameVerdict(answer: RealApiAnswer, refusal: string | undefined, accepted: number): void {
  if (refusal === undefined) {
    assert.equal(answer.status, accepted, messageOf(answer));
    return;
  }
  assert.equal(answer.status, 422);
  const causes = valueAt(answer.body, 'details.causes');
  assert.ok(Array.isArray(causes));
  const said = causes.map((cause) =>
    String(valueAt(cause, 'message')).replace(/^Invalid value: "\w+": /, ''),
  );
  assert.deepEqual(said, [refusal]);
}
