import type { AgentStatus } from '../../src/model/agent-status.ts';
import type { Stage } from '../../src/model/decision.ts';
import { CLUSTER, memberId } from './a-member-view.ts';

type Fields = {
  readonly ordinal?: number;
  readonly stage?: Stage;
  readonly hasData?: boolean;
  readonly version?: string;
};

/** What the agent of an ordinal says that serves as a voter, unless said otherwise. */
export function anAgentStatus(fields: Fields = {}): AgentStatus {
  const { ordinal = 0, stage = 'serving', hasData = true, version = '3.6.16' } = fields;
  const url = `http://demo-${ordinal}.demo-peer.default.svc.cluster.local`;
  return {
    etag: 'e1',
    observedAt: '2026-01-02T03:04:05.678Z',
    name: `demo-${ordinal}`,
    ordinal,
    podUid: `pod-${ordinal}`,
    peerUrl: `${url}:2380`,
    clientUrl: `${url}:2379`,
    decision: {
      kind: 'settled',
      reason: 'Serving',
      message: 'Serving as leader.',
      stage,
      since: '2026-01-02T03:04:00.000Z',
    },
    etcd: {
      state: 'running',
      memberId: `a${ordinal}`,
      clusterId: 'c1',
      leaderId: 'a0',
      isLearner: false,
      version,
      raftTerm: '2',
      raftIndex: '18446744073709551615',
      raftAppliedIndex: '18446744073709551615',
      dbSizeBytes: 20_480,
      errors: [],
    },
    certificates: [],
    formation: 'Formed',
    replicas: 3,
    volumeId: `volume-${ordinal}`,
    hasData,
    data: hasData ? { clusterId: CLUSTER, memberId: memberId(ordinal), generation: 1, maxLearners: 8 } : null,
    generation: 1,
    log: 'clean',
    members: [{ id: 'a0', name: 'demo-0', peerUrl: `${url}:2380`, clientUrl: `${url}:2379`, role: 'Leader' }],
  };
}
