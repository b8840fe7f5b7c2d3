import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createAgentMetrics } from '../../src/agent/agent-metrics.ts';
import { createMembershipCalls } from '../../src/agent/membership-calls.ts';
import { type PerformDeps, type Performed, perform } from '../../src/agent/perform.ts';
import type { Decision, DecisionOf } from '../../src/model/decision.ts';
import { parseFormationRecord } from '../../src/model/formation-record.ts';
import type { MemberView } from '../../src/model/member-view.ts';
import { peerUrlOf } from '../../src/model/naming.ts';
import { aManualClock } from '../support/a-clock.ts';
import {
  aMarker,
  aMemberView,
  CLUSTER,
  dataVolume,
  emptyVolume,
  forming,
  memberId,
  NAMES,
} from '../support/a-member-view.ts';
import { anAgentConfig } from '../support/an-agent-config.ts';
import { captureLog } from '../support/captured-log.ts';
import { aFakeClusterApi } from '../support/fake-cluster-api.ts';
import { aFakeEtcd } from '../support/fake-etcd.ts';
import { aFakeGate } from '../support/fake-gate.ts';
import { aFakeVolume } from '../support/fake-volume-store.ts';
import { noCertificates } from '../support/no-certificates.ts';

const BECAUSE = { stage: 'starting', reason: 'OwnData', message: 'Because.' } as const;
const RESUME: Decision = {
  ...BECAUSE,
  kind: 'resume',
  memberId: memberId(1),
  maxLearners: 8,
  initialCorruptCheck: true,
};
const SEED: Decision = { ...BECAUSE, kind: 'seed', token: 'uid-1-g1-a1', maxLearners: 8 };

function anAgent() {
  const gate = aFakeGate();
  const etcd = aFakeEtcd(2);
  const cluster = aFakeClusterApi();
  const volume = aFakeVolume();
  const log = captureLog();
  const compared: (readonly string[])[] = [];
  const deps: PerformDeps = {
    config: anAgentConfig(),
    gate,
    members: etcd.members,
    membershipCalls: createMembershipCalls(log.logger, createAgentMetrics(), aManualClock()),
    maintenance: etcd.maintenance,
    hashes: { start: (membershipKey, clientUrls) => compared.push([membershipKey, ...clientUrls]) },
    api: cluster.api,
    volume: volume.store,
    certificates: noCertificates(),
    logger: log.logger,
  };
  const act = (
    t: { signal: AbortSignal },
    decision: Decision,
    view: MemberView = aMemberView(),
  ): Promise<Performed> => perform(deps, view, decision, t.signal);
  return { gate, etcd, cluster, volume, log, act, compared };
}

