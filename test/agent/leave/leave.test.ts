import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { createAgentMetrics } from '../../../src/agent/agent-metrics.ts';
import { type LeaveDeps, leave } from '../../../src/agent/leave/leave.ts';
import { createAddressBook } from '../../../src/agent/look/address-book.ts';
import { LocalEtcdProbe } from '../../../src/agent/look/local-etcd-probe.ts';
import { createMembershipCalls } from '../../../src/agent/membership-calls.ts';
import type { ClusterApi } from '../../../src/kube/cluster-api.ts';
import { clientUrlOf, hostOf, peerUrlOf } from '../../../src/model/naming.ts';
import { aManualClock } from '../../support/a-clock.ts';
import { aSelf, memberId, NAMES } from '../../support/a-member-view.ts';
import { captureLog } from '../../support/captured-log.ts';
import { aFakeClusterApi } from '../../support/fake-cluster-api.ts';
import { aFakeEtcd } from '../../support/fake-etcd.ts';
import { aFakeGate } from '../../support/fake-gate.ts';
import { aFakeResolver } from '../../support/fake-resolver.ts';

/** Ten looks are half of it: more than what is waited for here takes to come about. */
const GRACE_MS = 20_000;
/** What each look costs on the test's clock, so that no bound takes real time to be reached. */
const LOOK_MS = 1_000;

/** Ordinal 2 of three voters led by ordinal 0, while the cluster is scaled to 2 and its Pod is deleted. */
function aLeaver(t: TestContext, graceMs = GRACE_MS, fields: { readonly isVolumeFull?: boolean } = {}) {
  const noted: string[] = [];
  const clock = aManualClock();
  const cluster = aFakeClusterApi();
  cluster.scale(2);
  cluster.putPod('demo-2', 'pod-2', '127.80.0.12');
  cluster.deletePod('pod-2');
  const etcd = aFakeEtcd(3, {
    clientUrl: (ordinal) => clientUrlOf(NAMES, ordinal),
    peerUrl: (ordinal) => peerUrlOf(NAMES, ordinal),
  });
  const log = captureLog();
  const resolver = aFakeResolver(
    Object.fromEntries([0, 1, 2, 3].map((ordinal) => [hostOf(NAMES, ordinal), [`127.80.0.1${ordinal}`]])),
  );
  const api: ClusterApi = {
    ...cluster.api,
    readWantedSet: (signal) => {
      clock.advance(LOOK_MS);
      return cluster.api.readWantedSet(signal);
    },
  };
  const deps: LeaveDeps = {
    self: aSelf({ ordinal: 2, podUid: 'pod-2' }),
    names: NAMES,
    ordinal: 2,
    clock,
    logger: log.logger,
    api,
    members: etcd.members,
    maintenance: etcd.maintenance,
    peers: etcd.peers,
    addresses: createAddressBook(resolver, { host: '', address: '' }, t.signal),
    membershipCalls: createMembershipCalls(log.logger, createAgentMetrics(), clock),
    etcd: new LocalEtcdProbe({
      gate: aFakeGate(),
      maintenance: etcd.maintenance,
      boot: { read: async () => ({ kind: 'silent' }) },
      clock,
      clientUrl: etcd.clientUrl(2),
      takenPort: async () => undefined,
    }),
    graceMs,
    noteRemoved: async (memberId) => {
      if (fields.isVolumeFull === true) {
        throw new Error('ENOSPC');
      }
      noted.push(memberId);
    },
  };
  const changes = (): readonly string[] => etcd.calls.filter((call) => /^(remove|move-leader) /.test(call));
  return { deps, etcd, cluster, log, clock, changes, noted, go: (signal = t.signal) => leave(deps, signal) };
}

