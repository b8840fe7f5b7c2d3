import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import type { ClusterEvent } from '../../src/local/cluster-event.ts';
import { identityOf } from '../../src/local/process-identity.ts';
import { aLocalCluster, hasSaid, type Journal, script } from '../support/local-cluster-kit.ts';

type Started = Extract<ClusterEvent, { kind: 'container-started' }>;

function starts(journal: Journal, container: string, ordinal = 0): readonly Started[] {
  return journal.events.filter(
    (event): event is Started =>
      event.kind === 'container-started' && event.container === container && event.ordinal === ordinal,
  );
}

/** The events of one ordinal as words, such as `etcd exited SIGTERM`. */
function story(journal: Journal, ordinal = 0): readonly string[] {
  return journal.events.flatMap((event) => {
    if (!('ordinal' in event) || event.ordinal !== ordinal) {
      return [];
    }
    switch (event.kind) {
      case 'container-started':
        return [`${event.container} started`];
      case 'container-exited':
        return [`${event.container} exited ${event.exit.signal ?? event.exit.code}`];
      case 'pre-stop-returned':
        return [`pre-stop ${event.answer.kind}`];
      default:
        return [event.kind];
    }
  });
}

const isUp = (journal: Journal, times = 1): boolean => hasSaid(journal, 0, 'gate answered', times);

describe('starting a Pod', () => {
  it('starts the agent, then etcd at the gate the agent answers', async (t) => {
    const { cluster, journal } = await aLocalCluster(t);
    await journal.until(() => isUp(journal));
    assert.deepEqual(story(journal), ['pod-created', 'agent started', 'etcd started']);
    const [member] = (await cluster.snapshot()).members;
    assert.equal(member?.name, 'demo-0');
    assert.equal(member?.agent.pid, starts(journal, 'agent')[0]?.pid);
    assert.equal(member?.etcd.pid, starts(journal, 'etcd')[0]?.pid);
    assert.ok(statSync(cluster.template.paths.gateOf(0)).isFIFO());
  });

  it('runs both in sessions of their own, so that Ctrl-C reaches only the supervisor', async (t) => {
    const { journal } = await aLocalCluster(t);
    await journal.until(() => isUp(journal));
    for (const container of ['agent', 'etcd']) {
      const pid = starts(journal, container)[0]?.pid;
      const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ');
      assert.equal(fields?.[3], String(pid));
    }
  });

  it('hands the agent the UID of its Pod and its address', async (t) => {
    const { cluster, journal } = await aLocalCluster(t);
    await journal.until(() => hasSaid(journal, 0, 'agent started'));
    const [member] = (await cluster.snapshot()).members;
    const word = member?.word;
    assert.equal(word?.kind === 'answers' ? word.status.podUid : word?.why, member?.podUid);
    assert.equal(word?.kind === 'answers' ? word.status.peerUrl : '', member?.peerUrl);
  });

  it('keeps what the containers write in bounded files', async (t) => {
    const { cluster, journal } = await aLocalCluster(t);
    await journal.until(() => isUp(journal));
    assert.match(readFileSync(cluster.template.paths.logOf(0, 'agent'), 'utf8'), /agent started/);
  });

  it('backs off an etcd that cannot be started, and keeps the agent', async (t) => {
    const { cluster, journal } = await aLocalCluster(t, { etcdPath: '/nowhere/etcd' });
    await journal.until(() => story(journal).includes('container-waiting'));
    assert.deepEqual(
      story(journal).filter((word) => word.startsWith('etcd')),
      ['etcd exited null', 'etcd exited null'],
    );
    const [member] = (await cluster.snapshot()).members;
    assert.equal(member?.etcd.state, 'waiting');
    assert.equal(member?.agent.state, 'running');
  });
});

