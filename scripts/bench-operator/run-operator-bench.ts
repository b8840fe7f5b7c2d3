/**
 * Measures one operator with many clusters, against a real kube-apiserver and played Pods and agents. The
 * operator is a process of its own, from the bundle, its Node started as `manifests/install.yaml` does.
 *
 *     node scripts/bench-operator/run-operator-bench.ts [--clusters 5,50] [--quiet-seconds 40] [--json FILE]
 *         [--node-flags="--max-semi-space-size=2"] [--program FILE] [--profile FOLDER]
 *
 * `--profile` writes a profile of the processor and a snapshot of the heap into an existing folder; the memory
 * that is measured then is not to be believed.
 */
import { writeFileSync } from 'node:fs';
import { availableParallelism, loadavg } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { deployedNode } from './deployed-node.ts';
import { measureScale, type ScaleFigures } from './measure-scale.ts';
import { renderScale } from './scale-table.ts';

const CLUSTERS_DEFAULT = '5,50';
/** Longer than an agent's long-poll, so that each has confirmed its word once. */
const QUIET_SECONDS_DEFAULT = '40';

const PROGRAM = join(import.meta.dirname, '..', '..', 'dist', 'bin', 'quorate.cjs');
const SNAPSHOT_SIGNAL = 'SIGUSR2';

const { values } = parseArgs({
  options: {
    clusters: { type: 'string', default: CLUSTERS_DEFAULT },
    'quiet-seconds': { type: 'string', default: QUIET_SECONDS_DEFAULT },
    'node-flags': { type: 'string' },
    program: { type: 'string', default: PROGRAM },
    profile: { type: 'string' },
    json: { type: 'string' },
  },
});
// Whoever is told to end ends what it has started.
for (const name of ['SIGTERM', 'SIGINT'] as const) {
  process.once(name, () => process.exit(1));
}

const deployed = deployedNode();
const flags = values['node-flags']?.split(' ').filter((flag) => flag !== '') ?? deployed.flags;
const loadBefore = loadavg()[0];
const measured: ScaleFigures[] = [];
for (const clusters of values.clusters.split(',').map(Number)) {
  measured.push(
    await measureScale({
      clusters,
      program: resolve(values.program),
      flags: [...flags, ...profiling(values.profile)],
      environment: deployed.environment,
      quietSeconds: Number(values['quiet-seconds']),
      tell: (line) => void process.stderr.write(`${clusters}: ${line}\n`),
      onRight: (pid) => {
        if (values.profile !== undefined) {
          process.kill(pid, SNAPSHOT_SIGNAL);
        }
      },
    }),
  );
}
process.stdout.write(renderScale(measured));
if (values.json !== undefined) {
  const machine = { processors: availableParallelism(), loadBefore, loadAfter: loadavg()[0] };
  const report = {
    nodeVersion: process.versions.node,
    flags,
    environment: deployed.environment,
    machine,
    measured,
  };
  writeFileSync(values.json, `${JSON.stringify(report, null, 2)}\n`);
}

function profiling(folder: string | undefined): readonly string[] {
  return folder === undefined
    ? []
    : [
        '--cpu-prof',
        `--cpu-prof-dir=${resolve(folder)}`,
        `--heapsnapshot-signal=${SNAPSHOT_SIGNAL}`,
        `--diagnostic-dir=${resolve(folder)}`,
      ];
}
