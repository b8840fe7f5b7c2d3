/** The writer and the final checks against real etcds. */
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { chooseMember, findLeader } from '../../src/demo/choose-member.ts';
import { compareHashes } from '../../src/demo/compare-hashes.ts';
import { createEtcd3KeyValueApi } from '../../src/demo/etcd3-key-value-api.ts';
import { createRandom } from '../../src/demo/random.ts';
import { readBack } from '../../src/demo/read-back.ts';
import { WriteLedger } from '../../src/demo/write-ledger.ts';
import { Writer } from '../../src/demo/writer.ts';
import { createEtcd3Clients } from '../../src/etcd/etcd3-clients.ts';
import { createEtcd3MaintenanceApi } from '../../src/etcd/etcd3-maintenance-api.ts';
import { DEFAULT_ETCD_VERSION } from '../../src/model/etcd-version.ts';
import { type EtcdProcess, startEtcd } from '../support/etcd-process.ts';
import { claimLoopbackAddresses } from '../support/loopback-address.ts';

/** Two clusters of one member each, which a client cannot tell from two members of one. */
async function twoEtcds(t: TestContext): Promise<readonly [EtcdProcess, EtcdProcess]> {
  const folder = await mkdtemp(join(tmpdir(), 'quorate-'));
  const addresses = await claimLoopbackAddresses();
  const start = (ordinal: number): Promise<EtcdProcess> =>
    startEtcd({
      version: DEFAULT_ETCD_VERSION,
      address: addresses.of(ordinal),
      dataDirectory: join(folder, String(ordinal)),
      signal: t.signal,
    });
  const etcds = await Promise.all([start(0), start(1)] as const);
  t.after(async () => {
    await Promise.all(etcds.map((etcd) => etcd.stop('SIGKILL')));
    await addresses[Symbol.asyncDispose]();
    await rm(folder, { recursive: true, force: true });
  });
  return etcds;
}

test('the writer outlives its member, and the checks tell what the other never had', async (t) => {
  const [first, second] = await twoEtcds(t);
  const clients = createEtcd3Clients();
  const api = createEtcd3KeyValueApi(clients);
  const maintenance = createEtcd3MaintenanceApi(clients);
  const ledger = new WriteLedger(performance.now());
  /** A put that takes long is tried elsewhere: the second serves only once the first is gone. */
  const serving = [first.clientUrl];
  let byFirst = 0;
  const gaps: number[] = [];
  const writer = new Writer({
    api: {
      ...api,
      put: async (clientUrl, ...rest) => {
        const answer = await api.put(clientUrl, ...rest);
        byFirst += answer.kind === 'acknowledged' && clientUrl === first.clientUrl ? 1 : 0;
        return answer;
      },
    },
    ledger,
    nowMs: () => performance.now(),
    endpoints: () => serving,
    onGap: (gapMs) => gaps.push(gapMs),
    onUnanswered: () => undefined,
  });
  const stop = new AbortController();
  const running = writer.run(stop.signal);
  t.after(async () => {
    stop.abort();
    await running;
    clients.close();
  });

  writer.resume();
  await writer.acknowledgedAnew(t.signal);
  const alone = await compareHashes(maintenance, [first.clientUrl, first.clientUrl], 2n, t.signal);
  assert.equal(alone.kind, 'equal');
  const members = [
    { ordinal: 0, clientUrl: first.clientUrl },
    { ordinal: 1, clientUrl: second.clientUrl },
  ];
  assert.equal(await findLeader(members.slice(0, 1), maintenance, t.signal), 0);
  const random = createRandom(1);
  const follower = await chooseMember('follower', members, maintenance, random, t.signal);
  assert.ok(follower === 0 || follower === 1);

  await first.stop('SIGKILL');
  serving.push(second.clientUrl);
  await writer.acknowledgedAnew(t.signal);
  const totals = ledger.totals(performance.now());
  assert.ok(totals.unanswered >= 1, 'the put under way, or the next, met nobody');
  assert.equal(totals.longestGapMs, Math.max(...gaps));
  assert.equal(ledger.clusterIds.size, 2);
  assert.equal(await findLeader(members.slice(0, 1), maintenance, t.signal), undefined);

  writer.pause();
  await writer.idle();
  const read = await readBack(api, [second.clientUrl], ledger.acknowledged, t.signal);
  assert.deepEqual([read.kind, read.kind === 'read' && read.lost], ['read', byFirst]);
});