describe('restarting containers', () => {
  it('restarts a killed agent and leaves its etcd alone', async (t) => {
    const { cluster, journal } = await aLocalCluster(t);
    await journal.until(() => isUp(journal));
    cluster.killContainer(0, 'agent', 'SIGKILL');
    await journal.until(() => hasSaid(journal, 0, 'agent started', 2));
    assert.equal(starts(journal, 'agent')[1]?.restarts, 1);
    const [member] = (await cluster.snapshot()).members;
    assert.equal(member?.etcd.pid, starts(journal, 'etcd')[0]?.pid);
    assert.equal(member?.etcd.restarts, 0);
  });

  it('restarts an etcd killed from outside, which asks the same agent again', async (t) => {
    const { cluster, journal } = await aLocalCluster(t);
    await journal.until(() => isUp(journal));
    process.kill(starts(journal, 'etcd')[0]?.pid ?? 0, 'SIGKILL');
    await journal.until(() => isUp(journal, 2));
    const [member] = (await cluster.snapshot()).members;
    assert.equal(member?.etcd.restarts, 1);
    assert.deepEqual(member?.etcd.lastExit, { code: null, signal: 'SIGKILL' });
    assert.equal(member?.agent.restarts, 0);
  });

  it('restarts a program that ends with 0 too, at once and then after growing delays', async (t) => {
    const { journal } = await aLocalCluster(t, {
      etcdPath: script(t, '#!/bin/sh\nexit 0\n'),
      backOff: { firstMs: 10, maxMs: 40, forgivenAfterMs: 600_000 },
    });
    const delays = (): readonly number[] =>
      journal.events.flatMap((event) => (event.kind === 'container-waiting' ? [event.delayMs] : []));
    await journal.until(() => delays().length >= 4);
    assert.deepEqual(delays().slice(0, 4), [10, 20, 40, 40]);
    assert.equal(starts(journal, 'etcd')[1]?.restarts, 1);
  });

  it('finds its mount points again after somebody deleted them', async (t) => {
    const { cluster, journal } = await aLocalCluster(t);
    await journal.until(() => isUp(journal));
    rmSync(cluster.template.paths.volumeOf(0), { recursive: true });
    cluster.killContainer(0, 'agent', 'SIGKILL');
    await journal.until(() => starts(journal, 'agent').length === 2);
    assert.deepEqual(readdirSync(cluster.template.paths.volumeOf(0)), []);
  });
});

describe('deleting a Pod', () => {
  it('calls the hook, ends etcd, then the agent, and makes a new Pod with a new UID', async (t) => {
    const { cluster, journal } = await aLocalCluster(t);
    await journal.until(() => isUp(journal));
    await cluster.deletePod(0);
    await journal.until(() => isUp(journal, 2));
    assert.deepEqual(story(journal), [
      'pod-created',
      'agent started',
      'etcd started',
      'pod-deleting',
      'pre-stop-called',
      'pre-stop answered',
      'etcd exited SIGTERM',
      'agent exited 0',
      'pod-gone',
      'pod-created',
      'agent started',
      'etcd started',
    ]);
    const uids = new Set([...starts(journal, 'agent')].map((event) => event.podUid));
    assert.equal(uids.size, 2);
  });

  it('ends the Pod though the agent is not there for the hook, which is not repeated', async (t) => {
    const { cluster, journal } = await aLocalCluster(t, {
      backOff: { firstMs: 60_000, maxMs: 60_000, forgivenAfterMs: 600_000 },
    });
    await journal.until(() => isUp(journal));
    for (const times of [1, 2]) {
      cluster.killContainer(0, 'agent', 'SIGKILL');
      await journal.until(
        () => story(journal).filter((word) => word === 'agent exited SIGKILL').length === times,
      );
      await journal.until(() => times === 2 || hasSaid(journal, 0, 'agent started', 2));
    }
    await cluster.deletePod(0);
    assert.deepEqual(
      story(journal).filter((word) => word.startsWith('pre-stop')),
      ['pre-stop-called', 'pre-stop refused'],
    );
  });

  it('calls no hook when etcd is down, and does not start it again', async (t) => {
    const { cluster, journal } = await aLocalCluster(t, { etcdPath: '/nowhere/etcd' });
    await journal.until(
      () => story(journal).includes('container-waiting') && hasSaid(journal, 0, 'agent started'),
    );
    cluster.scale(0);
    await journal.until(() => story(journal).includes('pod-gone'));
    assert.equal(hasSaid(journal, 0, 'asked'), false);
  });

  it('kills what outlives the grace period: a hook, an etcd, an agent', async (t) => {
    const { cluster, journal } = await aLocalCluster(t, {
      etcdPath: script(
        t,
        '#!/bin/sh\ncat "$(echo "$1" | cut -d= -f2)" >/dev/null\ntrap "" TERM\nsleep 600\n',
      ),
      agentEnv: { FAKE_LEAVE: 'hang', FAKE_LINGER: 'yes' },
      graceSeconds: 0.05,
    });
    await journal.until(() => isUp(journal));
    cluster.scale(0);
    await journal.until(() => story(journal).includes('pod-gone'));
    assert.deepEqual(story(journal).slice(-5), [
      'pre-stop-called',
      'pre-stop unknown',
      'etcd exited SIGKILL',
      'agent exited SIGKILL',
      'pod-gone',
    ]);
  });

  it('kills both at once and without the hook when forced, even in the middle of an ordinary deletion', async (t) => {
    const { cluster, journal } = await aLocalCluster(t, { agentEnv: { FAKE_LEAVE: 'hang' } });
    await journal.until(() => isUp(journal));
    const gone = cluster.deletePod(0);
    await journal.until(() => hasSaid(journal, 0, 'asked'));
    await cluster.deletePod(0, { force: true });
    await gone;
    await journal.until(() => isUp(journal, 2));
    const words = story(journal);
    assert.ok(words.includes('etcd exited SIGKILL') && words.includes('agent exited SIGKILL'));
    assert.ok(words.indexOf('agent exited SIGKILL') < words.lastIndexOf('agent started'));
  });
});

