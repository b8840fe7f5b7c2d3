import { FAILED_STARTS_MAX, FREE_BYTES_MIN } from '../../src/decide/patience.ts';
import { unknown } from '../../src/model/known.ts';
import type { LocalEtcd } from '../../src/model/local-etcd.ts';
import type { MemberView } from '../../src/model/member-view.ts';
import type { Volume } from '../../src/model/volume.ts';
import {
  aMember,
  aMemberView,
  anIntent,
  aQuorum,
  aSelf,
  CLUSTER,
  dataVolume,
  emptyVolume,
  formed,
  forming,
  memberId,
  NOW_MS,
  recorded,
  SEED_TOKEN,
  STARTING,
  unformed,
} from '../support/a-member-view.ts';
import type { DecisionCase } from './decision-case.ts';
import { aVoter } from './running-cases.ts';

const AWAY = unknown('connection refused');
const LISTED = aQuorum([aMember(0), aMember(1, { contact: { kind: 'refuses' } }), aMember(2)]);
const NOT_LISTED = aQuorum([aMember(0), aMember(2)]);

function afterFailedStarts(failedStarts: number): LocalEtcd {
  return { kind: 'at-gate', sinceMs: NOW_MS, failedStarts };
}

function dataOnVolumeWith(freeBytes: number): Volume {
  const volume = dataVolume();
  return volume.kind === 'readable' ? { ...volume, freeBytes } : volume;
}

/** Ordinal 1 with its own data; the voters list it. */
export function aRestart(fields: Partial<MemberView> = {}): MemberView {
  return aMemberView({ volume: dataVolume(), voters: LISTED, ...fields });
}

/** The same, and the volume notes that this member was removed. */
function aNotedRemoval(fields: Partial<MemberView>): MemberView {
  return aRestart({ volume: dataVolume({ removedMember: memberId(1) }), ...fields });
}

