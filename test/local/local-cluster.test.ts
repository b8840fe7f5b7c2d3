import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { Resolver } from 'node:dns/promises';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { describe, it, type TestContext } from 'node:test';
import {
  blockToTry,
  PORTS,
  pathsOf,
  podAddressOf,
  serviceAddressOf,
} from '../../src/local/cluster-layout.ts';
import { listenOn } from '../../src/local/listen-on.ts';
import { type LocalCluster, startLocalCluster } from '../../src/local/local-cluster.ts';
import { endOrphans, findOrphans } from '../../src/local/orphans.ts';
import { identityOf, isAlive } from '../../src/local/process-identity.ts';
import { dnsNameOf } from '../../src/model/naming.ts';
import {
  aLocalCluster,
  FAKE_AGENT,
  FAKE_ETCD,
  hasSaid,
  script,
  temporaryFolder,
} from '../support/local-cluster-kit.ts';

async function pidsOf(cluster: LocalCluster): Promise<readonly number[]> {
  const { members } = await cluster.snapshot();
  return members.flatMap(({ agent, etcd }) => [agent.pid, etcd.pid]).filter((pid) => pid !== null);
}

async function uidsOf(cluster: LocalCluster): Promise<readonly string[]> {
  return (await cluster.snapshot()).members.map((member) => member.podUid);
}

describe('starting and stopping', () => {
  it('leaves no process, no socket and no address behind', async (t) => {
    const { cluster, journal } = await aLocalCluster(t, { size: 3 });
    await journal.until(() => [0, 1, 2].every((ordinal) => hasSaid(journal, ordinal, 'gate answered')));
    const pids = await pidsOf(cluster);
    assert.equal(pids.length, 6);
    await cluster.stop();
    assert.deepEqual(
      pids.filter((pid) => identityOf(pid) !== undefined),
      [],
    );
    const { paths, block } = cluster.template;
    assert.deepEqual(readdirSync(paths.folder).sort(), ['api.json', 'cluster.json', 'log', 'run', 'volumes']);
    const server = createServer();
    await listenOn(server, { host: podAddressOf(block, 0), port: 2379 });
    server.close();
    await cluster.stopped;
  });

  it('removes the state folder unless it is to be kept', async (t) => {
    const { cluster, journal } = await aLocalCluster(t, { keep: false });
    await journal.until(() => hasSaid(journal, 0, 'gate answered'));
    await cluster.stop();
    assert.ok(!existsSync(cluster.template.paths.folder));
  });

  it('removes neither what others put there nor a cluster that was there before', async (t) => {
    const folder = temporaryFolder(t);
    writeFileSync(join(folder, 'letter.txt'), '');
    const first = await aLocalCluster(t, { folder, size: 0, keep: false });
    await first.cluster.stop();
    assert.deepEqual(readdirSync(folder), ['letter.txt']);
    for (const keep of [true, false]) {
      const { cluster } = await aLocalCluster(t, { folder, size: 0, keep });
      await cluster.stop();
      assert.ok(existsSync(pathsOf(folder).clusterFile));
    }
  });

  it('leaves nothing running, and a kept cluster untouched, when it fails to start', async (t) => {
    const folder = temporaryFolder(t);
    const { cluster } = await aLocalCluster(t, { folder, size: 0 });
    await cluster.stop();
    const failing = startLocalCluster(
      { folder, keep: false, agentEntry: [FAKE_AGENT] },
      { findEtcd: () => Promise.reject(new Error('no etcd')), environment: {} },
      t.signal,
    );
    await assert.rejects(failing, { message: 'no etcd' });
    assert.deepEqual(readdirSync(folder).sort(), ['api.json', 'cluster.json']);
  });

  it('ends a Pod in the middle of a long hook as well', async (t) => {
    const { cluster, journal } = await aLocalCluster(t, { agentEnv: { FAKE_LEAVE: 'hang' } });
    await journal.until(() => hasSaid(journal, 0, 'gate answered'));
    const [pid] = await pidsOf(cluster);
    const gone = assert.rejects(cluster.deletePod(0), { code: 'CLUSTER_NOT_RUNNING' });
    await journal.until(() => hasSaid(journal, 0, 'asked'));
    t.mock.timers.enable({ apis: ['setTimeout'] });
    const stopped = cluster.stop();
    await gone;
    // Disposal reaches the kubelet some microtasks later.
    while (identityOf(pid ?? 0) !== undefined) {
      t.mock.timers.tick(10_000);
      await new Promise(setImmediate);
    }
    await stopped;
  });
});

