import { pause } from '../../../src/runtime/abort.ts';
import type { TestCluster } from './a-cluster.ts';
import { gatewayOf } from './etcd-ask.ts';

/** A kubelet brings new files of a Secret within two minutes. */
const ANSWERS_MS_MAX = 180_000;
const AGAIN_MS = 1_000;

/** Resolves once every member of `cluster` answers a client, which nothing but asking tells; in ms it took. */
export async function untilEveryMemberAnswers(cluster: TestCluster): Promise<number> {
  const startedMs = performance.now();
  const gateway = gatewayOf(cluster);
  for (const { name } of cluster.pods()) {
    await untilAnswers(() => gateway.status(name), cluster.ground.signal, startedMs + ANSWERS_MS_MAX);
  }
  return performance.now() - startedMs;
}

async function untilAnswers(
  ask: () => Promise<unknown>,
  signal: AbortSignal,
  givenUpMs: number,
): Promise<void> {
  for (;;) {
    try {
      await ask();
      return;
    } catch (error) {
      if (performance.now() > givenUpMs) {
        throw error;
      }
      await pause(AGAIN_MS, signal);
    }
  }
}
