/** The cases of every rule, as reviews; and whatever else may come in their place. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { KIND_RULES, type KindName } from '../../../src/api/kind-rules.ts';
import {
  answerTo,
  type Review,
  readReview,
  takesLimits,
} from '../../../src/operator/webhook/admission-review.ts';
import { BACKUP_CASES, BACKUP_CHANGES } from '../../api/backup-cases.ts';
import { CLUSTER_CASES, CLUSTER_CHANGES } from '../../api/cluster-cases.ts';
import { REQUEST_CASES } from '../../api/request-cases.ts';
import { RESTORE_CASES, RESTORE_CHANGES } from '../../api/restore-cases.ts';
import type { RuleCase, TransitionCase } from '../../api/rule-case.ts';
import { valueAt } from '../../support/real-api-server-client.ts';
import { aReview } from './a-review.ts';

function reviewOf(body: object): Review {
  const reading = readReview(JSON.stringify(body));
  assert.equal(reading.kind, 'read');
  return (reading as { review: Review }).review;
}

function saidTo(body: object, limits = {}): unknown {
  const answer = answerTo(reviewOf(body), limits);
  assert.equal(answer.kind, 'answered');
  return valueAt(answer, 'body');
}

function assertVerdict(said: unknown, kind: KindName, breaks: string | undefined): void {
  const { rules, transitions, requests } = KIND_RULES[kind];
  const broken = [...rules, ...transitions, ...requests].find(({ name }) => name === breaks);
  assert.equal(valueAt(said, 'response.allowed'), breaks === undefined);
  assert.equal(valueAt(said, 'response.status.message'), broken?.message);
}

judges('EtcdCluster', CLUSTER_CASES, CLUSTER_CHANGES);
judges('EtcdBackup', BACKUP_CASES, BACKUP_CHANGES);
judges('EtcdRestore', RESTORE_CASES, RESTORE_CHANGES);

function judges<Spec>(
  kind: KindName,
  cases: readonly RuleCase<Spec>[],
  changes: readonly TransitionCase<Spec>[],
): void {
  describe(`a review of an ${kind}`, () => {
    for (const { title, breaks, object } of cases) {
      it(`is answered by ${breaks ?? 'yes'}: ${title}`, () => {
        assertVerdict(saidTo(aReview(kind, { next: object, before: undefined })), kind, breaks);
      });
    }
    for (const { title, breaks, before, next } of changes) {
      it(`is answered by ${breaks ?? 'yes'}: ${title}`, () => {
        assertVerdict(saidTo(aReview(kind, { next, before })), kind, breaks);
      });
    }
  });
}

describe('a review', () => {
  for (const { title, kind, breaks, isScale, asked } of REQUEST_CASES) {
    it(`is answered by ${breaks ?? 'yes'}: ${title}`, () => {
      assertVerdict(saidTo(aReview(kind, { ...asked, isScale }), asked.limits), kind, breaks);
    });
  }

  const metadata = { name: 'demo', namespace: 'rules' };
  const even = { metadata, spec: { size: 4 } };

  it('is answered with its uid, the field and a code, as a schema refuses', () => {
    assert.deepEqual(valueAt(saidTo(aReview('EtcdCluster', { next: even, before: undefined })), 'response'), {
      uid: '705ab4f5-6393-11e8-b7cc-42010a800002',
      allowed: false,
      status: {
        status: 'Failure',
        message: KIND_RULES.EtcdCluster.rules.find(({ name }) => name === 'odd-size')?.message,
        reason: 'Invalid',
        code: 422,
        details: {
          causes: [
            {
              reason: 'FieldValueInvalid',
              field: 'spec.size',
              message: KIND_RULES.EtcdCluster.rules.find(({ name }) => name === 'odd-size')?.message,
            },
          ],
        },
      },
    });
  });

  it('of kubectl scale is judged by its size', () => {
    const before = { metadata, spec: { size: 3 } };
    const scaled = aReview('EtcdCluster', { next: even, before, isScale: true });
    assertVerdict(saidTo(scaled), 'EtcdCluster', 'odd-size');
  });

  it('of an object that is on its way out may pass, so that finalizers go', () => {
    const leaving = {
      metadata: { ...metadata, deletionTimestamp: '2026-01-02T03:04:05Z' },
      spec: { size: 4 },
    };
    const protectedOne = {
      ...leaving,
      metadata: { ...leaving.metadata, annotations: { 'etcd.etcd.io/delete-protection': 'true' } },
    };
    const odd = { metadata: leaving.metadata, spec: { size: 3 } };
    assertVerdict(saidTo(aReview('EtcdCluster', { next: leaving, before: odd })), 'EtcdCluster', undefined);
    assertVerdict(
      saidTo(aReview('EtcdCluster', { next: undefined, before: protectedOne })),
      'EtcdCluster',
      undefined,
    );
  });

  it('of anything but our kinds may pass', () => {
    const body = aReview('EtcdCluster', { next: even, before: undefined });
    for (const resource of [
      { group: 'apps', version: 'v1', resource: 'etcdclusters' },
      { group: 'etcd.etcd.io', version: 'v1', resource: 'etcdmirrors' },
    ]) {
      const request = { ...Object(valueAt(body, 'request')), resource };
      assert.equal(valueAt(saidTo({ ...body, request }), 'response.allowed'), true);
    }
  });

  it('takes limits only where a cluster is made or changed', () => {
    const asks = (kind: KindName, next: typeof even | undefined) =>
      takesLimits(reviewOf(aReview(kind, { next, before: even })));
    assert.deepEqual(
      [asks('EtcdCluster', even), asks('EtcdCluster', undefined), asks('EtcdBackup', even)],
      [true, false, false],
    );
  });
});

describe('something else than a review', () => {
  it('is unreadable, and the answer says where', () => {
    assert.deepEqual(readReview('{"apiVersion":"admission.k8s.io/v1beta1"}'), {
      kind: 'unreadable',
      why: 'no AdmissionReview of v1: apiVersion: Invalid type: Expected "admission.k8s.io/v1" but received "admission.k8s.io/v1beta1"',
    });
    assert.match(String(valueAt(readReview('{'), 'why')), /^no AdmissionReview of v1: body: /);
  });

  it('never throws, whatever it is', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
        assert.equal(readReview(text).kind, 'unreadable');
      }),
    );
  });

  it('never throws where a spec is none', () => {
    const kinds = fc.constantFrom<KindName>('EtcdCluster', 'EtcdBackup', 'EtcdRestore');
    const names = Object.keys(Object.assign({}, ...CLUSTER_CASES.map(({ object }) => object.spec)));
    const spec = fc.dictionary(fc.constantFrom(...names, 'source', 's3'), fc.jsonValue());
    const object = fc.option(
      spec.map((each) => ({ metadata: { name: 'demo' }, spec: each })),
      { nil: undefined },
    );
    fc.assert(
      fc.property(kinds, object, object, fc.boolean(), (kind, next, before, isScale) => {
        const reading = readReview(JSON.stringify(aReview(kind, { next, before, isScale })));
        assert.ok(reading.kind === 'read');
        assert.match(answerTo(reading.review, {}).kind, /^(answered|unreadable)$/);
      }),
    );
  });
});
