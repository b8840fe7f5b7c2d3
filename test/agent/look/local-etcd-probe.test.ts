import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { LocalEtcdProbe } from '../../../src/agent/look/local-etcd-probe.ts';
import type { BootStatus } from '../../../src/etcd/boot-status.ts';
import type { MaintenanceApi } from '../../../src/etcd/member-api.ts';
import { aManualClock } from '../../support/a-clock.ts';
import { memberId, running } from '../../support/a-member-view.ts';
import { aFakeEtcd } from '../../support/fake-etcd.ts';
import { aFakeGate } from '../../support/fake-gate.ts';

const MINUTE_MS = 60_000;

function aProbe() {
  const clock = aManualClock();
  const gate = aFakeGate();
  const etcd = aFakeEtcd();
  etcd.kill(0);
  let boot: BootStatus = { kind: 'silent' };
  let bootReads = 0;
  const probeDeps = {
    gate,
    clock,
    maintenance: etcd.maintenance,
    boot: {
      read: async () => {
        bootReads += 1;
        return boot;
      },
    },
    clientUrl: etcd.clientUrl(0),
    takenPort: async () => '127.80.0.10:2380',
  };
  return {
    clock,
    gate,
    etcd,
    probe: new LocalEtcdProbe(probeDeps),
    probeDeps,
    setBoot: (status: BootStatus) => {
      boot = status;
    },
    bootReads: () => bootReads,
  };
}

