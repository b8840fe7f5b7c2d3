/** The product as a cluster under measurement: it is told what is wanted, and does it by itself. */

import { endpointsOf } from '../demo/member-board.ts';
import { createRandom } from '../demo/random.ts';
import { runStep, type StepDeps } from '../demo/run-step.ts';
import { missingIn, proveWhole, type WantedMember } from '../demo/wholeness.ts';
import type { LocalCluster } from '../local/local-cluster.ts';
import { clientUrlOf, memberNameOf, peerUrlOf } from '../model/naming.ts';
import { within } from '../runtime/abort.ts';
import type { BenchGround } from './bench-ground.ts';
import { joinTimelinesOf } from './join-timeline.ts';
import { type ProductCluster, startProduct } from './product-cluster.ts';
import { idOf } from './seat-leader.ts';
import type { StepTime, TestCluster } from './test-cluster.ts';
import { startTraffic, type Traffic } from './traffic.ts';

/** A formed cluster of `size` members. */
export async function openProductTestCluster(
  ground: BenchGround,
  size: number,
  signal: AbortSignal,
): Promise<TestCluster> {
  const product = await startProduct(ground, size, signal);
  product.watch.start(product.local);
  const { watch, access } = product;
  const traffic = startTraffic(access.keys, () => endpointsOf(watch.board));
  const cluster = facadeOf(product, traffic);
  try {
    await cluster.untilQuiet(signal);
    return cluster;
  } catch (error) {
    await cluster.close();
    throw error;
  }
}

function facadeOf(product: ProductCluster, traffic: Traffic): TestCluster {
  const { local, access, trace } = product;
  const { names } = local.template;
  return {
    names,
    access,
    traffic,
    size: local.replicas,
    scale: async (size, signal) => {
      const before = local.replicas();
      const added = Array.from({ length: Math.max(0, size - before) }, (_, index) => before + index);
      const begunMs = trace.begin();
      local.scale(size);
      await product.untilListed({ size, without: null }, 0, signal);
      return timeOf(product, begunMs, added);
    },
    loseDisk: async (ordinal, signal) => {
      const through = ordinal === 0 ? 1 : 0;
      const id = await idOf({ names, access }, ordinal, through, signal);
      if (id === undefined) {
        throw new Error(`the member of ordinal ${ordinal} is not listed`);
      }
      const begunMs = trace.begin();
      await local.wipeVolume(ordinal);
      await product.untilListed({ size: local.replicas(), without: id }, through, signal);
      return timeOf(product, begunMs, [ordinal]);
    },
    roll: async (signal) => {
      const begunMs = trace.begin();
      await runStep({ kind: 'roll', text: 'roll' }, rollDeps(product, traffic), signal);
      return timeOf(product, begunMs, []);
    },
    untilQuiet: (signal) => untilWhole(product, signal),
    close: async () => {
      await traffic.stop();
      await product.close();
    },
  };
}

function timeOf({ trace }: ProductCluster, begunMs: number, ordinals: readonly number[]): StepTime {
  return {
    ms: performance.now() - begunMs,
    joins: joinTimelinesOf(trace.entries, ordinals, begunMs),
  };
}

function rollDeps(product: ProductCluster, traffic: Traffic): StepDeps {
  const { local, watch, access } = product;
  return {
    cluster: local,
    watch,
    writer: traffic.writer,
    maintenance: access.maintenance,
    random: createRandom(0),
    untilWhole: (signal) => untilWhole(product, signal),
    onChosen: () => undefined,
  };
}

/** For what comes without an event, such as the first member list after a promotion. */
const LOOK_MS = 50;

/** All wanted members serve, and of the others neither a member nor a Pod is left. */
async function untilWhole({ local, watch, access }: ProductCluster, signal: AbortSignal): Promise<void> {
  for (;;) {
    const wanted = wantedIn(local);
    const missing = missingIn(watch.board, wanted);
    if (missing.length === 0 && (await proveWhole(access.members, wanted, signal)).kind === 'whole') {
      return;
    }
    if (signal.aborted) {
      throw new Error(`the cluster is not whole: ${missing.join('; ')}`);
    }
    await watch.changed(within(signal, LOOK_MS));
  }
}

function wantedIn(local: LocalCluster): readonly WantedMember[] {
  const { names } = local.template;
  return Array.from({ length: local.replicas() }, (_, ordinal) => ({
    ordinal,
    name: memberNameOf(names, ordinal),
    clientUrl: clientUrlOf(names, ordinal),
    peerUrl: peerUrlOf(names, ordinal),
  }));
}