/** What the whole table at the gate holds constant: the process, the wanted size, failed starts. */
export const GATE_CASES: readonly DecisionCase[] = [
  {
    behaviour: 'waits for an etcd that neither runs nor asks',
    view: aMemberView({ etcd: { kind: 'absent' } }),
    expected: 'wait EtcdNotAsking',
  },
  {
    behaviour: 'waits while the gate cannot be kept, and says why',
    view: aMemberView({ etcd: { kind: 'gate-unusable', why: 'mkfifo is missing' } }),
    expected: 'wait GateUnusable',
  },
  {
    behaviour: 'waits for an etcd that lives and answers no more',
    view: aMemberView({ etcd: { kind: 'unresponsive' } }),
    expected: 'wait EtcdUnresponsive',
  },
  {
    behaviour: 'says that the volume cannot be read before it says anything of a process that does not run',
    view: aMemberView({ etcd: { kind: 'unresponsive' }, volume: { kind: 'unreadable', why: 'EIO' } }),
    expected: 'wait VolumeUnreadable',
  },
  {
    behaviour: 'waits for an etcd that was let start',
    view: aMemberView({ etcd: STARTING }),
    expected: 'wait EtcdStarting',
  },
  {
    behaviour: 'waits for the client port of a member that has already joined',
    view: aMemberView({ etcd: { kind: 'starting', sinceMs: NOW_MS, alive: true, hasLeader: true } }),
    expected: 'wait ClientPortShut',
  },
  {
    behaviour: 'says that quorum is lost while etcd boots and waits for others',
    view: aMemberView({ etcd: { kind: 'starting', sinceMs: NOW_MS, alive: true, hasLeader: false } }),
    expected: 'wait QuorumLost',
  },
  {
    behaviour: 'starts its own data without API, record or peers',
    view: aRestart({ intent: AWAY, record: AWAY, voters: { kind: 'silent', why: 'connection refused' } }),
    expected: 'resume OwnData',
  },
  {
    behaviour: 'starts its own data though it is scaled away: it may be needed for quorum',
    view: aRestart({ intent: anIntent({ replicas: 1 }) }),
    expected: 'resume OwnData',
  },
  {
    behaviour: 'starts its own data while the set is scaled to 0',
    view: aRestart({ intent: anIntent({ replicas: 0 }), voters: { kind: 'silent', why: 'nobody' } }),
    expected: 'resume OwnData',
  },
  {
    behaviour: 'does not start its data beside another Pod of its name',
    view: aRestart({ intent: anIntent({ ownPod: { uid: 'pod-of-today', deleting: false } }) }),
    expected: 'wait PodSuperseded',
  },
  {
    behaviour: 'does not take the absence of its Pod for a second one',
    view: aRestart({ intent: anIntent({ ownPod: null }) }),
    expected: 'resume OwnData',
  },
  {
    behaviour: 'starts the data of a seed that was not sealed yet',
    view: aRestart({
      record: recorded(forming()),
      volume: dataVolume({ clusterId: null, intent: { kind: 'seed', token: SEED_TOKEN } }),
    }),
    expected: 'resume OwnData',
  },
  {
    behaviour: 'trusts a marker that once saw its cluster formed more than a record that says Unformed',
    view: aRestart({ record: recorded(unformed()) }),
    expected: 'resume OwnData',
  },
  {
    behaviour: 'sets aside data of an older generation',
    view: aRestart({ record: recorded(formed({ generation: 2 })) }),
    expected: 'set-data-aside ForeignData',
  },
  {
    behaviour: 'adopts data without a marker that bears the recorded cluster ID',
    view: aRestart({
      volume: {
        kind: 'readable',
        marker: { kind: 'none' },
        wal: { kind: 'present', clusterId: CLUSTER, memberId: memberId(1) },
        prunable: 0,
      },
    }),
    expected: 'resume OwnData',
  },
  {
    behaviour: 'says that nobody can tell what counts on a volume with data in several places',
    view: aMemberView({ volume: { kind: 'unreadable', why: 'a.etcd, b.etcd', holdsData: true } }),
    expected: 'wait VolumeUnreadable',
  },
  {
    behaviour: 'sets removed data aside to join anew',
    view: aRestart({ voters: NOT_LISTED }),
    expected: 'set-data-aside RemovedData',
  },
  {
    behaviour: 'notes the removal on the volume before it stays out with removed data',
    view: aRestart({ voters: NOT_LISTED, intent: anIntent({ replicas: 1 }) }),
    expected: 'write-marker RemovedData',
  },
  {
    behaviour: 'notes the removal on the volume while the wanted size is unknown',
    view: aRestart({ voters: NOT_LISTED, intent: AWAY }),
    expected: 'write-marker RemovedData',
  },
  {
    behaviour: 'does not start the data of a member that was removed while nobody serves (F17)',
    view: aNotedRemoval({ voters: { kind: 'silent', why: 'connection refused' } }),
    expected: 'wait PeersUnreachable',
  },
  {
    behaviour: 'does not start the data of a member that was removed while no quorum serves (F17)',
    view: aNotedRemoval({
      voters: { kind: 'local-list', clusterId: CLUSTER, members: [aMember(0), aMember(2)], why: 'no leader' },
    }),
    expected: 'wait QuorumLost',
  },
  {
    behaviour:
      'starts the data of a member that was removed for a voter without a quorum that still counts on it',
    view: aNotedRemoval({
      voters: {
        kind: 'local-list',
        clusterId: CLUSTER,
        members: [aMember(0), aMember(1)],
        why: 'no leader',
      },
    }),
    expected: 'resume OwnData',
  },
  {
    behaviour: 'does not start the data of a member that was removed while the API is away (F17)',
    view: aNotedRemoval({ intent: AWAY, record: AWAY, voters: { kind: 'silent', why: 'nobody' } }),
    expected: 'wait IntentUnknown',
  },
  {
    behaviour: 'stays out with the data of a member that was removed, whoever serves',
    view: aNotedRemoval({ intent: anIntent({ replicas: 1 }), voters: { kind: 'silent', why: 'nobody' } }),
    expected: 'stay-out ScaledAway',
  },
  {
    behaviour: 'sets the data of a member that was removed aside once the voters say so, too',
    view: aNotedRemoval({ voters: NOT_LISTED }),
    expected: 'set-data-aside RemovedData',
  },
  {
    behaviour: 'stays out with removed data that was noted',
    view: aNotedRemoval({ voters: NOT_LISTED, intent: anIntent({ replicas: 1 }) }),
    expected: 'stay-out ScaledAway',
  },
  {
    behaviour: 'keeps removed data that was noted while the wanted size is unknown',
    view: aNotedRemoval({ voters: NOT_LISTED, intent: AWAY }),
    expected: 'wait IntentUnknown',
  },
  {
    behaviour: 'takes a noted removal back when the voters list the member after all',
    view: aNotedRemoval({}),
    expected: 'write-marker OwnData',
  },
  {
    behaviour: 'starts its own data beside a note on the removal of an earlier member',
    view: aRestart({
      volume: dataVolume({ removedMember: memberId(7) }),
      voters: { kind: 'silent', why: 'nobody' },
    }),
    expected: 'resume OwnData',
  },
  {
    behaviour: 'starts again on data that has failed less often than the bound',
    view: aRestart({ etcd: afterFailedStarts(FAILED_STARTS_MAX - 1) }),
    expected: 'resume OwnData',
  },
  {
    behaviour: 'sets aside data that fails every start while a quorum serves without it',
    view: aRestart({ etcd: afterFailedStarts(FAILED_STARTS_MAX) }),
    expected: 'set-data-aside DataUnusable',
  },
  {
    behaviour: 'keeps data that fails every start while no quorum answers: it may be the last copy',
    view: aRestart({ etcd: afterFailedStarts(100), voters: { kind: 'silent', why: 'nobody' } }),
    expected: 'resume OwnData',
  },
  {
    behaviour: 'puts failed starts down to a port that is taken, and never to the data',
    view: aRestart({
      etcd: {
        kind: 'at-gate',
        sinceMs: NOW_MS,
        failedStarts: FAILED_STARTS_MAX,
        takenPort: '127.80.0.11:2379',
      },
    }),
    expected: 'wait PortTaken',
  },
  {
    behaviour: 'starts no etcd with certificates that fit nothing, and none in plain text in its place (F79)',
    view: aMemberView({ certificates: { kind: 'unusable', why: 'tls.key is not the key of tls.crt' } }),
    expected: 'wait CertificatesUnusable',
  },
  {
    behaviour: 'leaves an etcd that runs alone, whatever has become of its certificates (F79)',
    view: aVoter({ certificates: { kind: 'unusable', why: 'ca.crt is gone' } }),
    expected: 'settled Serving',
  },
  {
    behaviour: 'puts failed starts down to a volume without space, and never to the data on it',
    view: aRestart({
      etcd: afterFailedStarts(FAILED_STARTS_MAX),
      volume: dataOnVolumeWith(FREE_BYTES_MIN - 1),
    }),
    expected: 'wait VolumeFull',
  },
  {
    behaviour: 'starts on a volume with little space as long as no start has failed',
    view: aRestart({ volume: dataOnVolumeWith(0) }),
    expected: 'resume OwnData',
  },
  {
    behaviour: 'stays out with an empty volume beyond the wanted size',
    view: aMemberView({ self: aSelf({ ordinal: 3 }), volume: emptyVolume() }),
    expected: 'stay-out ScaledAway',
  },
];