describe('what the etcd beside the agent does', () => {
  it('is nothing while nobody asks and nobody answers', async (t) => {
    const { probe } = aProbe();
    assert.deepEqual(await probe.look(t.signal), { kind: 'absent' });
  });

  it('is to wait at the gate, since when it asked, and nobody is dialled for that', async (t) => {
    const { probe, gate, etcd } = aProbe();
    gate.ask(17);
    assert.deepEqual(await probe.look(t.signal), { kind: 'at-gate', sinceMs: 17, failedStarts: 0 });
    assert.deepEqual(etcd.calls, []);
  });

  it('is to start once it was answered', async (t) => {
    const { probe, clock } = aProbe();
    probe.noteAnswered();
    clock.advance(100);
    assert.deepEqual(await probe.look(t.signal), {
      kind: 'starting',
      sinceMs: 1_000_000,
      alive: false,
      hasLeader: false,
    });
  });

  it('is to run once it answers, since when it first did', async (t) => {
    const { probe, etcd, clock } = aProbe();
    probe.noteAnswered();
    etcd.thaw(0);
    const first = await probe.look(t.signal);
    clock.advance(100);
    const second = await probe.look(t.signal);
    assert.ok(first.kind === 'running' && second.kind === 'running');
    assert.deepEqual([first.sinceMs, second.sinceMs], [1_000_000, 1_000_000]);
    assert.equal(second.status.memberId, memberId(0));
  });

  it('is absent again when a start shows no life for a minute', async (t) => {
    const { probe, clock } = aProbe();
    probe.noteAnswered();
    clock.advance(MINUTE_MS - 1);
    assert.equal((await probe.look(t.signal)).kind, 'starting');
    clock.advance(1);
    assert.deepEqual(await probe.look(t.signal), { kind: 'absent' });
  });

  it('is to start for as long as its metrics show life, as without a quorum', async (t) => {
    const { probe, clock, setBoot } = aProbe();
    probe.noteAnswered();
    setBoot({ kind: 'alive', hasLeader: false });
    clock.advance(10 * MINUTE_MS);
    assert.deepEqual(await probe.look(t.signal), {
      kind: 'starting',
      sinceMs: 1_000_000,
      alive: true,
      hasLeader: false,
    });
  });

  it('is to start, too, when a new agent finds it alive and not serving', async (t) => {
    const { probe, setBoot } = aProbe();
    setBoot({ kind: 'alive', hasLeader: false });
    assert.deepEqual(await probe.look(t.signal), {
      kind: 'starting',
      sinceMs: 1_000_000,
      alive: true,
      hasLeader: false,
    });
  });

  it('is to run as a learner before its client port is open', async (t) => {
    const { probe, clock, setBoot } = aProbe();
    const etcd = running({ isLearner: true });
    assert.ok(etcd.kind === 'running');
    probe.noteAnswered();
    clock.advance(500);
    setBoot({ kind: 'learner', status: etcd.status });
    const seen = await probe.look(t.signal);
    assert.ok(seen.kind === 'running');
    assert.equal(seen.status, etcd.status);
  });

  it('is to start without delay once a learner is promoted whose client port is still shut', async (t) => {
    const { gate, clock, etcd, probeDeps, setBoot } = aProbe();
    const neverAnswers = { ...etcd.maintenance, status: () => new Promise<never>(() => undefined) };
    const probe = new LocalEtcdProbe({ ...probeDeps, gate, maintenance: neverAnswers });
    const learner = running({ isLearner: true });
    assert.ok(learner.kind === 'running');
    probe.noteAnswered();
    setBoot({ kind: 'learner', status: learner.status });
    assert.equal((await probe.look(t.signal)).kind, 'running');
    clock.advance(100);
    setBoot({ kind: 'alive', hasLeader: true });
    const seen = await probe.look(t.signal);
    assert.deepEqual([seen.kind, seen.kind === 'starting' && seen.hasLeader], ['starting', true]);
  });

  it('is unresponsive when it served, its process lives, and it answers no more', async (t) => {
    const { probe, etcd, setBoot, gate } = aProbe();
    etcd.thaw(0);
    assert.equal((await probe.look(t.signal)).kind, 'running');
    etcd.freeze(0);
    setBoot({ kind: 'alive', hasLeader: false });
    assert.deepEqual(await probe.look(t.signal), { kind: 'unresponsive' });
    gate.ask();
    assert.equal((await probe.look(t.signal)).kind, 'at-gate');
  });

  it('does not ask the large metrics page of an etcd that serves, nor of a silent one at every look', async (t) => {
    const { probe, clock, etcd, bootReads } = aProbe();
    probe.noteAnswered();
    await probe.look(t.signal);
    assert.equal(bootReads(), 1);
    clock.advance(49);
    await probe.look(t.signal);
    assert.equal(bootReads(), 1);
    clock.advance(1);
    await probe.look(t.signal);
    assert.equal(bootReads(), 2);
    etcd.thaw(0);
    clock.advance(1_000);
    assert.equal((await probe.look(t.signal)).kind, 'running');
    assert.equal(bootReads(), 2);
  });

  it('counts the starts in a row that asked again without ever having served', async (t) => {
    const { probe, gate, etcd } = aProbe();
    const failedStarts = async (): Promise<number | undefined> => {
      gate.ask();
      const seen = await probe.look(t.signal);
      gate.giveUp();
      return seen.kind === 'at-gate' ? seen.failedStarts : undefined;
    };
    assert.equal(await failedStarts(), 0);
    probe.noteAnswered();
    assert.equal(await failedStarts(), 1);
    assert.equal(await failedStarts(), 1, 'one start is counted once');
    probe.noteAnswered();
    assert.equal(await failedStarts(), 2);
    probe.noteAnswered();
    etcd.thaw(0);
    assert.equal((await probe.look(t.signal)).kind, 'running');
    etcd.kill(0);
    assert.equal(await failedStarts(), 0, 'a start that served ends the row');
  });

  it('is at the gate without a port of its own, which is looked for only once a start has failed', async (t) => {
    const { probe, gate } = aProbe();
    gate.ask(17);
    assert.deepEqual(await probe.look(t.signal), { kind: 'at-gate', sinceMs: 17, failedStarts: 0 });
    probe.noteAnswered();
    gate.ask(29);
    const takenPort = '127.80.0.10:2380';
    assert.deepEqual(await probe.look(t.signal), {
      kind: 'at-gate',
      sinceMs: 29,
      failedStarts: 1,
      takenPort,
    });
  });

  it('is at the gate when it died and asked anew while it was being asked', async (t) => {
    const { probeDeps, gate, etcd } = aProbe();
    etcd.thaw(0);
    const maintenance: MaintenanceApi = {
      ...etcd.maintenance,
      status: async (url, signal) => {
        const answer = await etcd.maintenance.status(url, signal);
        gate.ask(23);
        return answer;
      },
    };
    const probe = new LocalEtcdProbe({ ...probeDeps, maintenance });
    assert.deepEqual(await probe.look(t.signal), { kind: 'at-gate', sinceMs: 23, failedStarts: 0 });
  });
});
