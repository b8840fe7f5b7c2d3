/**
 * Measures clusters of ours against plain StatefulSets of the official image on the cluster that KUBECONFIG names:
 *
 *     node scripts/bench-kube/run-kube-bench.ts [--runs N] [--only GROUP]… [--etcd VERSION] [--json FILE]
 *
 * It is set up like the end-to-end tests (`scripts/e2e/e2e-settings.ts`), and the operator runs in the cluster.
 */
import { randomBytes } from 'node:crypto';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { renderGroups } from '../../src/bench/bench-table.ts';
import { paintFor } from '../../src/demo/paint.ts';
import { createHttpObjectApi } from '../../src/kube/http-object-api.ts';
import { createHttpTransport } from '../../src/kube/http-transport.ts';
import { findCredentials } from '../../src/kube/kube-config-credentials.ts';
import { DEFAULT_ETCD_VERSION, parseEtcdVersion } from '../../src/model/etcd-version.ts';
import { systemClock } from '../../src/runtime/clock.ts';
import { certificatesBinding } from '../../test/e2e/support/certificates-binding.ts';
import { openClusterAccess } from '../../test/e2e/support/cluster-access.ts';
import { createKubectl } from '../../test/e2e/support/kubectl.ts';
import { openNamespaceView } from '../../test/e2e/support/namespace-view.ts';
import { clearNamespaces, RUN_LABEL } from '../e2e/clear-namespaces.ts';
import { type E2eSettings, readSettings } from '../e2e/e2e-settings.ts';
import { type InstalledOperator, installOperator, MANIFEST } from '../e2e/install-operator.ts';
import { layOutImage, provideEtcd, provideImage } from '../e2e/load-images.ts';
import { measureOperator, type OperatorCost } from './operator-cost.ts';
import { startProber } from './prober.ts';
import { runEncryption } from './run-encryption.ts';
import {
  type GroupRun,
  KUBE_BENCH_GROUPS,
  runCrowd,
  runForming,
  runHealing,
  runScaling,
} from './run-groups.ts';
import { openStage, type Stage } from './stage.ts';

const RUNS_DEFAULT = 5;
const RUNS_MAX = 50;
/** All of it; a bench that hangs must not hang for ever. */
const BENCH_MS_MAX = 4 * 60 * 60_000;

const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: String(RUNS_DEFAULT) },
    only: { type: 'string', multiple: true },
    etcd: { type: 'string', default: DEFAULT_ETCD_VERSION },
    json: { type: 'string' },
  },
});

process.exit(await main());

async function main(): Promise<number> {
  const settings = readSettings(process.env, existsSync(MANIFEST));
  const version = parseEtcdVersion(values.etcd);
  const runs = Number(values.runs);
  const groups = values.only ?? [...KUBE_BENCH_GROUPS];
  const problems = [
    ...('problems' in settings ? settings.problems : []),
    ...(version === undefined ? [`--etcd is "${values.etcd}"; it must be a version of etcd`] : []),
    ...(Number.isInteger(runs) && runs >= 1 && runs <= RUNS_MAX
      ? []
      : [`--runs is "${values.runs}"; it must be a whole number up to ${RUNS_MAX}`]),
    ...groups
      .filter((name) => !KUBE_BENCH_GROUPS.some((group) => group === name))
      .map((name) => `--only is "${name}"; there are ${KUBE_BENCH_GROUPS.join(', ')}`),
  ];
  if (problems.length > 0 || 'problems' in settings || version === undefined) {
    process.stderr.write(`${problems.map((problem) => `bench-kube: ${problem}`).join('\n')}\n`);
    return 2;
  }
  const [loadBefore = 0] = loadavg();
  const startedAt = new Date().toISOString();
  const found = await onStage(settings, (stage, costs) => runAll(stage, costs, groups, runs), version);
  const [loadAfter = 0] = loadavg();
  const report = {
    startedAt,
    etcdVersion: values.etcd,
    runs,
    machine: { processors: cpus().length, loadBefore, loadAfter },
    groups: found,
  };
  if (values.json !== undefined) {
    writeFileSync(values.json, `${JSON.stringify(report, undefined, 2)}\n`);
  }
  const paint = paintFor(process.stdout, process.env);
  const failures = found.flatMap((group) => group.problems);
  process.stdout.write(
    `${[
      `etcd ${values.etcd}, ${cpus().length} processors, load ${loadBefore.toFixed(1)} at the start and ${loadAfter.toFixed(1)} at the end; ${runs} runs. Figures are min / median / max.`,
      ...renderGroups(found, paint, { product: 'quorate', floor: 'plain StatefulSet' }),
      ...failures.map((problem) => `failed: ${problem}`),
    ].join('\n')}\n`,
  );
  return failures.length === 0 ? 0 : 1;
}

