/** A new cluster of bare etcds, formed by hand in each of the two fast ways that are correct. */
import { clientUrlOf } from '../model/naming.ts';
import { pause } from '../runtime/abort.ts';
import type { BareCluster } from './bare-cluster.ts';
import { joinBare } from './bare-membership.ts';

const RETRY_MS = 5;

/** All members start as `new`, each after the one before it answers on its peer port. */
export async function formStatic(cluster: BareCluster, size: number, signal: AbortSignal): Promise<void> {
  const listed = Array.from({ length: size }, (_, ordinal) => ordinal);
  for (const ordinal of listed) {
    await cluster.startAndHear({ ordinal, state: 'new', listed }, signal);
  }
  await cluster.untilOpen(0, signal);
  cluster.serve(listed);
}

/** One member starts as `new`, alone; the others join it. */
export async function formSeeded(cluster: BareCluster, size: number, signal: AbortSignal): Promise<void> {
  cluster.start({ ordinal: 0, state: 'new', listed: [0] });
  await cluster.untilOpen(0, signal);
  cluster.serve([0]);
  const others = Array.from({ length: size - 1 }, (_, index) => index + 1);
  await joinBare(cluster, others, signal);
}

/** Resolves once a write through the member of ordinal 0 is acknowledged, which takes a quorum. */
export async function untilWritten(
  { access, names }: Pick<BareCluster, 'access' | 'names'>,
  signal: AbortSignal,
): Promise<void> {
  for (;;) {
    const answer = await access.keys.put(clientUrlOf(names, 0), 'quorate-bench/formed', 'yes', signal);
    if (answer.kind === 'acknowledged') {
      return;
    }
    signal.throwIfAborted();
    await pause(RETRY_MS, signal);
  }
}
