/** How findings of linters are read and excused; the linters themselves run in `make lint-manifests`. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { findingsIn, unexcused } from '../../scripts/lint/kube-score.ts';
import type { KubeScoreException } from '../../scripts/lint/kube-score-exceptions.ts';
import { streamOf } from '../../scripts/lint/manifest-source.ts';

const check = (id: string, grade: number, comments: readonly object[] | null, skipped = false): object => ({
  check: { id },
  grade,
  skipped,
  comments,
});
const limit = { path: 'agent', summary: 'CPU limit is not set' };

describe('findings of kube-score', () => {
  it('are what is graded below fine, with object and container', () => {
    const checks = [
      check('container-resources', 1, [limit]),
      check('stable-version', 10, null),
      check('pod-probes', 1, [{ path: '', summary: 'none' }], true),
    ];
    const report = JSON.stringify([{ object_name: 'StatefulSet/apps/v1/shop/etcd', checks }]);
    assert.deepEqual(findingsIn(report), [
      { check: 'container-resources', text: 'StatefulSet/etcd (agent) CPU limit is not set' },
    ]);
  });

  it('are none where nothing was judged', () => {
    assert.deepEqual(findingsIn('null'), []);
  });

  it('are excused by check and words, and the excuse is noted', () => {
    const excuse: KubeScoreException = { check: 'a', finding: /^Pod\/x /, reason: 'because' };
    const used = new Set<KubeScoreException>();
    const findings = [
      { check: 'a', text: 'Pod/x is odd' },
      { check: 'a', text: 'Pod/y is odd' },
      { check: 'b', text: 'Pod/x is odd' },
    ];
    assert.deepEqual(unexcused(findings, [excuse], used), findings.slice(1));
    assert.deepEqual([...used], [excuse]);
  });
});

describe('objects that go to a linter', () => {
  it('are in JSON, so that "no" stays a text', () => {
    const object = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'no' } };
    assert.equal(streamOf({ name: 'x', objects: [object] }), `---\n${JSON.stringify(object)}\n`);
  });
});
