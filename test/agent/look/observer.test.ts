import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { emptyHistory } from '../../../src/decide/remember.ts';
import type { ClusterApi } from '../../../src/kube/cluster-api.ts';
import { formatFormationRecord } from '../../../src/model/formation-record.ts';
import { dnsNameOf } from '../../../src/model/naming.ts';
import {
  aMarker,
  CLUSTER,
  FOREIGN_CLUSTER,
  formed,
  memberId,
  NAMES,
  NOW_MS,
} from '../../support/a-member-view.ts';
import { anObservedAgent } from '../../support/an-observed-agent.ts';
import { aFakeClusterApi } from '../../support/fake-cluster-api.ts';
import { aFakeResolver } from '../../support/fake-resolver.ts';

const HISTORY = emptyHistory(NOW_MS);
const FORMED = formatFormationRecord(formed());
const SERVED = aMarker({ released: true, logCleanFor: 6 });

/** Ordinal 1 of three voters led by ordinal 0, on a volume that knows that its cluster is formed. */
function aFollower(...args: Parameters<typeof anObservedAgent> | []) {
  const agent = anObservedAgent(args[0] ?? 1, args[1] ?? 3, args[2]);
  agent.cluster.writeRecord(FORMED);
  agent.volume.putMarker(SERVED);
  agent.volume.putData(CLUSTER, memberId(1));
  return agent;
}

function untilGivenUp(signal: AbortSignal): Promise<{ known: false; why: string }> {
  return new Promise((resolve) => {
    signal.addEventListener('abort', () => resolve({ known: false, why: 'given up' }), { once: true });
  });
}

/** Hangs until whoever asks gives up. */
const HANGING_API: ClusterApi = {
  readWantedSet: untilGivenUp,
  readRecord: untilGivenUp,
  readPod: (_name, signal) => untilGivenUp(signal),
  swapRecord: async () => 'unknown',
};

