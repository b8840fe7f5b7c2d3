/** A client in a Pod that writes through the Service all the time, and checks at the end that nothing was lost. */
import assert from 'node:assert/strict';
import * as v from 'valibot';
import { PORTS } from '../../../src/resources/ports.ts';
import { pause } from '../../../src/runtime/abort.ts';
import type { TestCluster } from './a-cluster.ts';
import type { Gap } from './ledger.ts';
import { PROGRAM_PORT, startProgram } from './program-pod.ts';

export type WriterReport = v.InferOutput<typeof reportSchema>;

export type Writer = {
  /** Names the stretch of the test that begins now; gaps are told for each. */
  readonly section: (name: string) => Promise<void>;
  /** Resolves once `count` more writes were acknowledged. */
  readonly untilMore: (count: number) => Promise<void>;
  /** Stops writing, reads everything back, tells what came out; fails if anything is lost or changed. */
  readonly finish: () => Promise<WriterReport>;
};

const gapSchema = v.object({ ms: v.number(), since: v.string(), failures: v.record(v.string(), v.number()) });
const reportSchema = v.object({
  acknowledged: v.number(),
  lost: v.array(v.string()),
  changed: v.array(v.string()),
  sections: v.array(v.object({ name: v.string(), acknowledged: v.number(), longestGap: gapSchema })),
  readMs: v.number(),
});
const progressSchema = v.object({ acknowledged: v.number() });

/** One question to the writer waits this long; then it is asked again. */
const WAIT_SECONDS = 10;
const ASK_AGAIN_MS = 500;
/** Nothing is acknowledged for so long only if something is wrong. */
const MORE_MS_MAX = 120_000;
/** Reading tens of thousands of keys back on a busy machine. */
const FINISH_MS_MAX = 180_000;

/** Whose Service is written through: `NAME-client`. */
export type WrittenCluster = Pick<TestCluster, 'ground' | 'space' | 'name'>;

/** Starts a writer for `cluster`, on none of the nodes in `notOn`; resolves once it has written something. */
export async function startWriter(cluster: WrittenCluster, notOn: readonly string[] = []): Promise<Writer> {
  const { ground, space, name } = cluster;
  const pod = `writer-${name}`;
  await startProgram(cluster, {
    pod,
    files: ['writer-program.ts', 'ledger.ts', 'gateway-client.ts'],
    environment: { HOST: `${name}-client.${space.namespace}:${PORTS.client}` },
    probePath: '/progress',
    notOn,
  });
  const ask = async (method: 'GET' | 'POST', path: string, timeoutMs: number): Promise<unknown> => {
    const place = { namespace: space.namespace, pod, port: PROGRAM_PORT };
    const answer = await ground.access.askPod(place, { method, path, timeoutMs }, ground.signal);
    if (answer.kind !== 'answered' || answer.status !== 200) {
      throw new Error(`the writer did not answer: ${JSON.stringify(answer)}`);
    }
    return JSON.parse(answer.body);
  };
  const acknowledged = async (more: number): Promise<number> => {
    const path = `/progress?more=${more}&wait=${WAIT_SECONDS}`;
    return v.parse(progressSchema, await ask('GET', path, WAIT_SECONDS * 2_000)).acknowledged;
  };
  const untilMore = (count: number): Promise<void> => waitForMore(cluster, acknowledged, count);
  await untilMore(1);
  return {
    section: async (section) => {
      await ask('POST', `/section?name=${encodeURIComponent(section)}`, WAIT_SECONDS * 1_000);
    },
    untilMore,
    finish: async () => {
      const report = v.parse(reportSchema, await ask('POST', '/finish', FINISH_MS_MAX));
      tell(cluster, report);
      assert.deepEqual(
        report.lost.slice(0, SHOWN_MAX),
        [],
        `${report.lost.length} acknowledged writes are lost`,
      );
      assert.deepEqual(
        report.changed.slice(0, SHOWN_MAX),
        [],
        `${report.changed.length} values have changed`,
      );
      return report;
    },
  };
}

const SHOWN_MAX = 10;

/** An API server that is away for a moment is no reason to give up. */
async function waitForMore(
  { ground, space, name }: WrittenCluster,
  acknowledged: (more: number) => Promise<number>,
  count: number,
): Promise<void> {
  const deadlineMs = performance.now() + MORE_MS_MAX;
  let first: number | undefined;
  let last: unknown;
  while (performance.now() < deadlineMs && !ground.signal.aborted) {
    try {
      const now = await acknowledged(first === undefined ? 0 : 1);
      first ??= now;
      if (now - first >= count) {
        return;
      }
      last = `${now - first} were`;
    } catch (error) {
      last = error;
      await pause(ASK_AGAIN_MS, ground.signal);
    }
  }
  throw new Error(
    `${count} more writes to ${name} were not acknowledged within ${MORE_MS_MAX / 1000} s: ${String(last)}\n${space.view.describe()}`,
  );
}

function tell(
  { ground, name }: WrittenCluster,
  { acknowledged, sections, lost, changed }: WriterReport,
): void {
  const verdict =
    lost.length + changed.length === 0 ? 'none lost' : `${lost.length} LOST, ${changed.length} CHANGED`;
  ground.note(`writer of ${name}: ${acknowledged} acknowledged, ${verdict}`);
  for (const section of sections) {
    ground.note(
      `  ${section.name}: ${section.acknowledged} acknowledged, longest gap ${gapText(section.longestGap)}`,
    );
  }
}

function gapText({ ms, since, failures }: Gap): string {
  const why = Object.entries(failures)
    .map(([failure, count]) => `${count} × ${failure}`)
    .join(', ');
  return `${(ms / 1000).toFixed(3)} s${since === '' ? '' : ` from ${since}`}${why === '' ? '' : ` (${why})`}`;
}
