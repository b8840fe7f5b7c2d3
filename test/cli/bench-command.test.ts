import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';

const MODULES = ['bench-command', 'usage-errors'].map(
  (name) => new URL(`../../src/cli/${name}.ts`, import.meta.url).href,
);
const SCRIPT = `
  const { benchCommand } = await import(${JSON.stringify(MODULES[0])});
  const { exitOnUsageErrors } = await import(${JSON.stringify(MODULES[1])});
  const command = benchCommand();
  exitOnUsageErrors(command);
  await command.parseAsync(process.argv.slice(1), { from: 'user' });`;

type Outcome = { readonly code: unknown; readonly stdout: string; readonly stderr: string };

/** The command in a process of its own, as a person runs it. */
async function run(...args: readonly string[]): Promise<Outcome> {
  const child = spawn(process.execPath, ['--input-type=module', '-e', SCRIPT, '--', ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const [stdout, stderr, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'close'),
  ]);
  return { code, stdout, stderr };
}

test('a wrong command line ends with 2 and one line that says what is right', async () => {
  const cases: readonly (readonly [args: readonly string[], expected: RegExp])[] = [
    [['--only', 'speed'], /^bench: --only "speed" is nothing to measure; give some of form, scale, /],
    [['--runs', '0'], /^bench: .*Give a whole number from 1 to 1000\.$/m],
    [['--etcd', '2.3.8'], /^bench: --etcd "2\.3\.8" is not an etcd version this quorate runs/],
    [['--json', '/nowhere/x.json'], /^bench: --json "\/nowhere\/x\.json" cannot be written: /],
  ];
  const outcomes = await Promise.all(cases.map(([args]) => run(...args)));
  for (const [index, [args, expected]] of cases.entries()) {
    const outcome = outcomes[index];
    assert.equal(outcome?.code, 2, args.join(' '));
    assert.equal(outcome?.stdout, '');
    assert.match(outcome?.stderr ?? '', expected);
    assert.equal(outcome?.stderr.trimEnd().split('\n').length, 1);
  }
});

test('its help says what is measured and what the exit codes mean', async () => {
  const { code, stdout } = await run('--help');
  assert.equal(code, 0);
  assert.match(stdout, /lost-disk +a follower and the leader of three lose their disks/);
  assert.match(stdout, /Exit status: 0 all was measured/);
});