describe('letting etcd start', () => {
  it('writes to the volume that it may vote, before the gate is answered', async (t) => {
    const { gate, volume, act } = anAgent();
    gate.ask();
    volume.putMarker(aMarker({ released: false }));
    const answer = gate.answer;
    gate.answer = (document) => {
      volume.story.push('gate answered');
      return answer(document);
    };
    const volumeSeen = emptyVolume({ clusterId: null, released: false });
    assert.deepEqual(await act(t, SEED, aMemberView({ volume: volumeSeen })), { kind: 'answered-gate' });
    assert.deepEqual(volume.story, ['marker released', 'gate answered']);
  });

  it('keeps everything else the marker said', async (t) => {
    const { gate, volume, act } = anAgent();
    gate.ask();
    const marker = aMarker({ released: false, intent: { kind: 'join', memberId: memberId(1) } });
    volume.putMarker(marker);
    await act(t, SEED, aMemberView({ volume: emptyVolume(marker) }));
    const now = await volume.store.read(t.signal);
    assert.deepEqual(now.kind === 'readable' && now.marker, {
      kind: 'present',
      marker: { ...marker, released: true },
    });
  });

  it('keeps a note on the log, but not for an etcd that may prove it wrong', async (t) => {
    const noteAfter = async (logCleanFor: number, released: boolean): Promise<unknown> => {
      const { gate, volume, act } = anAgent();
      gate.ask();
      const marker = aMarker({ released, logCleanFor });
      volume.putMarker(marker);
      const seen = dataVolume({ released, logCleanFor });
      assert.deepEqual(await act(t, RESUME, aMemberView({ volume: seen })), { kind: 'answered-gate' });
      const now = await volume.store.read(t.signal);
      return now.kind === 'readable' && now.marker.kind === 'present' && now.marker.marker.logCleanFor;
    };
    assert.equal(await noteAfter(6, false), 6);
    assert.equal(await noteAfter(6, true), 6);
    assert.equal(await noteAfter(7, false), undefined);
    assert.equal(await noteAfter(7, true), undefined);
  });

  it('gives etcd the number of entries to a snapshot that was decided on', async (t) => {
    const { gate, act } = anAgent();
    gate.ask();
    await act(t, { ...RESUME, snapshotCount: 11 }, aMemberView({ volume: dataVolume() }));
    assert.equal(JSON.parse(gate.documents[0] ?? '')['snapshot-count'], 11);
  });

  it('does not answer the gate when the volume refuses the marker', async (t) => {
    const { gate, volume, act } = anAgent();
    gate.ask();
    volume.fill();
    const performed = await act(t, SEED, aMemberView({ volume: emptyVolume({ released: false }) }));
    assert.ok(performed.kind === 'failed');
    assert.match(performed.why, /ENOSPC.*free or enlarge it/);
    assert.equal(gate.state().kind, 'asked', 'etcd goes on waiting');
    assert.deepEqual(gate.documents, []);
  });

  it('writes nothing for a member that has started before', async (t) => {
    const { gate, volume, act } = anAgent();
    gate.ask();
    volume.fill();
    assert.deepEqual(await act(t, RESUME, aMemberView({ volume: dataVolume() })), { kind: 'answered-gate' });
    assert.deepEqual(volume.story, []);
  });

  it('is nothing that has happened when etcd gave up waiting', async (t) => {
    const { act } = anAgent();
    assert.deepEqual(await act(t, RESUME, aMemberView({ volume: dataVolume() })), { kind: 'done' });
  });

  const starts: Readonly<Record<string, readonly [Decision, object]>> = {
    resume: [RESUME, { 'initial-cluster-state': 'existing', 'max-learners': 8 }],
    seed: [SEED, { 'initial-cluster-state': 'new', 'initial-cluster-token': 'uid-1-g1-a1' }],
    'start-joined': [
      {
        ...BECAUSE,
        kind: 'start-joined',
        memberId: memberId(1),
        token: 'uid-1-g1-a1',
        maxLearners: 8,
        initialCluster: [
          { name: 'demo-0', peerUrl: 'http://a:2380' },
          { name: 'demo-1', peerUrl: 'http://b:2380' },
        ],
      },
      { 'initial-cluster-state': 'existing', 'initial-cluster': 'demo-0=http://a:2380,demo-1=http://b:2380' },
    ],
  };
  for (const [kind, [decision, expected]] of Object.entries(starts)) {
    it(`gives etcd the configuration of its member to ${kind}`, async (t) => {
      const { gate, act } = anAgent();
      gate.ask();
      await act(t, decision, aMemberView({ volume: dataVolume() }));
      const document = JSON.parse(gate.documents[0] ?? '{}');
      assert.equal(document.name, 'demo-1');
      assert.equal(document['data-dir'], '/var/lib/etcd/data');
      assert.equal(document['initial-advertise-peer-urls'], peerUrlOf(NAMES, 1));
      for (const [key, value] of Object.entries(expected)) {
        assert.equal(document[key], value, key);
      }
    });
  }
});

