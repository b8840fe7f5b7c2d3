import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { temporaryFolder } from '../support/local-cluster-kit.ts';
import { BUNDLE, runProgram, SOURCES, startProgram } from '../support/run-program.ts';

test('a tour writes its findings, prints its table and leaves nothing behind', async (t) => {
  const folder = temporaryFolder(t);
  const temporary = temporaryFolder(t);
  const file = join(folder, 'tour.json');
  const args = ['demo', '--steps', 'form,scale:1', '--json', file, '--no-settle', '--seed', '7'];
  const { code, stdout } = await runProgram(BUNDLE, args, { TMPDIR: temporary });
  assert.equal(code, 0, stdout);
  assert.match(stdout, /^Everything held\.$/m);
  assert.match(stdout, /│ scale:1 +│/);
  const report = JSON.parse(readFileSync(file, 'utf8'));
  assert.deepEqual(
    report.steps.map((step: { step: string; voters: number }) => [step.step, step.voters]),
    [
      ['form', 3],
      ['scale:1', 1],
    ],
  );
  assert.equal(report.ok, true);
  assert.equal(report.lost, 0);
  assert.equal(report.hashkvEqual, true);
  assert.equal(report.clusterIds.length, 1);
  assert.equal(report.etcdVersion, '3.6.16');
  assert.equal(report.agentRssBytes.length, 1);
  assert.equal(report.seed, 7);
  assert.ok(report.acknowledged > 0);
  assert.ok(report.steps[1].memberCallsByKind.MemberRemove >= 2);
  assert.deepEqual(readdirSync(temporary), []);
});

test('Ctrl-C ends a tour with everything it started', async (t) => {
  const temporary = temporaryFolder(t);
  const { child, outcome } = startProgram(BUNDLE, ['demo', '--size', '1'], { TMPDIR: temporary });
  const pids: string[] = [];
  let isTold = false;
  child.stdout?.on('data', (chunk: Buffer) => {
    pids.push(...[...chunk.toString().matchAll(/\(process (\d+)\)/g)].flatMap((match) => match[1] ?? []));
    if (pids.length >= 2 && !isTold) {
      isTold = true;
      child.kill('SIGINT');
    }
  });
  const { code } = await outcome;
  assert.equal(code, 130);
  assert.deepEqual(
    pids.filter((pid) => existsSync(`/proc/${pid}`)),
    [],
  );
  assert.deepEqual(readdirSync(temporary), []);
});

test('a wrong command line is one clear line, exit code 2, and nothing is done', async (t) => {
  const temporary = temporaryFolder(t);
  const cases: readonly (readonly [readonly string[], RegExp])[] = [
    [
      ['--size', '0'],
      /^quorate demo: option '--size <n>' argument '0' is invalid\. Give a whole number from 1 to 9\.\n$/,
    ],
    [
      ['--etcd', '3.4.1'],
      /^quorate demo: --etcd "3\.4\.1" is not an etcd version this quorate runs; give .*\n$/,
    ],
    [['--etcd', 'all'], /^quorate demo: --etcd "all" is not an etcd version this quorate runs; give .*\n$/],
    [
      ['--steps', 'form,jump'],
      /^quorate demo: --steps step 2, "jump": there is no such step; there are .*\n$/,
    ],
    [
      ['--steps', 'form,kill:5'],
      /^quorate demo: --steps step 2, "kill:5": the cluster has the members 0 to 2 then\.\n$/,
    ],
    [
      ['--json', '/no/such/folder/x.json'],
      /^quorate demo: --json "\/no\/such\/folder\/x\.json" cannot be written: .*\n$/,
    ],
    [['--seed', '-1'], /^quorate demo: option '--seed <k>' argument '-1' is invalid\. .*\n$/],
    [['--stpes', 'form'], /^quorate demo: unknown option '--stpes' \(Did you mean --steps\?\)\n$/],
    [['more'], /^quorate demo: too many arguments for 'demo'\. Expected 0 arguments but got 1.*\n$/],
  ];
  for (const [args, expected] of cases) {
    const { code, stdout, stderr } = await runProgram(SOURCES, ['demo', ...args], { TMPDIR: temporary });
    assert.match(stderr, expected);
    assert.deepEqual([code, stdout], [2, '']);
  }
  assert.deepEqual(readdirSync(temporary), []);
});

test('help says what the steps are', async () => {
  const { code, stdout } = await runProgram(SOURCES, ['demo', '--help']);
  assert.equal(code, 0);
  assert.match(stdout, /^ {2}wipe:WHO +a member loses its disk$/m);
});
