/** The record is the one thing in Kubernetes that an agent's token may write: what a record that lies can do. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { decide } from '../../src/decide/decide.ts';
import {
  AT_GATE,
  aMemberView,
  aSelf,
  dataVolume,
  discarding,
  recorded,
  running,
  UID,
} from '../support/a-member-view.ts';
import { aRecord } from '../support/arbitraries.ts';

const self = aSelf({ clusterUid: UID });

describe('a record that lies', () => {
  it('takes nothing from a member that runs: it serves on, or waits and says so', () => {
    const kinds = new Set(['settled', 'wait', 'seal']);
    fc.assert(
      fc.property(aRecord, (record) => {
        const view = aMemberView({ self, volume: dataVolume(), etcd: running(), record: recorded(record) });
        assert.ok(kinds.has(decide(view).kind), decide(view).kind);
      }),
      { numRuns: 1_000 },
    );
  });

  it('lets no member that starts with data be a seed; at worst its data is set aside, and kept', () => {
    const kinds = new Set(['resume', 'wait', 'block-formation', 'set-data-aside', 'write-marker', 'give-up']);
    const record = fc.oneof(aRecord, fc.constant({ ...discarding(), generation: 2 }));
    fc.assert(
      fc.property(record, (each) => {
        const view = aMemberView({ self, volume: dataVolume(), etcd: AT_GATE, record: recorded(each) });
        assert.ok(kinds.has(decide(view).kind), decide(view).kind);
      }),
      { numRuns: 1_000 },
    );
  });
});
