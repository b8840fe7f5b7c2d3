/** One cluster through all commands: real agents, real etcds. */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import * as v from 'valibot';
import { createEtcd3KeyValueApi } from '../../src/demo/etcd3-key-value-api.ts';
import { createEtcd3Clients } from '../../src/etcd/etcd3-clients.ts';
import { temporaryFolder } from '../support/local-cluster-kit.ts';
import { BUNDLE, type Outcome, runProgram, SOURCES } from '../support/run-program.ts';

const statusSchema = v.object({
  clusterId: v.nullable(v.string()),
  replicas: v.number(),
  endpoints: v.array(v.string()),
  members: v.array(
    v.object({
      name: v.string(),
      ordinal: v.number(),
      role: v.string(),
      address: v.string(),
      pids: v.object({ agent: v.nullable(v.number()), etcd: v.nullable(v.number()) }),
      dataFolder: v.string(),
      stage: v.nullable(v.string()),
      decision: v.nullable(v.string()),
      reason: v.nullable(v.string()),
    }),
  ),
});

type Status = v.InferOutput<typeof statusSchema>;

/** The commands on one state folder, which are all to succeed; what runs is stopped after the test. */
function commandsIn(t: TestContext, folder: string) {
  const env = { QUORATE_STATE: folder };
  const succeed = async (program: string, args: readonly string[]): Promise<Outcome> => {
    const outcome = await runProgram(program, args, env);
    assert.equal(outcome.code, 0, `${args.join(' ')}: ${outcome.stdout}${outcome.stderr}`);
    return outcome;
  };
  t.after(() => runProgram(BUNDLE, ['down', '--purge'], env));
  return {
    up: (...args: readonly string[]) => succeed(BUNDLE, ['up', ...args]),
    run: (...args: readonly string[]) => succeed(SOURCES, args),
    fail: (...args: readonly string[]) => runProgram(SOURCES, args, env),
    status: async (): Promise<Status> =>
      v.parse(statusSchema, JSON.parse((await succeed(SOURCES, ['status', '--json'])).stdout)),
  };
}

/** Which of them leads may have changed since each last looked, so that is not asked. */
function assertServing({ members }: Status, size: number): void {
  assert.equal(members.length, size);
  for (const { name, role, stage, decision, reason } of members) {
    assert.ok(role === 'leader' || role === 'voter', `${name} is ${role}`);
    assert.equal(stage, 'serving');
    assert.ok(decision !== null && reason !== null);
  }
}

/** Puts, or reads back, one key through the first endpoint that answers. */
async function withKeys<T>(
  t: TestContext,
  status: Status,
  use: (api: ReturnType<typeof createEtcd3KeyValueApi>, clientUrl: string) => Promise<T>,
): Promise<T> {
  const clients = createEtcd3Clients();
  t.after(() => clients.close());
  return use(createEtcd3KeyValueApi(clients), status.endpoints[0] ?? '');
}

test('a cluster goes up, is scaled and hurt, goes down, and comes back with its data', async (t) => {
  const folder = join(temporaryFolder(t), 'state');
  const { up, run, fail, status } = commandsIn(t, folder);

  const nobody = await fail('status');
  assert.equal(nobody.code, 1);
  assert.match(nobody.stderr, /^quorate: no cluster is running in .*state; start one with `quorate up`/);

  const welcome = await up('--size', '3');
  assert.match(welcome.stdout, /^Cluster demo runs: 3 members of etcd 3\.6\.16\.$/m);
  assert.match(welcome.stdout, /^ {2}quorate kill leader$/m);
  const first = await status();
  assertServing(first, 3);
  for (const { name, ordinal, address, pids, dataFolder } of first.members) {
    assert.equal(name, `demo-${ordinal}`);
    assert.match(address, /^127\./);
    assert.ok(existsSync(`/proc/${pids.agent}`) && existsSync(`/proc/${pids.etcd}`));
    assert.ok(existsSync(join(dataFolder, 'member')));
  }
  const put = await withKeys(t, first, (api, url) => api.put(url, 'kept', 'yes', t.signal));
  assert.equal(put.kind, 'acknowledged');

  const running = await fail('up');
  assert.equal(running.code, 1);
  assert.match(running.stderr, /a cluster is already running in .* \(CLUSTER_RUNNING\)$/m);

  await run('scale', '5');
  assert.equal((await status()).members.length, 5);
  const killed = JSON.parse((await run('kill', 'leader', '--output', 'json')).stdout);
  assert.equal(killed.signal, 'SIGKILL');
  assert.match((await run('wipe', 'demo-4')).stdout, /^demo-4: lost its disk, /);
  await run('scale', '5');
  assertServing(await status(), 5);
  await run('scale', '3');
  const table = await run('status');
  assert.match(table.stdout, /^NAME +ROLE +ETCD +AGENT +ADDRESS +INDEX +DECISION +REASON$/m);
  assert.equal(table.stdout.match(/^demo-\d/gm)?.length, 3);

  const missing = await fail('kill', '7');
  assert.equal(missing.code, 1);
  assert.match(
    missing.stderr,
    /there is no member 7; there are demo-0, demo-1, demo-2 \(ORDINAL_INVALID\)$/m,
  );

  assert.match((await run('down')).stdout, /^The cluster is stopped; its data stays in /);
  assert.ok(first.members.every(({ pids }) => !existsSync(`/proc/${pids.agent}`)));
  assert.equal((await fail('down')).code, 1);

  await up();
  const again = await status();
  assert.equal(again.clusterId, first.clusterId);
  const page = await withKeys(t, again, (api, url) =>
    api.readPage(url, { from: 'kept', end: 'kept\0', limit: 1, revision: 0n }, t.signal),
  );
  assert.deepEqual(page.kind === 'answered' && page.page.entries, [{ key: 'kept', value: 'yes' }]);

  assert.match((await run('down', '--purge')).stdout, /is purged\.$/m);
  assert.equal(existsSync(folder), false);
});
