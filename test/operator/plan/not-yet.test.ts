import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { askedInVain } from '../../../src/operator/plan/not-yet.ts';
import { anObservedCluster } from '../../support/an-observed-cluster.ts';

describe('what a spec asks for in vain', () => {
  const scheduled = { maintenance: { defrag: { schedule: '@weekly' } } };

  it('is named, field by field', () => {
    assert.equal(askedInVain({ size: 3 }), undefined);
    assert.equal(askedInVain({ maintenance: { defrag: { freeRatio: 0.5 } } }), undefined);
    assert.equal(
      askedInVain({ ...scheduled, recovery: { generation: 2, from: 'Survivor' } }),
      'This release does not carry out spec.maintenance.defrag.schedule and spec.recovery yet; nothing is done for them.',
    );
  });

  it('shows once nothing else is under way', () => {
    const cluster = anObservedCluster(3).wanting(scheduled);
    assert.equal(cluster.condition('Progressing'), 'False NotYetSupported');
    assert.match(cluster.status.message ?? '', /schedule yet; nothing is done for it\.$/);
    assert.equal(cluster.wanting({ size: 5 }).condition('Progressing'), 'True Scaling');
  });
});