describe('a state folder', () => {
  it('continues where it was left: size, Pods, addresses, volumes', async (t) => {
    const folder = temporaryFolder(t);
    const first = await aLocalCluster(t, { folder, size: 2, name: 'shop' });
    await first.journal.until(() => hasSaid(first.journal, 1, 'gate answered'));
    first.cluster.scale(3);
    await first.journal.until(() => hasSaid(first.journal, 2, 'gate answered'));
    const uids = await uidsOf(first.cluster);
    await first.cluster.stop();
    const second = await aLocalCluster(t, { folder });
    await second.journal.until(() => hasSaid(second.journal, 2, 'gate answered'));
    assert.deepEqual(await uidsOf(second.cluster), uids);
    assert.equal(second.cluster.template.block, first.cluster.template.block);
    assert.equal((await second.cluster.snapshot()).name, 'shop');
  });

  it('takes one supervisor at a time', async (t) => {
    const { cluster } = await aLocalCluster(t);
    const { folder } = cluster.template.paths;
    await assert.rejects(aLocalCluster(t, { folder }), {
      code: 'CLUSTER_RUNNING',
      message: `a cluster is already running in ${folder} (process ${process.pid}); use \`quorate down\` first, or another state folder`,
    });
  });

  it('takes over a lock whose process is gone, and one that is garbage', async (t) => {
    const folder = temporaryFolder(t);
    for (const lock of ['{"pid":1,"startTicks":123456789012}', 'x']) {
      writeFileSync(pathsOf(folder).lockFile, lock);
      const { cluster } = await aLocalCluster(t, { folder, size: 0 });
      await cluster.stop();
    }
  });

  it('gives new Pods another etcd, leaves those that are there, and remembers it', async (t) => {
    const folder = temporaryFolder(t);
    const { cluster, journal } = await aLocalCluster(t, { folder, size: 2, etcdVersion: '3.5.35' });
    await journal.until(() => [0, 1].every((ordinal) => hasSaid(journal, ordinal, 'gate answered')));
    const runs = async (each: LocalCluster): Promise<readonly unknown[]> =>
      (await each.statuses(t.signal)).map(({ word }) =>
        word.kind === 'answers' ? word.status.etcd.version : word.kind,
      );
    await cluster.setEtcdVersion('3.6.16', t.signal);
    assert.deepEqual(await runs(cluster), ['3.5.35', '3.5.35']);
    await cluster.deletePod(0);
    await journal.until(() => hasSaid(journal, 0, 'gate answered', 2));
    assert.deepEqual(await runs(cluster), ['3.6.16', '3.5.35']);
    assert.equal(cluster.template.etcdVersion, '3.6.16');
    await assert.rejects(cluster.setEtcdVersion('3.4.1', t.signal), { code: 'ETCD_UNSUPPORTED' });
    await cluster.stop();
    const { cluster: later } = await aLocalCluster(t, { folder, size: 0 });
    assert.equal(later.template.etcdVersion, '3.6.16');
  });

  it('refuses to become another cluster', async (t) => {
    const folder = temporaryFolder(t);
    const { cluster } = await aLocalCluster(t, { folder, size: 0 });
    await cluster.stop();
    await assert.rejects(aLocalCluster(t, { folder, name: 'other' }), {
      code: 'STATE_MISMATCH',
      message: `the cluster in ${folder} has the name demo, not other; leave that option out, or use another state folder`,
    });
    await assert.rejects(aLocalCluster(t, { folder, etcdVersion: '3.7.3' }), { code: 'STATE_MISMATCH' });
  });

  for (const file of ['cluster.json', 'api.json']) {
    for (const [what, damage] of [
      ['cut off', (path: string) => writeFileSync(path, readFileSync(path, 'utf8').slice(0, 40))],
      ['empty', (path: string) => writeFileSync(path, '')],
      ['a list', (path: string) => writeFileSync(path, '[]')],
    ] as const) {
      it(`is not touched when its ${file} is ${what}`, async (t) => {
        const folder = temporaryFolder(t);
        const { cluster } = await aLocalCluster(t, { folder, size: 0 });
        await cluster.stop();
        const path = join(folder, file);
        damage(path);
        const before = readFileSync(path, 'utf8');
        await assert.rejects(aLocalCluster(t, { folder }), (error: Error & { code?: string }) => {
          assert.equal(error.code, 'STATE_UNREADABLE');
          assert.match(
            error.message,
            /^[^\n]+ cannot be read \([^\n]+\); repair it, or begin anew in another state folder$/,
          );
          return true;
        });
        assert.equal(readFileSync(path, 'utf8'), before);
      });
    }
  }

  it('does not begin anew when only the API state is missing', async (t) => {
    const folder = temporaryFolder(t);
    const { cluster } = await aLocalCluster(t, { folder, size: 0 });
    await cluster.stop();
    rmSync(pathsOf(folder).apiFile);
    await assert.rejects(aLocalCluster(t, { folder }), { code: 'STATE_UNREADABLE' });
  });

  it('must be writable, and short enough for a socket', async (t) => {
    const file = script(t, '');
    await assert.rejects(aLocalCluster(t, { folder: join(file, 'state') }), { code: 'STATE_UNWRITABLE' });
    const long = join(temporaryFolder(t), 'x'.repeat(100));
    await assert.rejects(aLocalCluster(t, { folder: long }), { code: 'STATE_PATH_TOO_LONG' });
  });

  it('holds a formation record that says Unformed, with the learners its etcd allows', async (t) => {
    for (const [etcdVersion, maxLearners] of [
      ['3.5.35', 1],
      ['3.6.16', 8],
    ] as const) {
      const { cluster } = await aLocalCluster(t, { etcdVersion, size: 0 });
      const response = await fetch(
        `${cluster.template.apiUrl}/api/v1/namespaces/default/configmaps/demo-formation`,
      );
      const { data } = JSON.parse(await response.text());
      const { clusterUid, ...record } = JSON.parse(data.record);
      assert.deepEqual(record, { phase: 'Unformed', generation: 1, maxLearners });
      assert.match(clusterUid, /^[0-9a-f-]{36}$/);
    }
  });

  it('is refused for an etcd nobody knows', async (t) => {
    await assert.rejects(aLocalCluster(t, { etcdVersion: '2.3.8' }), { code: 'ETCD_UNSUPPORTED' });
    await assert.rejects(aLocalCluster(t, { size: 12 }), { code: 'SIZE_INVALID' });
  });
});

