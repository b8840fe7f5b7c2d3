/**
 * `quorate operator` as a person runs it. Its help is in a file to be read; after a wanted change:
 * `node --test --test-update-snapshots test/cli/operator-command.test.ts`, and read the difference.
 */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { refusingOrigin } from '../support/http-origin.ts';
import { runProgram, SOURCES, startProgram } from '../support/run-program.ts';
import { aPage, type ScriptedApiServer, serveScriptedApi } from '../support/scripted-api-server.ts';

/** From the last word of a process to its end. */
const ENDS_MS_MAX = 3_000;
const NOWHERE = ['--metrics-bind-address=0', '--health-probe-bind-address=0'];

/** A kubeconfig for a server that wants no credentials. */
function kubeconfigFor(t: TestContext, server: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'quorate-kubeconfig-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const path = join(folder, 'config');
  const config = {
    'current-context': 'here',
    contexts: [{ name: 'here', context: { cluster: 'c', user: 'u' } }],
    clusters: [{ name: 'c', cluster: { server, 'insecure-skip-tls-verify': true } }],
    users: [{ name: 'u', user: {} }],
  };
  writeFileSync(path, JSON.stringify(config));
  return path;
}

describe('quorate operator', () => {
  it('says what its options and variables are', async (t) => {
    const { code, stdout, stderr } = await runProgram(SOURCES, ['operator', '--help']);
    assert.deepEqual([code, stderr], [0, '']);
    const path = join(import.meta.dirname, 'golden', 'operator-help.txt');
    t.assert.fileSnapshot(stdout, path, { serializers: [String] });
  });

  const image = ['--agent-image', 'x:1'];
  const wrong: readonly (readonly [args: readonly string[], env: Record<string, string>, said: RegExp])[] = [
    [[], {}, /required option '--agent-image <image>' not specified/],
    [[...image, '--namespaces', 'a,B'], {}, /--namespaces <list>.*"B" is no name of a namespace/],
    [image, { QUORATE_NAMESPACES: 'a,' }, /QUORATE_NAMESPACES.*"" is no name of a namespace/],
    [[...image, '--workers', '0'], {}, /--workers <n>.*Give a whole number from 1 to 64/],
    [[...image, '--sidecar-mode', 'none'], {}, /Allowed choices are auto, native, ordinary/],
    [
      [...image, '--agent-image-pull-policy', 'Sometimes'],
      {},
      /Allowed choices are Always, IfNotPresent, Never/,
    ],
    [[...image, '--metrics-bind-address', 'here'], {}, /Give a port such as :8080, .* or 0 for nowhere/],
    [[...image, '--health-probe-bind-address', ':99999'], {}, /Give a port such as :8080/],
    [[...image, '--webhook-bind-address', '0'], {}, /Give a port such as :9443/],
    [[...image, '--webhook-service', 'http://here'], {}, /Give the name of a Service, or an address such as/],
    [[...image, '--log-level', 'loud'], {}, /Allowed choices are trace, debug, info, warn/],
    [[...image, 'demo'], {}, /too many arguments/],
  ];
  for (const [args, env, said] of wrong) {
    it(`ends with 2 and one line for ${[...Object.entries(env).flat(), ...args].join(' ')}`, async () => {
      const { code, stdout, stderr } = await runProgram(SOURCES, ['operator', ...args], env);
      assert.deepEqual([code, stdout], [2, '']);
      assert.match(stderr, said);
      assert.equal(stderr.trimEnd().split('\n').length, 1);
    });
  }

  it('ends with 1 and a remedy where there is no kubeconfig, or no server behind it', async (t) => {
    const unreachable = kubeconfigFor(t, await refusingOrigin());
    const cases: readonly (readonly [kubeconfig: string, said: RegExp])[] = [
      ['/nowhere/config', /^quorate operator: .*\/nowhere\/config/],
      [unreachable, /^quorate operator: .*does not tell its version .*check --kubeconfig and the network/],
    ];
    for (const [kubeconfig, said] of cases) {
      const args = ['operator', ...image, ...NOWHERE, '--kubeconfig', kubeconfig];
      const { code, stderr } = await runProgram(SOURCES, args);
      assert.equal(code, 1);
      assert.match(stderr, said);
    }
  });

  it('ends with 1 where somebody else listens at the address of its metrics', async (t) => {
    const occupant = createServer().listen(0, '127.0.0.1');
    await once(occupant, 'listening');
    t.after(() => occupant.close());
    const { port } = Object(occupant.address());
    const kubeconfig = kubeconfigFor(t, await refusingOrigin());
    const addresses = [
      '--metrics-bind-address',
      `127.0.0.1:${port}`,
      '--health-probe-bind-address',
      '127.0.0.1:0',
    ];
    const args = ['operator', ...image, '--kubeconfig', kubeconfig, ...addresses];
    const { child, outcome } = startProgram(SOURCES, args);
    // It has said why, and must not stay: its health would look good from outside.
    assert.ok(child.stderr !== null);
    const [said] = await once(child.stderr, 'data');
    assert.match(String(said), /EADDRINUSE/);
    const timer = setTimeout(() => child.kill('SIGKILL'), ENDS_MS_MAX);
    assert.equal((await outcome).code, 1);
    clearTimeout(timer);
  });

  it('follows the namespaces it is told, by arguments before variables, until it is told to stop', async (t) => {
    const api = await serveScriptedApi(t);
    const kubeconfig = kubeconfigFor(t, api.origin);
    const args = ['--kubeconfig', kubeconfig, '--no-leader-elect', '--namespaces', 'a, b,a'];
    const { child, outcome } = startProgram(SOURCES, ['operator', ...image, ...NOWHERE, ...args], {
      QUORATE_NAMESPACES: 'not-this-one',
      QUORATE_LOG_LEVEL: 'silent',
    });
    t.after(() => child.kill('SIGKILL'));
    assert.deepEqual(await namespacesListed(api), ['a', 'b']);
    child.kill('SIGTERM');
    assert.deepEqual(await outcome, { code: 0, stdout: '', stderr: '' });
  });
});

/** The kinds that are followed, each in each namespace. */
const LISTS_OF_ONE_NAMESPACE = 13;

/** The namespaces of the first lists; every one is answered with nothing. */
async function namespacesListed(api: ScriptedApiServer): Promise<readonly string[]> {
  const namespaces = new Set<string>();
  for (let lists = 0; lists < 2 * LISTS_OF_ONE_NAMESPACE; ) {
    const visit = await api.next();
    if (visit.path === '/version') {
      visit.answer(200, { major: '1', minor: '34' });
    } else if (visit.query.get('watch') === 'true') {
      visit.beginWatch();
    } else {
      namespaces.add(/\/namespaces\/([^/]+)\//.exec(visit.path)?.[1] ?? '(all)');
      visit.answer(200, aPage([], 1));
      lists += 1;
    }
  }
  return [...namespaces].toSorted();
}
