import { PATIENCE_MS, QUARANTINE_KEEP } from '../../src/decide/patience.ts';
import { known, unknown } from '../../src/model/known.ts';
import type { EtcdStatus, LocalEtcd } from '../../src/model/local-etcd.ts';
import type { MemberView } from '../../src/model/member-view.ts';
import type { Volume } from '../../src/model/volume.ts';
import {
  aMember,
  aMemberView,
  aQuorum,
  CLUSTER,
  dataVolume,
  FOREIGN_CLUSTER,
  forming,
  memberId,
  NOW_MS,
  recorded,
  running,
  SEED_TOKEN,
} from '../support/a-member-view.ts';
import type { DecisionCase } from './decision-case.ts';

const AWAY = unknown('connection refused');
const MEMBERS = [aMember(0), aMember(1), aMember(2)];

/** Ordinal 1 as a voter that follows ordinal 0, and asks nobody else. */
export function aVoter(fields: Partial<MemberView> = {}): MemberView {
  return aMemberView({ volume: dataVolume(), etcd: running(), voters: aQuorum(MEMBERS), ...fields });
}

/** The seed whose etcd runs while the record still says Forming. */
export function aSeed(fields: Partial<MemberView> = {}): MemberView {
  return aVoter({
    record: recorded(forming()),
    volume: dataVolume({ clusterId: null, intent: { kind: 'seed', token: SEED_TOKEN } }),
    etcd: running({ leaderId: memberId(1) }),
    voters: aQuorum([aMember(1)]),
    ...fields,
  });
}

function setAside(prunable: number): Volume {
  const volume = dataVolume();
  return volume.kind === 'readable' ? { ...volume, prunable } : volume;
}

function servedFor(servedMs: number, status: Partial<EtcdStatus> = {}): LocalEtcd {
  const etcd = running(status);
  return etcd.kind === 'running' ? { ...etcd, sinceMs: NOW_MS - servedMs } : etcd;
}

export const RUNNING_CASES: readonly DecisionCase[] = [
  {
    behaviour: 'a seed seals the record once a linearizable read works',
    view: aSeed(),
    expected: 'seal QuorumProven',
  },
  {
    behaviour: 'a seed seals nothing before a linearizable read worked',
    view: aSeed({ voters: { kind: 'silent', why: 'no leader' } }),
    expected: 'wait EtcdStarting',
  },
  {
    behaviour: 'a voter seals nothing while another ordinal is forming',
    view: aSeed({ record: recorded(forming({ ordinal: 0, volumeId: 'volume-0' })) }),
    expected: 'wait SeedElsewhere',
  },
  {
    behaviour: 'a voter without a marker seals nothing',
    view: aSeed({ volume: { kind: 'unreadable', why: 'EIO' } }),
    expected: 'wait SeedElsewhere',
  },
  {
    behaviour: 'a seed of an earlier attempt seals nothing',
    view: aSeed({ record: recorded(forming({ attempt: 2 })) }),
    expected: 'wait SeedElsewhere',
  },
  {
    behaviour: 'a voter of another cluster than the recorded one changes nothing',
    view: aVoter({ etcd: running({ clusterId: FOREIGN_CLUSTER }) }),
    expected: 'wait ForeignCluster',
  },
  {
    behaviour: 'a voter that sees its cluster formed notes it on the volume',
    view: aVoter({ volume: dataVolume({ clusterId: null }) }),
    expected: 'write-marker FormationSeen',
  },
  {
    behaviour: 'a voter notes the formation also on a volume that was never marked as released',
    view: aVoter({ volume: dataVolume({ released: false }) }),
    expected: 'write-marker FormationSeen',
  },
  {
    behaviour: 'a voter notes the formation under the UID of the record',
    view: aVoter({ volume: dataVolume({ clusterUid: 'uid-0' }) }),
    expected: 'write-marker FormationSeen',
  },
  {
    behaviour: 'a voter on adopted data without a marker notes the formation',
    view: aVoter({
      volume: {
        kind: 'readable',
        marker: { kind: 'none' },
        wal: { kind: 'present', clusterId: CLUSTER, memberId: memberId(1) },
        prunable: 0,
      },
    }),
    expected: 'write-marker FormationSeen',
  },
  {
    behaviour: 'a voter that never saw its cluster formed keeps asking while the API is away',
    view: aVoter({ record: AWAY, volume: dataVolume({ clusterId: null }) }),
    expected: 'wait FormationUnknown',
  },
  {
    behaviour: 'a voter that never saw its cluster formed keeps asking while the record is absent',
    view: aVoter({ record: known('absent', NOW_MS), volume: { kind: 'unreadable', why: 'EIO' } }),
    expected: 'wait FormationUnknown',
  },
  {
    behaviour: 'a voter that once saw its cluster formed serves without the API',
    view: aVoter({ record: AWAY, intent: AWAY }),
    expected: 'settled Serving',
  },
  {
    behaviour: 'a voter serves',
    view: aVoter(),
    expected: 'settled Serving',
  },
  {
    behaviour: 'a healthy voter thins out what it set aside',
    view: aVoter({
      volume: setAside(QUARANTINE_KEEP + 1),
      etcd: servedFor(PATIENCE_MS.healthyBeforePruning),
    }),
    expected: 'prune-quarantine QuarantineFull',
  },
  {
    behaviour: 'a voter keeps the newest copies it set aside',
    view: aVoter({ volume: setAside(QUARANTINE_KEEP), etcd: servedFor(PATIENCE_MS.healthyBeforePruning) }),
    expected: 'settled Serving',
  },
  {
    behaviour: 'a voter that has not served for long keeps every copy',
    view: aVoter({
      volume: setAside(QUARANTINE_KEEP + 1),
      etcd: servedFor(PATIENCE_MS.healthyBeforePruning - 1),
    }),
    expected: 'settled Serving',
  },
  {
    behaviour: 'a voter without a leader keeps every copy',
    view: aVoter({
      volume: setAside(QUARANTINE_KEEP + 1),
      etcd: servedFor(PATIENCE_MS.healthyBeforePruning, { leaderId: null }),
    }),
    expected: 'wait QuorumLost',
  },
  {
    behaviour: 'a learner keeps every copy',
    view: aVoter({
      volume: setAside(QUARANTINE_KEEP + 1),
      etcd: servedFor(PATIENCE_MS.healthyBeforePruning, { isLearner: true }),
      voters: { kind: 'silent', why: 'nobody' },
    }),
    expected: 'wait PeersUnreachable',
  },
  {
    behaviour: 'a voter that knows no leader waits and changes nothing',
    view: aVoter({ etcd: running({ leaderId: null }) }),
    expected: 'wait QuorumLost',
  },
];