describe('an observation', () => {
  it('of a settled voter asks its own etcd and nobody else', async (t) => {
    const { observer, cluster, etcd, askedNames } = aFollower();
    for (let look = 0; look < 3; look++) {
      const view = await observer.observe(HISTORY, false, t.signal);
      assert.equal(view.etcd.kind, 'running');
      assert.equal(view.voters.kind, 'linearizable');
    }
    assert.deepEqual(cluster.calls, [], 'the API is never asked');
    assert.deepEqual(askedNames, []);
    assert.ok(etcd.calls.every((call) => call.endsWith('demo-1.demo-peer.default.svc.cluster.local:2379')));
  });

  it('of a settled leader dials the members’ ports, and still never the API', async (t) => {
    const { observer, cluster, etcd } = aFollower(0, 3);
    await observer.observe(HISTORY, false, t.signal);
    await observer.observe(HISTORY, false, t.signal);
    assert.deepEqual(cluster.calls, []);
    assert.equal(etcd.calls.filter((call) => call.startsWith('contact')).length, 6);
  });

  it('of a leader asks for the Pods as soon as a member does not answer', async (t) => {
    const { observer, cluster, etcd } = aFollower(0, 3);
    etcd.kill(2);
    await observer.observe(HISTORY, false, t.signal);
    assert.deepEqual(cluster.calls, [], 'it takes a list to see it');
    const view = await observer.observe(HISTORY, false, t.signal);
    assert.deepEqual(
      view.siblings.map(({ ordinal, pod }) => [ordinal, pod.known && pod.value.kind]),
      [
        [1, 'absent'],
        [2, 'absent'],
      ],
    );
  });

  it('reads the volume once while etcd runs, and anew after something was written to it', async (t) => {
    const { observer, volume } = aFollower();
    await observer.observe(HISTORY, false, t.signal);
    await observer.observe(HISTORY, false, t.signal);
    assert.deepEqual(volume.story, ['read']);
    observer.noteVolumeTouched();
    await observer.observe(HISTORY, false, t.signal);
    assert.deepEqual(volume.story, ['read', 'read']);
  });

  it('reads the volume anew each time while etcd does not run', async (t) => {
    const { observer, volume, gate } = aFollower();
    gate.ask();
    await observer.observe(HISTORY, false, t.signal);
    await observer.observe(HISTORY, false, t.signal);
    assert.deepEqual(volume.story, ['read', 'read']);
  });

  it('goes on reading a volume that could not be read', async (t) => {
    const { observer, volume } = aFollower();
    volume.takeAway();
    await observer.observe(HISTORY, false, t.signal);
    await observer.observe(HISTORY, false, t.signal);
    assert.deepEqual(volume.story, ['read', 'read']);
  });

  it('keeps a record that said Formed while the API is away', async (t) => {
    const { observer, cluster, gate } = aFollower();
    gate.ask();
    await observer.observe(HISTORY, false, t.signal);
    gate.giveUp();
    cluster.fail('unreachable');
    const view = await observer.observe(HISTORY, false, t.signal);
    assert.ok(view.record.known && view.record.value !== 'absent');
    assert.deepEqual(view.record.value.record, formed());
  });

  it('keeps no other record', async (t) => {
    const { observer, cluster, gate } = anObservedAgent(1, 3);
    gate.ask();
    const before = await observer.observe(HISTORY, false, t.signal);
    assert.ok(before.record.known);
    cluster.fail('unreachable');
    assert.equal((await observer.observe(HISTORY, false, t.signal)).record.known, false);
  });

  it('takes the wanted size for unknown when its own Pod is, and the other way round', async (t) => {
    const cluster = aFakeClusterApi();
    const silent = async () => ({ known: false, why: 'the API server answered 500' }) as const;
    for (const broken of [{ readPod: silent }, { readWantedSet: silent }] as Partial<ClusterApi>[]) {
      const { observer, gate } = aFollower(1, 3, { api: { ...cluster.api, ...broken } });
      gate.ask();
      const view = await observer.observe(HISTORY, false, t.signal);
      assert.deepEqual(view.intent, { known: false, why: 'the API server answered 500' });
    }
  });

  it('sees that its own Pod is not the one the API knows', async (t) => {
    const { observer, gate, cluster } = aFollower();
    gate.ask();
    cluster.putPod('demo-1', 'pod-of-today', '127.80.0.99');
    const view = await observer.observe(HISTORY, false, t.signal);
    assert.deepEqual(view.intent.known && view.intent.value.ownPod, { uid: 'pod-of-today', deleting: false });
    cluster.removePod('demo-1');
    const later = await observer.observe(HISTORY, false, t.signal);
    assert.equal(later.intent.known && later.intent.value.ownPod, null);
  });

  it('with own data at the gate asks briefly: no contacts, no siblings, no names', async (t) => {
    const { observer, gate, etcd, cluster, askedNames } = aFollower();
    gate.ask();
    const view = await observer.observe(HISTORY, false, t.signal);
    assert.equal(view.voters.kind, 'linearizable');
    assert.deepEqual([view.siblings, view.ownName, askedNames], [[], 'unasked', []]);
    assert.deepEqual(cluster.calls, ['readWantedSet', 'readPod demo-1', 'readRecord']);
    assert.ok(!etcd.calls.some((call) => call.startsWith('contact')));
  });

  it('with own data at the gate is not held up by an API that hangs', async (t) => {
    const { observer, gate } = aFollower(1, 3, { api: HANGING_API });
    gate.ask();
    const view = await observer.observe(HISTORY, false, t.signal);
    assert.deepEqual([view.intent.known, view.record.known], [false, false]);
    assert.equal(view.volume.kind, 'readable');
  });

  it('with own data at the gate hears the peers though the API used up its own time', async (t) => {
    const { observer, gate, cluster } = aFollower(1, 3, { api: HANGING_API });
    gate.ask();
    await observer.observe(HISTORY, false, t.signal);
    const view = await observer.observe(HISTORY, false, t.signal);
    assert.equal(view.intent.known, false);
    assert.equal(view.voters.kind, 'linearizable');
    assert.deepEqual(cluster.calls, []);
  });

  it('asks everything anew to confirm something destructive', async (t) => {
    const { observer, gate, cluster, askedNames, etcd } = aFollower();
    gate.ask();
    const view = await observer.observe(HISTORY, true, t.signal);
    assert.deepEqual(
      view.siblings.map(({ ordinal }) => ordinal),
      [0, 2],
    );
    assert.equal(view.ownName, 'published');
    assert.ok(cluster.calls.includes('readPod demo-0'));
    assert.ok(askedNames.includes(dnsNameOf(NAMES, 1)));
    assert.ok(etcd.calls.some((call) => call.startsWith('contact')));
  });

  it('asks no voters while it does not know whose answers to believe', async (t) => {
    const { observer, gate, etcd } = anObservedAgent(1, 3);
    gate.ask();
    const view = await observer.observe(HISTORY, false, t.signal);
    assert.deepEqual(view.voters, { kind: 'unasked' });
    assert.deepEqual(etcd.calls, []);
  });

  it('believes the cluster its marker names while the record is away', async (t) => {
    const { observer, gate, cluster, etcd } = aFollower();
    cluster.fail('unreachable');
    gate.ask();
    const view = await observer.observe(HISTORY, false, t.signal);
    assert.ok(view.voters.kind === 'linearizable');
    for (const ordinal of [0, 2]) {
      etcd.disguise(ordinal, FOREIGN_CLUSTER);
    }
    assert.equal((await observer.observe(HISTORY, false, t.signal)).voters.kind, 'foreign');
  });

  it('believes its own running etcd where neither record nor marker names a cluster', async (t) => {
    const { observer } = anObservedAgent(1, 3);
    const view = await observer.observe(HISTORY, false, t.signal);
    assert.ok(view.etcd.kind === 'running');
    assert.ok(view.voters.kind === 'linearizable' && view.voters.clusterId === CLUSTER);
  });

  it('says whether its own name leads to it, elsewhere, or nowhere', async (t) => {
    const name = dnsNameOf(NAMES, 1);
    const answers: Readonly<Record<string, readonly string[] | 'unknown'>> = {
      published: ['127.80.0.99', '127.80.0.11'],
      elsewhere: ['127.80.0.99'],
      unpublished: 'unknown',
    };
    for (const [expected, addresses] of Object.entries(answers)) {
      const { observer, gate, cluster } = anObservedAgent(1, 3, {
        resolver: aFakeResolver({ [name]: addresses }),
      });
      cluster.writeRecord(FORMED);
      gate.ask();
      assert.equal((await observer.observe(HISTORY, false, t.signal)).ownName, expected);
    }
  });

  it('looks at listed members beyond the wanted size too', async (t) => {
    const { observer, gate, cluster } = anObservedAgent(1, 4);
    cluster.writeRecord(FORMED);
    cluster.scale(2);
    gate.ask();
    const view = await observer.observe(HISTORY, false, t.signal);
    assert.deepEqual(
      view.siblings.map(({ ordinal }) => ordinal),
      [0, 2, 3],
    );
  });

  it('asks for its own name once it has seen itself under another URL', async (t) => {
    const { observer, etcd, askedNames } = aFollower();
    await etcd.members.updatePeerUrl(etcd.clientUrl(0), memberId(1), 'http://localhost:2380', t.signal);
    assert.equal((await observer.observe(HISTORY, false, t.signal)).ownName, 'unasked');
    assert.equal((await observer.observe(HISTORY, false, t.signal)).ownName, 'published');
    assert.deepEqual(askedNames, [dnsNameOf(NAMES, 1)]);
  });

  it('looks at a member under a strange URL beyond the wanted size, by the name of its Pod', async (t) => {
    const { observer, gate, cluster, etcd } = anObservedAgent(1, 4);
    await etcd.members.updatePeerUrl(etcd.clientUrl(0), memberId(3), 'http://localhost:2380', t.signal);
    cluster.writeRecord(FORMED);
    cluster.scale(2);
    gate.ask();
    const { siblings } = await observer.observe(HISTORY, false, t.signal);
    assert.deepEqual(
      siblings.map(({ ordinal }) => ordinal),
      [0, 2, 3],
    );
  });

  it('knows which cluster its Pod is of, where it was told', async (t) => {
    const told = anObservedAgent(1, 3, { config: { clusterUid: 'uid-9' } });
    assert.equal((await told.observer.observe(HISTORY, false, t.signal)).self.clusterUid, 'uid-9');
    const untold = anObservedAgent(1, 3);
    assert.equal((await untold.observer.observe(HISTORY, false, t.signal)).self.clusterUid, undefined);
  });

  it('asks every voter how full it is only while its own etcd raises the alarm', async (t) => {
    const { observer, etcd } = aFollower(0, 3);
    assert.equal((await observer.observe(HISTORY, false, t.signal)).voterStatuses.size, 0);
    etcd.raise('memberID:160 alarm:NOSPACE ');
    const view = await observer.observe(HISTORY, false, t.signal);
    assert.deepEqual([...view.voterStatuses.keys()], [memberId(0), memberId(1), memberId(2)]);
  });
});
