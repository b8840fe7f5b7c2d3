import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { describe, it, type TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { fullListener } from '../support/full-listener.ts';
import { claimLoopbackAddresses } from '../support/loopback-address.ts';

const ENTRY = fileURLToPath(new URL('../../src/main.ts', import.meta.url));

type Variables = Readonly<Record<string, string>>;

/** Everything an agent needs, on addresses and a volume of its own. */
async function someVariables(t: TestContext): Promise<Variables> {
  const folder = mkdtempSync(join(tmpdir(), 'quorate-agent-'));
  const addresses = await claimLoopbackAddresses();
  t.after(async () => {
    await addresses[Symbol.asyncDispose]();
    rmSync(folder, { recursive: true });
  });
  return {
    QUORATE_CLUSTER: 'demo',
    QUORATE_NAMESPACE: 'default',
    QUORATE_SERVICE: 'demo-peer',
    QUORATE_POD_NAME: 'demo-0',
    QUORATE_POD_UID: 'pod-0',
    QUORATE_POD_IP: addresses.of(0),
    QUORATE_HOST_TEMPLATE: `${addresses.prefix}1{ordinal}`,
    QUORATE_ETCD_VERSION: '3.6.16',
    QUORATE_VOLUME: folder,
    QUORATE_GATE: join(folder, 'run', 'etcd.yaml'),
    QUORATE_DNS_SERVERS: `${addresses.of(9)}:5353`,
    QUORATE_API_URL: `http://${addresses.of(9)}:16443`,
  };
}

/** Runs `quorate agent`; SIGTERM follows the first that it logs like `until`. */
async function runAgent(
  t: TestContext,
  variables: Variables,
  until = /./,
): Promise<{ code: number; said: string; logged: string }> {
  const agent = spawn(process.execPath, [ENTRY, 'agent'], {
    env: { PATH: process.env['PATH'], ...variables },
    stdio: ['ignore', 'pipe', 'pipe'],
    signal: t.signal,
    killSignal: 'SIGKILL',
  });
  agent.on('error', () => {});
  let logged = '';
  agent.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    const before = logged;
    logged += chunk;
    if (!until.test(before) && until.test(logged)) {
      agent.kill('SIGTERM');
    }
  });
  const [said, [code]] = await Promise.all([text(agent.stderr), once(agent, 'exit')]);
  return { code, said, logged };
}

describe('quorate agent', () => {
  it('ends with 0 when it is told to', async (t) => {
    const { code, said, logged } = await runAgent(t, await someVariables(t));
    assert.deepEqual([code, said], [0, '']);
    assert.match(logged, /"msg":"agent started"/);
  });

  it('ends, and is not killed at the end of its grace period, while packets to an etcd it dials are lost', async (t) => {
    const variables = await someVariables(t);
    await fullListener(t, variables['QUORATE_POD_IP'] ?? '', 2379);
    // By its first decision it has asked etcd.
    const { code, said } = await runAgent(t, variables, /"decision"/);
    assert.deepEqual([code, said], [0, '']);
  });

  it('ends with 2 and a sentence for each problem of its configuration', async (t) => {
    const variables = {
      ...(await someVariables(t)),
      QUORATE_POD_NAME: 'demo-9',
      QUORATE_ETCD_VERSION: '2.0.0',
    };
    const { code, said } = await runAgent(t, variables);
    assert.equal(code, 2);
    assert.deepEqual(said.split('\n'), [
      'quorate agent: CONFIG_INVALID: QUORATE_POD_NAME is "demo-9"; it must be demo-0 to demo-8.',
      'quorate agent: CONFIG_INVALID: QUORATE_ETCD_VERSION is "2.0.0"; etcd 3.5, 3.6, 3.7 are supported, such as 3.6.16.',
      '',
    ]);
  });

  it('ends with 1, and does not stay behind at its gate, when its port is in use', async (t) => {
    const variables = await someVariables(t);
    const host = variables['QUORATE_POD_IP'];
    const occupant = createServer().listen({ host, port: 2382 });
    await once(occupant, 'listening');
    t.after(() => occupant.close());
    const { code, said } = await runAgent(t, variables);
    assert.equal(code, 1);
    assert.match(
      said,
      /cannot listen on 127\.[0-9.]+:2382 .*EADDRINUSE.*set QUORATE_AGENT_PORT.*\(ADDRESS_IN_USE\)\n$/,
    );
  });

  it('ends with 1 when it cannot keep its gate', async (t) => {
    const variables = await someVariables(t);
    const file = join(variables['QUORATE_VOLUME'] ?? '', 'a-file');
    writeFileSync(file, '');
    const { code, said } = await runAgent(t, { ...variables, QUORATE_GATE: join(file, 'etcd.yaml') });
    assert.equal(code, 1);
    assert.match(said, /cannot be made \(E[A-Z]+:.*set QUORATE_GATE to a path.*\(GATE_UNUSABLE\)\n$/);
  });
});