describe('what the agents see of Kubernetes', () => {
  it('is a name in DNS for each Pod, for as long as there is one', async (t) => {
    const { cluster, journal } = await aLocalCluster(t);
    await journal.until(() => hasSaid(journal, 0, 'gate answered'));
    const resolver = new Resolver({ tries: 1 });
    resolver.setServers([`${serviceAddressOf(cluster.template.block)}:${PORTS.dns}`]);
    const name = dnsNameOf(cluster.template.names, 0);
    assert.deepEqual(await resolver.resolve4(name), [podAddressOf(cluster.template.block, 0)]);
    cluster.setDnsFault({ kind: 'servfail' });
    await assert.rejects(resolver.resolve4(name), { code: 'ESERVFAIL' });
    cluster.setDnsFault({ kind: 'none' });
    cluster.deleteStatefulSet();
    await journal.until(() => journal.events.some((event) => event.kind === 'pod-gone'));
    await assert.rejects(resolver.resolve4(name), { code: 'ENOTFOUND' });
  });

  it('is an API and a DNS with the faults asked for, from the start', async (t) => {
    const { cluster } = await aLocalCluster(t, {
      size: 0,
      apiFault: { kind: 'status', code: 503 },
      dnsFault: { kind: 'servfail' },
    });
    const set = `${cluster.template.apiUrl}/apis/apps/v1/namespaces/default/statefulsets/demo`;
    assert.equal((await fetch(set)).status, 503);
    cluster.setApiFault({ kind: 'none' });
    assert.equal((await fetch(set)).status, 200);
  });
});

describe('watching a cluster', () => {
  it('asks all agents at once, or one until it says something new', async (t) => {
    const { cluster, journal } = await aLocalCluster(t, { size: 2 });
    await journal.until(() => [0, 1].every((ordinal) => hasSaid(journal, ordinal, 'gate answered')));
    const statuses = await cluster.statuses(t.signal);
    assert.deepEqual(
      statuses.map(({ ordinal, word }) => [ordinal, word.kind]),
      [
        [0, 'answers'],
        [1, 'answers'],
      ],
    );
    const word = await cluster.agentStatus(0, t.signal, { since: '0', waitSeconds: 1 });
    assert.equal(word.kind, 'answers');
    // The agent answers before its line has come through the pipe.
    await journal.until(() => journal.lines.some(({ line }) => line['search'] === '?since=0&wait=1s'));
    assert.deepEqual(await cluster.agentStatus(5, t.signal), {
      kind: 'silent',
      why: 'nobody listens on its port',
    });
  });

  it('is told of events until it has heard enough', async (t) => {
    const { cluster, journal } = await aLocalCluster(t, { size: 0 });
    const heard: string[] = [];
    const stop = cluster.onEvent((event) => heard.push(event.kind));
    cluster.scale(1);
    await journal.until(() => hasSaid(journal, 0, 'gate answered'));
    stop();
    await cluster.deletePod(0);
    assert.deepEqual(heard, ['scaled', 'pod-created', 'container-started', 'container-started']);
  });
});

