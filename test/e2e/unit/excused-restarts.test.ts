import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { excuseFor } from '../support/excused-restarts.ts';
import type { LogLine } from '../support/follow-logs.ts';

const fatal = (file: string, ts: string, error: string): LogLine => ({
  file,
  line: { level: 'fatal', ts, error },
});
const UNEQUAL = 'error validating peerURLs {…}: member count is unequal';

describe('restarts of etcd', () => {
  it('are excused as often as a first start met somebody who registers, however often that is logged', () => {
    const lines = [
      fatal('demo-1.etcd.1.log', 't1', UNEQUAL),
      fatal('demo-1.etcd.2-previous.log', 't1', UNEQUAL),
      fatal('demo-10.etcd.1.log', 't2', UNEQUAL),
    ];
    assert.equal(excuseFor('demo-1', lines, [])?.most, 1);
  });

  it('are excused where the agent found that the data was a removed member’s', () => {
    const line = { decision: 'set-data-aside', reason: 'RemovedData' };
    const excuse = excuseFor('demo-1', [], [{ file: 'demo-1.agent.1.log', line }]);
    assert.match(excuse?.why ?? '', /removed/);
  });

  it('are not excused by anything else', () => {
    const lines = [fatal('demo-1.etcd.1.log', 't1', 'listener failed')];
    assert.equal(excuseFor('demo-1', lines, []), undefined);
    assert.equal(excuseFor('demo-0', [fatal('demo-1.etcd.1.log', 't', UNEQUAL)], []), undefined);
  });
});
