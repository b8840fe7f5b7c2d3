/** The simulator's model of etcd against real etcd: the same action lists, the same answers. */
import assert from 'node:assert/strict';
import { describe, type TestContext, test } from 'node:test';
import { parseEtcdVersion, TESTED_ETCD_VERSIONS } from '../../src/model/etcd-version.ts';
import { installedEtcd } from '../support/installed-etcd.ts';
import { SCRIPTS, type Script, transcribe, URLS_CHANGE } from './membership-script.ts';
import { createModelCluster } from './model-cluster.ts';
import { createRealCluster } from './real-cluster.ts';

/** Chance decides in the model when members start and who leads; the answers must not depend on it. */
const MODEL_SEEDS = [1, 2, 3];

/** Most of the time these clusters wait for links to grow old. */
const CLUSTERS_AT_ONCE = 7;
// Each etcd process listens for the end of this one.
process.setMaxListeners(CLUSTERS_AT_ONCE * 4 + process.getMaxListeners());

/** Releases with bugs of their own that the model has, too; looked for, and not installed for this. */
const OLD_ETCD_VERSIONS = ['3.5.21', '3.6.8'];

describe('the model of etcd answers like etcd', { concurrency: CLUSTERS_AT_ONCE }, () => {
  for (const text of TESTED_ETCD_VERSIONS) {
    for (const script of SCRIPTS) {
      test(`${text}: ${script.name}`, (t) => compare(t, text, script));
    }
  }
  for (const text of OLD_ETCD_VERSIONS) {
    test(`${text}: ${URLS_CHANGE.name}`, async (t) => {
      if (await isInstalled(text, t.signal)) {
        await compare(t, text, URLS_CHANGE);
      } else {
        t.skip(`etcd ${text} is not installed`);
      }
    });
  }
});

async function compare(t: TestContext, text: string, script: Script): Promise<void> {
  const version = parseEtcdVersion(text);
  assert.ok(version !== undefined);
  await using real = await createRealCluster(version, t.signal);
  const observed = await transcribe(real, script.steps);
  for (const seed of MODEL_SEEDS) {
    await using model = createModelCluster(version, seed);
    assert.deepEqual(await transcribe(model, script.steps), observed);
  }
}

async function isInstalled(version: string, signal: AbortSignal): Promise<boolean> {
  return installedEtcd(version, signal).then(
    () => true,
    () => false,
  );
}