describe('the preStop hook', () => {
  it('removes its member when the cluster was scaled below it, and says so once', async (t) => {
    const { go, changes, log } = aLeaver(t);
    const verdict = await go();
    assert.deepEqual([verdict.kind, verdict.reason], ['leave', 'ScaledAway']);
    assert.deepEqual(changes(), ['remove a2']);
    assert.deepEqual(
      log.lines.map((line) => line['verdict'] ?? line['membershipCall']),
      ['leave', 'MemberRemove'],
    );
  });

  it('hands leadership over first when it leads', async (t) => {
    const { go, changes, etcd } = aLeaver(t);
    etcd.lead(2);
    assert.equal((await go()).kind, 'leave');
    assert.deepEqual(changes(), ['move-leader a0', 'remove a2']);
  });

  it('only hands over when its Pod is restarted, and stays a member', async (t) => {
    const { go, changes, etcd, cluster } = aLeaver(t);
    cluster.scale(3);
    etcd.lead(2);
    const verdict = await go();
    assert.deepEqual([verdict.kind, verdict.reason], ['stay', 'StillWanted']);
    assert.deepEqual(changes(), ['move-leader a0']);
  });

  it('lists again after a removal that was not answered, and finds that it is gone', async (t) => {
    const { go, changes, etcd } = aLeaver(t);
    etcd.loseNext('ack');
    const verdict = await go();
    assert.deepEqual([verdict.kind, verdict.reason], ['already-gone', 'AlreadyGone']);
    assert.deepEqual(changes(), ['remove a2'], 'it is not repeated blindly');
  });

  it('notes on the volume that its member was removed, once that is confirmed', async (t) => {
    const answered = aLeaver(t);
    assert.equal((await answered.go()).kind, 'leave');
    assert.deepEqual(answered.noted, [memberId(2)]);
    const seen = aLeaver(t);
    seen.etcd.loseNext('ack');
    assert.equal((await seen.go()).kind, 'already-gone');
    assert.deepEqual(seen.noted, [memberId(2)]);
  });

  it('notes nothing of a member that stays, nor of a removal that may not have come about', async (t) => {
    const staying = aLeaver(t);
    staying.cluster.scale(3);
    await staying.go();
    assert.deepEqual(staying.noted, []);
    const hibernating = aLeaver(t);
    hibernating.cluster.scale(0);
    assert.deepEqual((await hibernating.go()).reason, 'Hibernation');
    assert.deepEqual(hibernating.noted, []);
    const dropped = aLeaver(t, 4 * LOOK_MS);
    dropped.etcd.loseNext('change', 'change', 'change', 'change', 'change');
    assert.equal((await dropped.go()).kind, 'stay');
    assert.deepEqual(dropped.noted, []);
  });

  it('has left though that could not be noted, and says so', async (t) => {
    const { go, log } = aLeaver(t, GRACE_MS, { isVolumeFull: true });
    assert.equal((await go()).kind, 'leave');
    assert.equal(log.lines.at(-1)?.['msg'], 'the removal could not be noted: ENOSPC');
  });

  it('removes again what was dropped, after it saw that it is still listed', async (t) => {
    const { go, changes, etcd } = aLeaver(t);
    etcd.loseNext('change');
    assert.equal((await go()).kind, 'leave');
    assert.deepEqual(changes(), ['remove a2', 'remove a2']);
    const between = etcd.calls.slice(
      etcd.calls.indexOf('remove a2') + 1,
      etcd.calls.lastIndexOf('remove a2'),
    );
    assert.ok(between.some((call) => call.startsWith('list ')));
  });

  it('looks again, and does not insist, when handing over fails', async (t) => {
    const { go, changes, etcd } = aLeaver(t);
    etcd.lead(2);
    etcd.loseNext('change', 'change');
    assert.equal((await go()).kind, 'leave');
    assert.deepEqual(changes(), ['move-leader a0', 'move-leader a0', 'move-leader a0', 'remove a2']);
  });

  it('waits a while for an API that is away, and stays', async (t) => {
    const { go, changes, cluster } = aLeaver(t);
    cluster.fail('unreachable');
    const verdict = await go();
    assert.deepEqual([verdict.kind, verdict.reason], ['stay', 'IntentUnknown']);
    assert.deepEqual(changes(), []);
  });

  it('does not take the wanted size alone for known, when its own Pod is not', async (t) => {
    const { deps, changes } = aLeaver(t);
    const api: ClusterApi = {
      ...deps.api,
      readPod: async () => ({ known: false, why: 'the API server answered 500' }),
    };
    const verdict = await leave({ ...deps, api }, t.signal);
    assert.deepEqual([verdict.kind, verdict.reason], ['stay', 'IntentUnknown']);
    assert.deepEqual(changes(), []);
  });

  it('stays when the removal would cost quorum, though others would let it', async (t) => {
    const { go, changes, etcd, log } = aLeaver(t);
    etcd.kill(1);
    const verdict = await go();
    assert.deepEqual([verdict.kind, verdict.reason], ['stay', 'DeadlineReached']);
    assert.deepEqual(
      log.lines.map((line) => `${line['verdict']} ${line['reason']}`),
      ['look-again QuorumAtRisk', 'stay DeadlineReached'],
    );
    assert.deepEqual(changes(), []);
  });

  it('is over at half the grace period, whatever it waits for', async (t) => {
    const { go, changes, etcd } = aLeaver(t, 8 * LOOK_MS);
    etcd.loseNext('change', 'change', 'change', 'change', 'change', 'change', 'change', 'change', 'change');
    const verdict = await go();
    assert.deepEqual([verdict.kind, verdict.reason], ['stay', 'DeadlineReached']);
    assert.deepEqual(changes(), ['remove a2', 'remove a2', 'remove a2']);
  });

  it('has nothing to leave with when etcd does not run', async (t) => {
    const { go, etcd } = aLeaver(t);
    etcd.kill(2);
    assert.deepEqual((await go()).reason, 'EtcdNotRunning');
  });

  it('ends with its agent', async (t) => {
    const { go, changes } = aLeaver(t);
    assert.equal((await go(AbortSignal.abort())).kind, 'stay');
    assert.deepEqual(changes(), []);
  });

  it('gives leadership to the voter that is farthest, as far as each answers', async (t) => {
    const { deps, changes, etcd } = aLeaver(t);
    etcd.lead(2);
    const maintenance: LeaveDeps['maintenance'] = {
      ...etcd.maintenance,
      status: async (url, signal) => {
        const answer = await etcd.maintenance.status(url, signal);
        const isFirst = answer.kind === 'answered' && answer.value.memberId === memberId(0);
        return isFirst ? { kind: 'unknown', why: 'slow' } : answer;
      },
    };
    await leave({ ...deps, maintenance }, t.signal);
    assert.equal(changes()[0], 'move-leader a1');
  });
});
