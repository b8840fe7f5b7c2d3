/** Bare etcd driven by hand: real processes through every step that is measured. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { newBareCluster } from '../../src/bench/bare-cluster.ts';
import { bareFlagsOf } from '../../src/bench/bare-etcd.ts';
import { formSeeded, untilWritten } from '../../src/bench/bare-forming.ts';
import { openBareTestCluster } from '../../src/bench/bare-test-cluster.ts';
import type { BenchGround } from '../../src/bench/bench-ground.ts';
import { leaderAmong, seatLeader } from '../../src/bench/seat-leader.ts';
import { untilListed } from '../../src/bench/until-listed.ts';
import { isInstallProblem } from '../../src/etcd/install/etcd-binaries.ts';
import { findEtcd } from '../../src/etcd/install/find-etcd.ts';
import { installDeps } from '../../src/etcd/install/install-deps.ts';
import { DEFAULT_ETCD_VERSION, parseEtcdVersion } from '../../src/model/etcd-version.ts';
import { NAMES } from '../support/a-member-view.ts';

async function aGround(t: TestContext, maxLearners = 8): Promise<BenchGround> {
  const folder = mkdtempSync(join(tmpdir(), 'quorate-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const version = parseEtcdVersion(DEFAULT_ETCD_VERSION);
  assert.ok(version !== undefined);
  const etcd = await findEtcd(
    version,
    installDeps(process.env, () => undefined),
    t.signal,
  );
  assert.ok(!isInstallProblem(etcd));
  return {
    folder,
    etcdVersion: DEFAULT_ETCD_VERSION,
    maxLearners,
    etcdPath: etcd.etcd,
    agentEntry: [],
    environment: { PATH: process.env['PATH'], ETCD_NAME: 'not-this' },
    supervisorMark: `${process.pid}:0:${folder}`,
    tell: () => undefined,
  };
}

test('grows, rolls, replaces a member and shrinks, with the leader where it is wanted', async (t) => {
  const cluster = await openBareTestCluster(await aGround(t), 1, t.signal);
  t.after(() => cluster.close());
  const { during } = cluster.traffic;
  const grown = await during(() => cluster.scale(3, t.signal), t.signal);
  assert.ok(grown.value.ms > 0 && grown.gapMs > 0);
  await during(() => cluster.roll(t.signal), t.signal);
  await seatLeader(cluster, [0, 1, 2], 2, t.signal);
  assert.equal(await leaderAmong(cluster, [0, 1, 2], t.signal), 2);
  await during(() => cluster.loseDisk(1, t.signal), t.signal);
  await during(() => cluster.scale(1, t.signal), t.signal);
  await cluster.untilQuiet(t.signal);
  assert.equal(await leaderAmong(cluster, [0], t.signal), 0);
});

test('forms by a seed and joins, one at a time where only one learner may be', async (t) => {
  const cluster = await newBareCluster(await aGround(t, 1));
  t.after(() => cluster.close());
  await formSeeded(cluster, 2, t.signal);
  await untilWritten(cluster, t.signal);
  const { access, names } = cluster;
  const wanted = { size: 2, without: null };
  await untilListed(access, names, wanted, 1, () => () => Promise.resolve(), t.signal);
});

test('tells etcd how many learners it may have only where it knows that flag', () => {
  const start = { ordinal: 1, state: 'existing', listed: [0, 1] } as const;
  const place = { names: NAMES, clusterFolder: '/data' };
  const flags = bareFlagsOf({ ...place, maxLearners: 8 }, start);
  assert.ok(flags.includes('--max-learners=8'));
  assert.ok(flags.includes('--data-dir=/data/1'));
  assert.ok(flags.includes('--initial-cluster-state=existing'));
  assert.ok(!bareFlagsOf({ ...place, maxLearners: 1 }, start).some((flag) => flag.includes('learners')));
});