describe('an action on the volume', () => {
  it('writes the marker, sets data aside, prunes what was set aside', async (t) => {
    const { volume, act } = anAgent();
    const { volumeId: _unused, ...marker } = aMarker();
    volume.putData(CLUSTER, memberId(1));
    assert.deepEqual(await act(t, { ...BECAUSE, kind: 'write-marker', marker }), { kind: 'done' });
    assert.deepEqual(await act(t, { ...BECAUSE, reason: 'RemovedData', kind: 'set-data-aside' }), {
      kind: 'done',
    });
    assert.deepEqual(await act(t, { ...BECAUSE, kind: 'prune-quarantine', keep: 0 }), { kind: 'done' });
    assert.deepEqual(volume.story, ['marker', 'aside RemovedData', 'pruned 1']);
  });

  it('says in the log where data went', async (t) => {
    const { log, act } = anAgent();
    await act(t, { ...BECAUSE, reason: 'ForeignData', kind: 'set-data-aside' });
    assert.deepEqual(log.lines, [
      { level: 'warn', place: 'quarantine/1-ForeignData', msg: 'data set aside' },
    ]);
  });

  it('sets aside and takes in what a plain etcd left, where the decision found it', async (t) => {
    const { volume, log, act } = anAgent();
    const place = 'default.etcd';
    volume.putData(CLUSTER, memberId(1), place);
    assert.deepEqual(await act(t, { ...BECAUSE, kind: 'take-in-data', memberId: memberId(1), place }), {
      kind: 'done',
    });
    assert.deepEqual(log.lines, [{ level: 'warn', place, msg: 'data of a plain etcd moved to data/' }]);
    volume.putData(CLUSTER, memberId(2), 'other.etcd');
    await act(t, { ...BECAUSE, reason: 'ForeignData', kind: 'set-data-aside', place: 'other.etcd' });
    const left = await volume.store.read(t.signal);
    assert.deepEqual(left.kind === 'readable' && left.wal, {
      kind: 'present',
      clusterId: CLUSTER,
      memberId: memberId(1),
    });
  });

  it('fails, and throws nothing, when the volume is gone', async (t) => {
    const { volume, act } = anAgent();
    volume.takeAway();
    const performed = await act(t, { ...BECAUSE, kind: 'set-data-aside' });
    assert.ok(performed.kind === 'failed');
    assert.match(performed.why, /VOLUME_UNWRITABLE|refused a write/);
  });
});

describe('a swap of the record', () => {
  const claim = (resourceVersion: string): DecisionOf<'claim-seed'> & Decision => ({
    ...BECAUSE,
    kind: 'claim-seed',
    record: forming(),
    resourceVersion,
  });

  it('is done when it was written', async (t) => {
    const { cluster, act } = anAgent();
    assert.deepEqual(await act(t, claim('1')), { kind: 'done' });
    assert.deepEqual(parseFormationRecord(cluster.recordText() ?? ''), forming());
  });

  it('has failed, and is not made again blindly, on a conflict or without an acknowledgement', async (t) => {
    const { cluster, act } = anAgent();
    assert.equal((await act(t, claim('0'))).kind, 'failed');
    cluster.fail('lose-acks');
    assert.equal((await act(t, claim('1'))).kind, 'failed');
    assert.deepEqual(cluster.calls, ['swapRecord Forming', 'swapRecord Forming']);
  });
});