describe('volumes', () => {
  it('outlive their Pods, while the gate is made anew for each', async (t) => {
    const { cluster, journal } = await aLocalCluster(t);
    await journal.until(() => isUp(journal));
    const { paths } = cluster.template;
    writeFileSync(join(paths.volumeOf(0), 'kept'), '');
    writeFileSync(join(paths.runFolderOf(0), 'dropped'), '');
    await cluster.deletePod(0);
    await journal.until(() => isUp(journal, 2));
    assert.ok(existsSync(join(paths.volumeOf(0), 'kept')));
    assert.ok(!existsSync(join(paths.runFolderOf(0), 'dropped')));
  });

  it('are empty when wiped, before the next Pod starts on them', async (t) => {
    const { cluster, journal } = await aLocalCluster(t, { size: 2 });
    await journal.until(() => isUp(journal) && hasSaid(journal, 1, 'gate answered'));
    const volumes = [0, 1].map((ordinal) => cluster.template.paths.volumeOf(ordinal));
    for (const volume of volumes) {
      writeFileSync(join(volume, 'data'), '');
    }
    await cluster.wipeVolume(1);
    assert.deepEqual(
      volumes.map((volume) => readdirSync(volume)),
      [['data'], []],
    );
    await journal.until(() => starts(journal, 'etcd', 1).length === 2);
    const words = story(journal, 1);
    assert.ok(words.indexOf('volume-emptied') < words.lastIndexOf('agent started'));
    assert.equal(starts(journal, 'agent').length, 1);
  });

  it('can be wiped without a Pod', async (t) => {
    const { cluster, journal } = await aLocalCluster(t);
    await journal.until(() => isUp(journal));
    cluster.scale(0);
    await journal.until(() => story(journal).includes('pod-gone'));
    writeFileSync(join(cluster.template.paths.volumeOf(0), 'data'), '');
    await cluster.wipeVolume(0);
    assert.deepEqual(readdirSync(cluster.template.paths.volumeOf(0)), []);
  });
});

describe('what is refused', () => {
  it('names the members there are', async (t) => {
    const { cluster, journal } = await aLocalCluster(t);
    await journal.until(() => isUp(journal));
    assert.throws(() => cluster.killContainer(4, 'etcd', 'SIGKILL'), {
      code: 'ORDINAL_INVALID',
      message: 'there is no member 4; there are 0',
    });
    await assert.rejects(cluster.deletePod(4), { code: 'ORDINAL_INVALID' });
    await assert.rejects(cluster.wipeVolume(9), { code: 'SIZE_INVALID' });
    assert.throws(() => cluster.scale(10), { code: 'SIZE_INVALID' });
    assert.throws(() => cluster.scale(1.5), { code: 'SIZE_INVALID' });
  });

  it('says that a container is down', async (t) => {
    const { cluster, journal } = await aLocalCluster(t, { etcdPath: '/nowhere/etcd' });
    await journal.until(() => story(journal).includes('container-waiting'));
    assert.throws(() => cluster.killContainer(0, 'etcd', 'SIGKILL'), { code: 'CONTAINER_NOT_RUNNING' });
  });
});

describe('a container that ends', () => {
  it('takes along what it had started', async (t) => {
    // The pipe is open once both ends are, and ends when the child does; the second start makes none.
    const etcdPath = script(
      t,
      '#!/bin/sh\ngate=$(echo "$1" | cut -d= -f2)\nif mkfifo "$gate.pipe"; then\nsleep 600 >"$gate.pipe" &\necho "$!" >"$gate.child"\nfi\ncat "$gate"\nwait\n',
    );
    const { cluster, journal } = await aLocalCluster(t, { etcdPath });
    await journal.until(() => isUp(journal));
    const gate = cluster.template.paths.gateOf(0);
    const child = Number(readFileSync(`${gate}.child`, 'utf8'));
    const pipe = await open(`${gate}.pipe`);
    t.after(() => pipe.close());
    cluster.killContainer(0, 'etcd', 'SIGKILL');
    await pipe.readFile();
    await journal.until(() => starts(journal, 'etcd').length === 2);
    assert.equal(identityOf(child), undefined);
  });
});
