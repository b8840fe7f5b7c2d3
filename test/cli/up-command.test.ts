import assert from 'node:assert/strict';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { temporaryFolder } from '../support/local-cluster-kit.ts';
import { runProgram, SOURCES, startProgram } from '../support/run-program.ts';

test('runs in the foreground, obeys the other commands, and ends with the cluster', async (t) => {
  const folder = temporaryFolder(t);
  const state = ['--state', folder];
  const run = async (...args: readonly string[]): Promise<string> => {
    const { code, stdout, stderr } = await runProgram(SOURCES, [...args, ...state]);
    assert.equal(code, 0, stderr);
    return stdout;
  };
  const { child, outcome } = startProgram(SOURCES, ['up', '--foreground', '--size', '1', ...state]);
  t.after(() => child.kill('SIGKILL'));
  const serving = Promise.withResolvers<void>();
  child.stdout?.on('data', (chunk: Buffer) => {
    if (chunk.toString().includes('Serving as')) {
      serving.resolve();
    }
  });
  await serving.promise;
  assert.match(await run('scale', '1'), /^1 → 1 in \d+\.\d s$/m);
  assert.match(await run('status'), /^demo-0 +leader /m);
  const killed = JSON.parse(await run('kill', 'leader', 'agent', '--signal', 'TERM', '-o', 'json'));
  assert.deepEqual([killed.name, killed.container, killed.signal], ['demo-0', 'agent', 'SIGTERM']);
  assert.match(await run('scale', '0', '--no-wait'), /^wanted size 1 → 0$/m);
  assert.match(await run('down'), /^The cluster is stopped; its data stays in /);
  const { code, stdout } = await outcome;
  assert.equal(code, 0);
  assert.match(stdout, /demo-0 +etcd started \(process \d+\)/);
  for (const [, pid] of stdout.matchAll(/\(process (\d+)\)/g)) {
    assert.equal(existsSync(`/proc/${pid}`), false);
  }
  assert.match(await run('down', '--purge'), /^Nothing was running; .* is purged\.$/m);
  assert.equal(existsSync(folder), false);
});

test('refuses a state folder it cannot use, before anything is started', async (t) => {
  const parent = temporaryFolder(t);
  const broken = join(parent, 'broken');
  mkdirSync(broken);
  writeFileSync(join(broken, 'cluster.json'), 'no json');
  const file = join(parent, 'file');
  writeFileSync(file, '');
  const cases: readonly (readonly [string, RegExp])[] = [
    [broken, /^quorate: .*cluster\.json cannot be read .* \(STATE_UNREADABLE\)\n$/],
    [join(file, 'below'), /^quorate: .* \(STATE_UNREADABLE\)\n$/],
  ];
  for (const [folder, expected] of cases) {
    const { code, stdout, stderr } = await runProgram(SOURCES, ['up', '--state', folder]);
    assert.match(stderr, expected);
    assert.deepEqual([code, stdout], [1, '']);
  }
});

test('a wrong command line is one clear line and exit code 2', async () => {
  const cases: readonly (readonly [readonly string[], RegExp])[] = [
    [['up', '--size', 'ten'], /^quorate up: option '--size <n>' argument 'ten' is invalid\./],
    [['up', '--etcd', '3.4.1'], /^quorate up: --etcd "3\.4\.1" is not an etcd version this quorate runs;/],
    [['scale', '10'], /^quorate scale: .*'10' is invalid.* Give a whole number from 0 to 9\.\n$/],
    [['scale'], /^quorate scale: missing required argument 'n'\n$/],
    [['kill', '../x'], /^quorate kill: "\.\.\/x" is nobody; give leader, follower, /],
    [
      ['kill', '0', 'kubelet'],
      /^quorate kill: .*'kubelet' is invalid.* Allowed choices are etcd, agent\.\n$/,
    ],
    [['wipe', '9'], /^quorate wipe: "9" is nobody;/],
    [['status', '--json', '--watch'], /^quorate status: .*cannot be used with/],
    [['nothing'], /^quorate: unknown command 'nothing'\n$/],
  ];
  for (const [args, expected] of cases) {
    const { code, stdout, stderr } = await runProgram(SOURCES, args);
    assert.match(stderr, expected);
    assert.deepEqual([code, stdout], [2, ''], args.join(' '));
  }
});