async function runAll(
  stage: Stage,
  costs: readonly OperatorCost[],
  groups: readonly string[],
  runs: number,
): Promise<readonly GroupRun[]> {
  const parts = { stage, runs, onProgress: say };
  const done: GroupRun[] = [];
  for (const group of KUBE_BENCH_GROUPS.filter((name) => groups.includes(name))) {
    switch (group) {
      case 'forming':
        done.push(await runForming(parts));
        break;
      case 'scaling':
        done.push(await runScaling(parts));
        break;
      case 'healing':
        done.push(await runHealing(parts));
        break;
      case 'crowd':
        done.push(await runCrowd(parts, costs));
        break;
      case 'encryption':
        done.push(await runEncryption(parts));
    }
  }
  return done;
}

type OnStage = (stage: Stage, costs: readonly OperatorCost[]) => Promise<readonly GroupRun[]>;

/** Sets everything up, and takes it out again, also after a failure. */
async function onStage(
  settings: E2eSettings,
  act: OnStage,
  version: NonNullable<ReturnType<typeof parseEtcdVersion>>,
): Promise<readonly GroupRun[]> {
  const run = randomBytes(3).toString('hex');
  const scratch = mkdtempSync(join(tmpdir(), 'quorate-bench-kube-'));
  const closing = new AbortController();
  const signal = AbortSignal.any([closing.signal, AbortSignal.timeout(BENCH_MS_MAX)]);
  let installed: InstalledOperator | undefined;
  try {
    layOutImage(join(scratch, 'image'));
    const image = provideImage(settings, join(scratch, 'image'));
    await provideEtcd(settings, join(scratch, 'etcd'));
    installed = installOperator(settings, image);
    const { deployment } = installed;
    if (deployment === undefined) {
      throw new Error('the operator has to run in the cluster: unset QUORATE_E2E_OPERATOR');
    }
    const namespace = `bench-kube-${run}`;
    const kubectl = createKubectl(settings.kubectl, namespace, signal);
    mustBeNew(await kubectl.run(['create', '-f', '-'], { input: namespaceOf(namespace, run) }));
    const binding = JSON.stringify(certificatesBinding(namespace, deployment));
    mustBeNew(await kubectl.run(['create', '-f', '-'], { input: binding }));
    const access = await openClusterAccess();
    const view = await openNamespaceView(access.reader, namespace, signal);
    const prober = await startProber({ access, view, kubectl, image, signal });
    const costs: OperatorCost[] = [];
    const operatorKubectl = createKubectl(settings.kubectl, deployment.namespace, signal);
    const whileCrowded = async (): Promise<void> => {
      if (costs.length === 0) {
        costs.push(await measureOperator(access, operatorKubectl, deployment.namespace, signal));
      }
    };
    const api = await openApi();
    return await act(openStage({ api, view, version, signal, access, prober, kubectl, whileCrowded }), costs);
  } finally {
    closing.abort();
    const left = clearNamespaces(settings.kubectl, run);
    if (left !== '') {
      say(`left in the cluster: ${left}`);
    }
    installed?.remove();
    rmSync(scratch, { recursive: true, force: true });
  }
}

async function openApi(): Promise<ReturnType<typeof createHttpObjectApi>> {
  const found = await findCredentials({ kind: 'usual' }, () => systemClock.nowMs());
  if (found.kind === 'unusable') {
    throw new Error(found.why);
  }
  return createHttpObjectApi({
    transport: createHttpTransport(found.credentials),
    fieldManager: 'quorate-bench',
  });
}

function namespaceOf(name: string, run: string): string {
  const labels = { [RUN_LABEL]: run, 'pod-security.kubernetes.io/enforce': 'restricted' };
  return JSON.stringify({ apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels } });
}

function mustBeNew({ code, stderr }: { readonly code: number; readonly stderr: string }): void {
  if (code !== 0) {
    throw new Error(stderr);
  }
}

function say(text: string): void {
  process.stderr.write(`bench-kube: ${text}\n`);
}
