/**
 * The end-to-end tests, against the cluster that KUBECONFIG names:
 *
 *     node scripts/e2e/run-e2e.ts [TEST FILE]… [--only REGEXP]
 *
 * Loads the images, puts the operator into the cluster, runs the tests, and takes everything out again. What it
 * can be told is in `e2e-settings.ts`.
 */
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { beginRightsCheck, endRightsCheck, type RightsCheck } from './check-rights.ts';
import { clearNamespaces } from './clear-namespaces.ts';
import { type E2eSettings, readSettings } from './e2e-settings.ts';
import { type InstalledOperator, installOperator, MANIFEST } from './install-operator.ts';
import { layOutImage, provideEtcd, provideImage } from './load-images.ts';
import type { RunFacts } from './run-facts.ts';

/** For the sum of all tests of a file; each test has a much shorter time of its own. */
const FILE_MS_MAX = 2 * 60 * 60_000;
const root = join(import.meta.dirname, '..', '..');
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { only: { type: 'string' } },
});
const settings = readSettings(process.env, existsSync(MANIFEST));
if ('problems' in settings) {
  process.stderr.write(`${settings.problems.map((problem) => `e2e: ${problem}`).join('\n')}\n`);
  process.exit(2);
}
process.exit(await runAll(settings));

async function runAll(settings: E2eSettings): Promise<number> {
  const run = randomBytes(3).toString('hex');
  const scratch = mkdtempSync(join(tmpdir(), 'quorate-e2e-image-'));
  const artefacts = settings.artefacts ?? join(tmpdir(), `quorate-e2e-${run}`);
  mkdirSync(artefacts, { recursive: true });
  const failures = join(artefacts, 'failures.txt');
  writeFileSync(failures, '');
  let installed: InstalledOperator | undefined;
  try {
    const image = await provideImages(settings, scratch);
    const rights = settings.auditLog === undefined ? undefined : beginRightsCheck(settings.auditLog);
    installed = installOperator(settings, image);
    const facts = factsOf(settings, { run, image, scratch, artefacts, installed });
    const file = join(artefacts, 'run.json');
    writeFileSync(file, `${JSON.stringify(facts, undefined, 2)}\n`);
    say(
      `run ${run}, image ${image}, ${whereOperatorIs(facts)}; failures leave their artefacts in ${artefacts}`,
    );
    sayWhatIsLeftOut(settings);
    const code = await runFiles(settings, { QUORATE_E2E_RUN: file, QUORATE_E2E_FAILURES: failures });
    return areRightsRight(rights, installed) ? code : 1;
  } catch (error) {
    say(error instanceof Error ? error.message : String(error));
    return 1;
  } finally {
    if (settings.keep) {
      say(
        `QUORATE_E2E_KEEP=1: the namespaces of run ${run} stay: kubectl get namespaces -l quorate.test/run=${run}`,
      );
    } else {
      const left = clearNamespaces(settings.kubectl, run);
      say(left === '' ? 'everything was taken out of the cluster again' : `left in the cluster: ${left}`);
      installed?.remove();
    }
    rmSync(scratch, { recursive: true, force: true });
    process.stdout.write(readFileSync(failures, 'utf8'));
  }
}

/** Of a run that was not whole, it is only said what is wrong in any run. */
function areRightsRight(rights: RightsCheck | undefined, { deployment }: InstalledOperator): boolean {
  if (rights === undefined) {
    return true;
  }
  const isWhole = positionals.length === 0 && values.only === undefined;
  const { summary, problems } = endRightsCheck(rights, deployment, isWhole);
  for (const line of [...summary, ...problems.map((problem) => `NOT RIGHT: ${problem}`)]) {
    say(`rights: ${line}`);
  }
  return problems.length === 0;
}

async function provideImages(settings: E2eSettings, scratch: string): Promise<string> {
  const folder = join(scratch, 'image');
  layOutImage(folder);
  const image = provideImage(settings, folder);
  await provideEtcd(settings, join(scratch, 'etcd'));
  return image;
}

