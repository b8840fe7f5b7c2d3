/** The API server is restarted under everybody's feet. */

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { applyCluster } from '../support/a-cluster.ts';
import { startWriter } from '../support/a-writer.ts';
import { e2eTest } from '../support/e2e-test.ts';
import type { WarningPattern } from '../support/expected-warning.ts';
import { assertSound } from '../support/oracle.ts';
import { readRunFacts } from '../support/run-facts.ts';

const RESTART_MS_MAX = 180_000;

/** What Kubernetes' own parts say that asked it meanwhile. */
const API_AWAY: readonly WarningPattern[] = [
  { about: 'Pod', reason: 'FailedScheduling', message: /dial tcp|refused|EOF/ },
  // A server that has just come back may still tell a kubelet of a claim as it was before it was bound.
  { about: 'Pod', reason: 'FailedMount', message: /dial tcp|refused|EOF|timed out|PVC is not bound/ },
];

const { restartApi } = readRunFacts();
if (restartApi !== undefined) {
  e2eTest(
    'the API server is restarted while a cluster grows: clients notice nothing, and the size is reached',
    { minutes: 8 },
    async (ground) => {
      const cluster = await applyCluster(ground, { spec: { size: 3 } });
      await cluster.untilSettled({ size: 3 });
      const writer = await startWriter(cluster);
      await writer.untilMore(50);
      await writer.section('the API server restarts');
      await cluster.edit({ size: 5 });
      const [program = '', ...args] = restartApi;
      const { status, stderr } = spawnSync(program, args, { encoding: 'utf8', timeout: RESTART_MS_MAX });
      assert.equal(status, 0, stderr);
      await cluster.untilSettled({ size: 5 }, RESTART_MS_MAX);
      await writer.untilMore(50);
      await assertSound(cluster, { size: 5, writer, warnings: API_AWAY });
    },
  );
}