describe('addresses', () => {
  it('are chosen by the seed, and are other ones while those are taken', async (t) => {
    const seed = 4_242;
    const first = await aLocalCluster(t, { seed, size: 0 });
    const second = await aLocalCluster(t, { seed, size: 0 });
    const blocks = [first, second].map(({ cluster }) => cluster.template.block);
    assert.deepEqual(blocks, [blockToTry(seed, 0), blockToTry(seed, 1)]);
  });

  it('pass over a block in which any port of any member is taken', async (t) => {
    const seed = 77;
    const server = createServer();
    await listenOn(server, { host: podAddressOf(blockToTry(seed, 0), 8), port: 2381 });
    t.after(() => server.close());
    const { cluster } = await aLocalCluster(t, { seed, size: 0 });
    assert.equal(cluster.template.block, blockToTry(seed, 1));
  });

  it('are kept for life, so one that is taken later is named', async (t) => {
    const folder = temporaryFolder(t);
    const { cluster } = await aLocalCluster(t, { folder, size: 0 });
    await cluster.stop();
    const address = podAddressOf(cluster.template.block, 1);
    const server = createServer();
    await listenOn(server, { host: address, port: 2380 });
    t.after(() => server.close());
    await assert.rejects(aLocalCluster(t, { folder }), {
      code: 'ADDRESS_IN_USE',
      message: `${address}:2380 is in use by another program; end it (\`ss -lntup\` names it) or use another state folder`,
    });
  });
});

type Supervisor = {
  readonly child: ReturnType<typeof spawn>;
  readonly folder: string;
  readonly pids: readonly number[];
};

/** A supervisor in a process of its own, with two members up. */
async function aSupervisor(t: TestContext): Promise<Supervisor> {
  const folder = temporaryFolder(t);
  const source = join(import.meta.dirname, '..', 'support', 'supervisor-process.ts');
  const child = spawn(process.execPath, [source, folder, FAKE_AGENT, script(t, FAKE_ETCD)], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  t.after(async () => {
    child.kill('SIGKILL');
    await endOrphans(folder, new AbortController().signal);
    rmSync(folder, { recursive: true, force: true });
  });
  const pids: number[] = [];
  for await (const line of createInterface({ input: child.stdout })) {
    pids.push(Number(line.split(' ')[1]));
    if (pids.length === 4) {
      break;
    }
  }
  return { child, folder, pids };
}

const isGone = (pid: number): boolean => identityOf(pid) === undefined;

describe('a supervisor', () => {
  it('that was killed leaves orphans, which the next one in its folder ends', async (t) => {
    const { child, folder, pids } = await aSupervisor(t);
    const identities = pids.map(identityOf).filter((each) => each !== undefined);
    assert.deepEqual(findOrphans(folder), []);
    child.kill('SIGKILL');
    await once(child, 'exit');
    // Whatever these had started themselves is found as well.
    const found = findOrphans(folder).map((orphan) => orphan.pid);
    assert.deepEqual(
      pids.filter((pid) => !found.includes(pid)),
      [],
    );
    assert.deepEqual(findOrphans(`${folder}x`), []);
    const { journal } = await aLocalCluster(t, { folder, size: 2 });
    assert.ok(journal.events.some((event) => event.kind === 'orphans-ended' && event.count >= 4));
    assert.deepEqual(identities.filter(isAlive), []);
  });

  it('that exits in any way takes its processes along', async (t) => {
    const { child, folder, pids } = await aSupervisor(t);
    child.stdin?.write('exit\n');
    assert.deepEqual(await once(child, 'exit'), [3, null]);
    // They were killed on the way out; how soon the kernel is done with them is its own affair.
    await endOrphans(folder, t.signal);
    assert.ok(pids.every(isGone));
  });

  for (const [signal, code] of [
    ['SIGINT', 130],
    ['SIGTERM', 143],
    ['SIGHUP', 129],
  ] as const) {
    it(`stops in order on ${signal} and exits with ${code}`, async (t) => {
      const { child, folder, pids } = await aSupervisor(t);
      child.kill(signal);
      assert.deepEqual(await once(child, 'exit'), [code, null]);
      assert.ok(pids.every(isGone));
      assert.ok(!existsSync(pathsOf(folder).lockFile));
    });
  }
});