describe('a change of the membership', () => {
  const leaderUrl = aFakeEtcd().clientUrl(0);

  it('is one call to the leader, counted in the log', async (t) => {
    const { etcd, log, act } = anAgent();
    const peerUrl = etcd.peerUrl(2);
    assert.deepEqual(await act(t, { ...BECAUSE, kind: 'join-as-learner', peerUrl, voterUrl: leaderUrl }), {
      kind: 'done',
    });
    await etcd.join(2);
    assert.deepEqual(await act(t, { ...BECAUSE, kind: 'promote-self', memberId: memberId(2), leaderUrl }), {
      kind: 'done',
    });
    assert.deepEqual(await act(t, { ...BECAUSE, kind: 'hand-over', target: memberId(1), leaderUrl }), {
      kind: 'done',
    });
    assert.deepEqual(await act(t, { ...BECAUSE, kind: 'remove-orphan', memberId: memberId(2), leaderUrl }), {
      kind: 'done',
    });
    assert.deepEqual(
      log.lines.map((line) => line['membershipCall']),
      ['MemberAdd', 'MemberPromote', 'MoveLeader', 'MemberRemove'],
    );
    assert.equal(etcd.calls.length, 4);
  });

  it('removes a lost identity by its ID', async (t) => {
    const { etcd, act } = anAgent();
    await act(t, { ...BECAUSE, kind: 'remove-lost-identity', memberId: memberId(1), leaderUrl });
    assert.deepEqual(etcd.calls, ['remove a1']);
  });

  it('corrects a peer URL by one MemberUpdate', async (t) => {
    const { etcd, log, act } = anAgent();
    const peerUrl = 'http://demo-1:2380';
    const correction = {
      ...BECAUSE,
      kind: 'correct-peer-url',
      memberId: memberId(1),
      peerUrl,
      leaderUrl,
    } as const;
    assert.deepEqual(await act(t, correction), { kind: 'done' });
    assert.deepEqual(etcd.calls, [`update a1 ${peerUrl}`]);
    assert.equal(log.lines[0]?.['membershipCall'], 'MemberUpdate');
    assert.equal(log.lines[0]?.['peerUrl'], peerUrl);
    const taken = { ...correction, memberId: memberId(0) };
    assert.deepEqual(await act(t, taken), { kind: 'refused', refusal: 'already-listed' });
  });

  it('that etcd refuses says why, and one without an answer has failed; neither is made again', async (t) => {
    const { etcd, act } = anAgent();
    const promotion: Decision = { ...BECAUSE, kind: 'promote-self', memberId: memberId(1), leaderUrl };
    assert.deepEqual(await act(t, promotion), { kind: 'refused', refusal: 'not-a-learner' });
    etcd.freeze(0);
    assert.deepEqual(await act(t, promotion), { kind: 'failed', why: '4 DEADLINE_EXCEEDED' });
    assert.equal(etcd.calls.length, 2);
  });
});

describe('housekeeping', () => {
  it('begins to compare hashes, and does not wait for what comes of it', async (t) => {
    const { etcd, act, compared } = anAgent();
    const clientUrls = [etcd.clientUrl(0), etcd.clientUrl(1)];
    const decision: Decision = { ...BECAUSE, kind: 'compare-hashes', membershipKey: 'a0,a1', clientUrls };
    assert.deepEqual(await act(t, decision), { kind: 'done' });
    assert.deepEqual(compared, [['a0,a1', ...clientUrls]]);
    assert.deepEqual(etcd.calls, []);
  });

  it('defragments one member and lifts the alarm through its own etcd', async (t) => {
    const { etcd, act } = anAgent();
    const clientUrl = etcd.clientUrl(0);
    assert.deepEqual(await act(t, { ...BECAUSE, kind: 'defragment', clientUrl }), { kind: 'done' });
    assert.equal((await act(t, { ...BECAUSE, kind: 'disarm-space-alarm' })).kind, 'failed');
    assert.deepEqual(etcd.calls, [
      `defragment ${clientUrl}`,
      'disarm http://demo-1.demo-peer.default.svc.cluster.local:2379',
    ]);
  });
});

describe('a decision to do nothing', () => {
  it('does nothing', async (t) => {
    const { etcd, cluster, volume, act } = anAgent();
    for (const kind of ['wait', 'stay-out', 'settled'] as const) {
      assert.deepEqual(await act(t, { ...BECAUSE, kind }), { kind: 'done' });
    }
    assert.deepEqual([...etcd.calls, ...cluster.calls, ...volume.story], []);
  });
});
