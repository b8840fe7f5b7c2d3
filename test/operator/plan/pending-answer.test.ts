import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { LiveObject } from '../../../src/kube/kube-object.ts';
import { PENDING_KINDS, type PendingKind, pendingAnswer } from '../../../src/operator/plan/pending-answer.ts';
import { BACKUP_CASES } from '../../api/backup-cases.ts';
import { RESTORE_CASES } from '../../api/restore-cases.ts';
import { TYPE_CASES } from '../../api/type-cases.ts';
import { NOW_MS } from '../../support/an-observed-cluster.ts';
import { anyOf, installedSchema } from '../../support/schema-arbitrary.ts';
import { withAnyPart } from '../../support/wrong-types.ts';

const METADATA = { name: 'demo', namespace: 'shop', uid: 'uid-1', resourceVersion: '7', generation: 2 };

/** One that keeps all rules. */
const GOOD: Readonly<Record<string, unknown>> = {
  EtcdBackup: BACKUP_CASES.find(({ breaks }) => breaks === undefined)?.object.spec,
  EtcdRestore: RESTORE_CASES.find(({ breaks }) => breaks === undefined)?.object.spec,
};

/** Reason and message of the one condition that is to be written. */
function told(kind: PendingKind, object: Partial<LiveObject>): readonly (string | undefined)[] {
  const [condition] = pendingAnswer(kind, { metadata: METADATA, ...object }, NOW_MS)?.conditions ?? [];
  return [condition?.reason, condition?.message];
}

for (const kind of PENDING_KINDS) {
  const { kind: name, plural } = kind.type;
  describe(`an ${name}, which is not carried out yet`, () => {
    it('is told so', () => {
      const [reason, message] = told(kind, { spec: GOOD[name] });
      assert.equal(reason, 'NotYetSupported');
      assert.match(message ?? '', /nothing is done/);
    });

    it('is told nothing twice, but once more of a spec that has changed', () => {
      const spec = GOOD[name];
      const status = pendingAnswer(kind, { metadata: METADATA, spec }, NOW_MS);
      assert.equal(pendingAnswer(kind, { metadata: METADATA, spec, status }, NOW_MS), undefined);
      const changed = { metadata: { ...METADATA, generation: 3 }, spec, status };
      assert.notEqual(pendingAnswer(kind, changed, NOW_MS), undefined);
    });

    for (const { spec, field, message } of TYPE_CASES.filter((each) => each.kind === name)) {
      it(`is told what is wrong with ${JSON.stringify(spec)}`, () => {
        assert.deepEqual(told(kind, { spec }), ['SpecInvalid', `${field} ${message}; correct the spec.`]);
      });
    }

    it('gets an answer whatever an API server without its schema lets pass', () => {
      const { spec = {}, status = {} } = installedSchema(plural).properties ?? {};
      fc.assert(
        fc.property(withAnyPart(anyOf(spec)), withAnyPart(anyOf(status)), (anySpec, anyStatus) => {
          const answer = pendingAnswer(
            kind,
            { metadata: METADATA, spec: anySpec, status: anyStatus },
            NOW_MS,
          );
          assert.ok(answer === undefined || answer.conditions.length === 1);
        }),
      );
    });
  });
}
