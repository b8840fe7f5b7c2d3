import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { test } from 'node:test';
import { temporaryFolder } from '../support/local-cluster-kit.ts';
import { runProgram, SOURCES } from '../support/run-program.ts';

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
