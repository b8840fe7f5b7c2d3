/** How long a new cluster takes until it has all its voters and has acknowledged a write. */
import type { BareCluster } from './bare-cluster.ts';
import { newBareCluster } from './bare-cluster.ts';
import { formSeeded, formStatic, untilWritten } from './bare-forming.ts';
import type { BenchGround } from './bench-ground.ts';
import { startProduct } from './product-cluster.ts';
import { type Sample, sampleOnce } from './sample.ts';
import { untilListed } from './until-listed.ts';

/** Seconds, from the start of the first process. */
export type FormingRuns = {
  readonly product: readonly Sample<number>[];
  /** Of bare etcd, both ways that are correct. */
  readonly bareStatic: readonly Sample<number>[];
  readonly bareSeeded: readonly Sample<number>[];
};

const SIZE = 3;

/** Many times what forming takes, 3.5's waits for its own rule included. */
const LIMIT_MS = 60_000;

export async function measureForming(
  ground: BenchGround,
  runs: number,
  signal: AbortSignal,
): Promise<FormingRuns> {
  const collected = {
    product: [] as Sample<number>[],
    bareStatic: [] as Sample<number>[],
    bareSeeded: [] as Sample<number>[],
  };
  for (let run = 1; run <= runs; run++) {
    const product = await sampleOnce((limited) => formProduct(ground, limited), LIMIT_MS, signal);
    const bareStatic = await sampleOnce((limited) => formBare(ground, formStatic, limited), LIMIT_MS, signal);
    const bareSeeded = await sampleOnce((limited) => formBare(ground, formSeeded, limited), LIMIT_MS, signal);
    collected.product.push(product);
    collected.bareStatic.push(bareStatic);
    collected.bareSeeded.push(bareSeeded);
    const texts = [product, bareStatic, bareSeeded].map(textOf);
    ground.tell(`form 3 ${run}/${runs}: ${texts[0]}, bare etcd static ${texts[1]}, seeded ${texts[2]}`);
  }
  return collected;
}

async function formProduct(ground: BenchGround, signal: AbortSignal): Promise<number> {
  const product = await startProduct(ground, SIZE, signal);
  try {
    const { trace, access, local } = product;
    await trace.until(() => trace.calls > 0, signal);
    await product.untilListed({ size: SIZE, without: null }, 0, signal);
    await untilWritten({ access, names: local.template.names }, signal);
    const endedMs = performance.now();
    const begunMs = trace.entries.find((entry) => entry.kind === 'process')?.atMs;
    if (begunMs === undefined) {
      throw new Error('no agent was started');
    }
    return (endedMs - begunMs) / 1000;
  } finally {
    await product.close();
  }
}

async function formBare(
  ground: BenchGround,
  form: (cluster: BareCluster, size: number, signal: AbortSignal) => Promise<void>,
  signal: AbortSignal,
): Promise<number> {
  const cluster = await newBareCluster(ground);
  try {
    const begunMs = performance.now();
    await form(cluster, SIZE, signal);
    const { access, names } = cluster;
    const wanted = { size: SIZE, without: null };
    await untilListed(access, names, wanted, 0, () => () => Promise.resolve(), signal);
    await untilWritten(cluster, signal);
    return (performance.now() - begunMs) / 1000;
  } finally {
    await cluster.close();
  }
}

function textOf(sample: Sample<number>): string {
  return sample.kind === 'measured' ? `${sample.value.toFixed(2)} s` : `FAILED (${sample.why})`;
}
