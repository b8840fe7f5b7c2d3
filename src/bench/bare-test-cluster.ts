/** Bare etcd, driven by hand, as a cluster under measurement. */
import { clientUrlOf } from '../model/naming.ts';
import { pause } from '../runtime/abort.ts';
import { type BareCluster, newBareCluster } from './bare-cluster.ts';
import { formStatic } from './bare-forming.ts';
import { joinBare, leaveBare, replaceBare } from './bare-membership.ts';
import type { BenchGround } from './bench-ground.ts';
import { idOf, leaderAmong } from './seat-leader.ts';
import type { StepTime, TestCluster } from './test-cluster.ts';
import { startTraffic } from './traffic.ts';
import { untilListed } from './until-listed.ts';

const RETRY_MS = 5;

/** A formed cluster of `size` members. */
export async function openBareTestCluster(
  ground: BenchGround,
  size: number,
  signal: AbortSignal,
): Promise<TestCluster> {
  const cluster = await newBareCluster(ground);
  try {
    await formStatic(cluster, size, signal);
  } catch (error) {
    await cluster.close();
    throw error;
  }
  return facadeOf(cluster, size);
}

function facadeOf(cluster: BareCluster, formedSize: number): TestCluster {
  const { names, access } = cluster;
  const traffic = startTraffic(access.keys, () => cluster.endpoints);
  let size = formedSize;
  /** Removed by etcd, they end by themselves; what is slow to do so is of no further interest. */
  const clearOut = async (): Promise<void> => {
    for (const ordinal of cluster.ordinals.filter((each) => each >= size)) {
      await cluster.lose(ordinal);
    }
  };
  return {
    names,
    access,
    traffic,
    size: () => size,
    scale: async (wanted, signal) => {
      const added = Array.from({ length: Math.max(0, wanted - size) }, (_, index) => size + index);
      const isShrinking = wanted < size;
      size = wanted;
      return timed(async () => {
        await (isShrinking ? leaveBare(cluster, wanted, signal) : joinBare(cluster, added, signal));
        await listed(cluster, size, 0, signal);
      });
    },
    loseDisk: async (ordinal, signal) => {
      const through = cluster.ordinals.find((each) => each !== ordinal) ?? 0;
      const id = await idOf(cluster, ordinal, through, signal);
      if (id === undefined) {
        throw new Error(`the member of ordinal ${ordinal} is not listed`);
      }
      return timed(async () => {
        await replaceBare(cluster, ordinal, id, signal);
        await listed(cluster, size, through, signal);
      });
    },
    roll: (signal) => timed(() => roll(cluster, signal)),
    untilQuiet: clearOut,
    close: async () => {
      await traffic.stop();
      await cluster.close();
    },
  };
}

async function timed(action: () => Promise<void>): Promise<StepTime> {
  const begunMs = performance.now();
  await action();
  return { ms: performance.now() - begunMs, joins: [] };
}

/** All calls have been answered before, so the first list is as wanted. */
function listed(cluster: BareCluster, size: number, through: number, signal: AbortSignal): Promise<void> {
  const news = () => (limited: AbortSignal) => pause(RETRY_MS, limited);
  return untilListed(cluster.access, cluster.names, { size, without: null }, through, news, signal);
}

/** etcd moves the leadership itself on SIGTERM, which is as fast as moving it before. */
async function roll(cluster: BareCluster, signal: AbortSignal): Promise<void> {
  const waiting = new Set(cluster.ordinals);
  const listedAll = cluster.ordinals;
  while (waiting.size > 0) {
    const leader = await leaderAmong(cluster, listedAll, signal);
    const others = [...waiting].filter((ordinal) => ordinal !== leader);
    const next = Math.max(...(others.length > 0 ? others : waiting));
    waiting.delete(next);
    cluster.serve(listedAll.filter((ordinal) => ordinal !== next));
    await cluster.end(next, 'SIGTERM');
    await cluster.startAndHear({ ordinal: next, state: 'existing', listed: listedAll }, signal);
    await untilCaughtUp(cluster, next, signal);
    cluster.serve(listedAll);
  }
}

/** A linearizable read through the member itself waits until it has applied all that was committed. */
async function untilCaughtUp(cluster: BareCluster, ordinal: number, signal: AbortSignal): Promise<void> {
  await cluster.untilOpen(ordinal, signal);
  const { members } = cluster.access;
  while ((await members.listMembers(clientUrlOf(cluster.names, ordinal), true, signal)).kind === 'unknown') {
    signal.throwIfAborted();
    await pause(RETRY_MS, signal);
  }
}
