/**
 * Runs one suite of the tests: `unit`, `contract`, `simulation`, `integration`, `scenario` or `e2e`; `fast` is
 * `unit` without the coverage gate. The suites differ in what they may take: unit tests run side by side, real
 * clusters one after another. `e2e` needs a Kubernetes cluster and a set-up, which is `e2e/run-e2e.ts`.
 */
import { spawnSync } from 'node:child_process';
import { globSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..');
const SUITES = ['contract', 'simulation', 'integration', 'scenario', 'e2e'] as const;
/** Unit tests of what another suite stands on. */
const UNIT_TESTS_ELSEWHERE = ['e2e/unit'];
/** These share the machine badly: each test runs real servers. */
const ONE_BY_ONE: ReadonlySet<string> = new Set(['contract', 'integration', 'scenario']);
/** No test may take longer; the slowest build a cluster on a loaded machine. */
const TEST_TIMEOUT_MS = 300_000;

/** Lines and functions only: branches of stripped TypeScript are counted wrongly. */
const COVERAGE = [
  '--experimental-test-coverage',
  '--test-coverage-include=src/**',
  '--test-coverage-exclude=src/main.ts',
  '--test-coverage-lines=90',
  '--test-coverage-functions=90',
];

const [suite = 'unit', ...rest] = process.argv.slice(2);
if (suite === 'e2e') {
  const setUp = join(root, 'scripts', 'e2e', 'run-e2e.ts');
  process.exit(spawnSync(process.execPath, [setUp, ...rest], { cwd: root, stdio: 'inherit' }).status ?? 1);
}
const files = rest.length > 0 ? rest : filesOf(suite);
if (files.length === 0) {
  process.stderr.write(`no tests for "${suite}"; write unit, ${SUITES.join(', ')}\n`);
  process.exit(2);
}
const { status } = spawnSync(process.execPath, [...flagsOf(suite), ...files], {
  cwd: root,
  stdio: 'inherit',
});
process.exit(status ?? 1);

function filesOf(name: string): string[] {
  const isUnit = name === 'unit' || name === 'fast';
  const folders = readdirSync(join(root, 'test'))
    .filter((folder) => (isUnit ? ![...SUITES, 'support'].includes(folder) : folder === name))
    .concat(isUnit ? UNIT_TESTS_ELSEWHERE : []);
  return folders.flatMap((folder) => globSync(`test/${folder}/**/*.test.ts`, { cwd: root })).toSorted();
}

function flagsOf(name: string): string[] {
  const reporter = join(root, 'scripts', 'test-reporter.ts');
  const flags = [
    '--test',
    `--test-reporter=${reporter}`,
    '--test-reporter-destination=stdout',
    `--test-timeout=${TEST_TIMEOUT_MS}`,
    `--test-concurrency=${ONE_BY_ONE.has(name) ? 1 : 2}`,
  ];
  return name === 'unit' ? [...flags, ...COVERAGE] : flags;
}
