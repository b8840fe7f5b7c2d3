/** The simulator's model of etcd against real etcd: the same action lists, the same answers. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { parseEtcdVersion, TESTED_ETCD_VERSIONS } from '../../src/model/etcd-version.ts';
import { SCRIPTS, transcribe } from './membership-script.ts';
import { createModelCluster } from './model-cluster.ts';
import { createRealCluster } from './real-cluster.ts';

/** Chance decides in the model when members start and who leads; the answers must not depend on it. */
const MODEL_SEEDS = [1, 2, 3];

/** Most of the time these clusters wait for links to grow old. */
const CLUSTERS_AT_ONCE = 7;
// Each etcd process listens for the end of this one.
process.setMaxListeners(CLUSTERS_AT_ONCE * 4 + process.getMaxListeners());

describe('the model of etcd answers like etcd', { concurrency: CLUSTERS_AT_ONCE }, () => {
  for (const text of TESTED_ETCD_VERSIONS) {
    const version = parseEtcdVersion(text);
    assert.ok(version !== undefined);
    for (const script of SCRIPTS) {
      test(`${text}: ${script.name}`, async (t) => {
        await using real = await createRealCluster(version, t.signal);
        const observed = await transcribe(real, script.steps);
        for (const seed of MODEL_SEEDS) {
          await using model = createModelCluster(version, seed);
          assert.deepEqual(await transcribe(model, script.steps), observed);
        }
      });
    }
  }
});
