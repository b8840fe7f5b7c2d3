import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { temporaryFolder } from '../support/local-cluster-kit.ts';
import { BUNDLE, runProgram, startProgram } from '../support/run-program.ts';

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
