/** What an operator that has just started makes of a status that another one wrote. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { EtcdClusterStatus } from '../../src/api/cluster-status.ts';
import { clusterEvents } from '../../src/operator/plan/cluster-events.ts';
import { formed } from '../support/a-member-view.ts';
import { aNewCluster, aRow } from '../support/an-observed-cluster.ts';

/** Written while the seed was forming the cluster, before its ID was recorded. */
const WHILE_FORMING: EtcdClusterStatus = {
  phase: 'Creating',
  size: 1,
  members: [{ name: 'demo-0', id: 'a0', role: 'Leader', ready: false, peerURL: aRow(0).peerUrl }],
};

describe('a member that was listed while its cluster was just forming', () => {
  it('has not left when the next operator has yet to hear its agent', () => {
    const world = aNewCluster(1)
      .recorded(formed())
      .pod(0, { agent: { kind: 'never' } })
      .after(WHILE_FORMING);
    const events = clusterEvents(WHILE_FORMING, world.status).map(({ reason }) => reason);
    assert.ok(!events.includes('MemberLeft'), events.join());
  });
});