type Provided = {
  readonly run: string;
  readonly image: string;
  readonly scratch: string;
  readonly artefacts: string;
  readonly installed: InstalledOperator;
};

function factsOf(settings: E2eSettings, { run, image, scratch, artefacts, installed }: Provided): RunFacts {
  const { kubectl, keep, security, nodectl, restartApi } = settings;
  const { deployment } = installed;
  return {
    run,
    kubectl,
    image,
    program: join(scratch, 'image', 'app', 'bin', 'quorate.cjs'),
    security,
    keep,
    artefacts,
    ...(deployment === undefined ? {} : { deployment }),
    ...(nodectl === undefined ? {} : { nodectl }),
    ...(restartApi === undefined ? {} : { restartApi }),
  };
}

/** What the tests and their reporter are told: the files of the run's facts and of its failures. */
type Environment = { readonly QUORATE_E2E_RUN: string; readonly QUORATE_E2E_FAILURES: string };

/**
 * Tests that wait for minutes, for clients or for the clock, run beside all others, and those that stop the operator or
 * take nodes away after them, one at a time.
 */
async function runFiles(settings: E2eSettings, environment: Environment): Promise<number> {
  const named = positionals.map((path) => relative(root, resolve(path)));
  const files = (pattern: string): string[] =>
    globSync(pattern, { cwd: root })
      .filter((path) => named.length === 0 || named.includes(path))
      .toSorted();
  const beside = await Promise.all([
    runTests(files('test/e2e/*.test.ts'), settings.filesAtOnce, environment),
    runTests(files('test/e2e/waiting/*.test.ts'), settings.filesAtOnce, environment),
  ]);
  const alone = await runTests(files('test/e2e/exclusive/*.test.ts'), 1, environment);
  return [...beside, alone].find((code) => code !== 0) ?? 0;
}

async function runTests(
  files: readonly string[],
  filesAtOnce: number,
  environment: Environment,
): Promise<number> {
  if (files.length === 0) {
    return 0;
  }
  const flags = [
    '--test',
    `--test-reporter=${join(root, 'scripts', 'e2e', 'e2e-reporter.ts')}`,
    '--test-reporter-destination=stdout',
    `--test-timeout=${FILE_MS_MAX}`,
    `--test-concurrency=${filesAtOnce}`,
    ...(values.only === undefined ? [] : [`--test-name-pattern=/${values.only}/`]),
  ];
  const child = spawn(process.execPath, [...flags, ...files], {
    cwd: root,
    stdio: 'inherit',
    env: { ...process.env, ...environment },
  });
  // The terminal tells the whole group; whoever signals only us means the tests, too.
  const passOn = (signal: NodeJS.Signals): void => void child.kill(signal);
  process.on('SIGINT', passOn);
  process.on('SIGTERM', passOn);
  const { promise, resolve: ended } = Promise.withResolvers<number>();
  child.once('exit', (code) => ended(code ?? 1));
  const code = await promise;
  process.off('SIGINT', passOn);
  process.off('SIGTERM', passOn);
  return code;
}

function whereOperatorIs({ deployment }: RunFacts): string {
  return deployment === undefined
    ? 'an operator on this machine for each test'
    : `operator in ${deployment.namespace}/${deployment.name}`;
}

function sayWhatIsLeftOut({ nodectl, restartApi, auditLog, operator }: E2eSettings): void {
  if (operator === 'host') {
    say('QUORATE_E2E_OPERATOR is host: the cluster is taken for shared, and no node is drained');
  }
  if (nodectl === undefined) {
    say('QUORATE_E2E_NODECTL is not set: no node is killed or cut off');
  }
  if (restartApi === undefined) {
    say('QUORATE_E2E_API_RESTART is not set: the API server is not restarted');
  }
  if (auditLog === undefined) {
    say('QUORATE_E2E_AUDIT_LOG is not set: rights are not compared with what was done with them');
  }
}

function say(text: string): void {
  process.stdout.write(`e2e: ${text}\n`);
}
