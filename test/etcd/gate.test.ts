import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { lstatSync, watch } from 'node:fs';
import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { describe, it, type TestContext } from 'node:test';
import { GateUnusableError } from '../../src/etcd/etcd-gate.ts';
import { NamedPipeGate } from '../../src/etcd/named-pipe-gate.ts';
import { type EtcdStart, renderConfig } from '../../src/etcd/render-config.ts';
import { TESTED_ETCD_VERSIONS } from '../../src/model/etcd-version.ts';
import { aGate, type GateUnderTest } from '../support/a-gate.ts';
import { aRenderInputAt, versionOf } from '../support/a-render-input.ts';
import { startEtcdFromFile } from '../support/etcd-from-file.ts';
import { claimLoopbackAddresses } from '../support/loopback-address.ts';

const SEED: EtcdStart = { kind: 'seed', token: 'gate-test', maxLearners: 1 };
const RESUME: EtcdStart = { kind: 'resume', maxLearners: 1, initialCorruptCheck: true };
const SERVING = 'ready to serve client requests';

for (const version of TESTED_ETCD_VERSIONS) {
  describe(`the gate before etcd ${version}`, { timeout: 60_000 }, () => {
    const { minor } = versionOf(version);

    it('answers a start once, and asks again at the next start', async (context) => {
      await using member = await aMember(context, version);
      const { gate, path, directory, asks, until } = member.gate;
      await gate.start(context.signal);
      for (const [start, asked] of [
        [SEED, 1],
        [RESUME, 2],
      ] as const) {
        await using etcd = await startEtcdFromFile(version, path, directory, context.signal);
        await until('asked');
        assert.deepEqual(await gate.answer(member.document(start)), { kind: 'answered' });
        await etcd.line(SERVING);
        assert.equal(asks(), asked);
        assert.equal(gate.state().kind, 'idle');
        await etcd.kill('SIGTERM');
      }
    });

    it('makes etcd exit, not start on defaults, when the agent dies while etcd waits', async (context) => {
      const { path, directory } = await aGate(context, minor);
      const holder = spawn(process.execPath, ['test/support/gate-holder.ts', path, String(minor)], {
        stdio: ['ignore', 'pipe', 'inherit'],
        signal: context.signal,
      });
      const words = createInterface({ input: holder.stdout })[Symbol.asyncIterator]();
      assert.equal((await words.next()).value, 'started');
      await using etcd = await startEtcdFromFile(version, path, directory, context.signal);
      assert.equal((await words.next()).value, 'asked');

      holder.kill('SIGKILL');
      assert.equal(await etcd.exited, 1);
      assert.match(etcd.log(), /failed to verify flags.*yaml/);
      assert.doesNotMatch(etcd.log(), /listeners|data-dir/);
      const traces = (await readdir(directory)).filter((name) => !name.startsWith('etcd.yaml'));
      assert.deepEqual(traces, []);
    });

    it('notices that a waiting etcd died', async (context) => {
      const { gate, path, directory, until } = await aGate(context, minor);
      await gate.start(context.signal);
      await using etcd = await startEtcdFromFile(version, path, directory, context.signal);
      await until('asked');
      await etcd.kill('SIGKILL');
      await until('idle');
      assert.deepEqual(await gate.answer('{}'), { kind: 'gone' });
    });

    it('answers the start that follows one that died while it was held', async (context) => {
      await using member = await aMember(context, version);
      const { gate, path, directory, untilAsks } = member.gate;
      await gate.start(context.signal);
      await using first = await startEtcdFromFile(version, path, directory, context.signal);
      await untilAsks(1);
      await first.kill('SIGKILL');
      await using second = await startEtcdFromFile(version, path, directory, context.signal);
      await untilAsks(2);
      assert.deepEqual(await gate.answer(member.document(SEED)), { kind: 'answered' });
      await second.line(SERVING);
    });

    it('is asked by an etcd that had begun to wait before the agent came', async (context) => {
      const { gate, path, directory, until } = await aGate(context, minor);
      const before = new AbortController();
      await gate.start(before.signal);
      before.abort();
      await using etcd = await startEtcdFromFile(version, path, directory, context.signal);
      await gate.start(context.signal);
      await until('asked');
      assert.notEqual(etcd.pid, 0);
    });

    it('hands over a document of more than a page', async (context) => {
      await using member = await aMember(context, version);
      const { gate, path, directory, until } = member.gate;
      await gate.start(context.signal);
      await using etcd = await startEtcdFromFile(version, path, directory, context.signal);
      await until('asked');
      const whitelist = Array.from({ length: 600 }, (_, index) => `host-${index}.example`).join(',');
      const document = { ...JSON.parse(member.document(SEED)), 'host-whitelist': `*,${whitelist}` };
      assert.deepEqual(await gate.answer(JSON.stringify(document)), { kind: 'answered' });
      assert.match(await etcd.line('starting an etcd server'), /host-599\.example/);
    });
  });
}

describe('the gate', { timeout: 20_000 }, () => {
  it('makes the pipe, and makes it again when it is deleted', async (context) => {
    const { gate, path, directory } = await aGate(context, 6);
    await gate.start(context.signal);
    assert.equal(lstatSync(path).isFIFO(), true);
    await rm(path);
    for await (const _ of changesIn(directory, context.signal)) {
      if (lstatSync(path, { throwIfNoEntry: false })?.isFIFO() === true) {
        break;
      }
    }
  });

  it('keeps a file that has the name of the pipe, and says where', async (context) => {
    const { gate, path, warnings } = await aGate(context, 6);
    await writeFile(path, 'name: theirs\n');
    await gate.start(context.signal);
    assert.equal(lstatSync(path).isFIFO(), true);
    assert.equal(await readFile(`${path}.aside-1`, 'utf8'), 'name: theirs\n');
    assert.deepEqual(warnings, [`${path} was no named pipe; it is kept as ${path}.aside-1`]);
  });

  it('takes over the spare pipe of an agent that died', async (context) => {
    const { gate, path, directory } = await aGate(context, 6);
    const dead = new AbortController();
    await gate.start(dead.signal);
    dead.abort();
    await rm(path);
    await gate.start(context.signal);
    assert.equal(lstatSync(path).isFIFO(), true);
    assert.deepEqual((await readdir(directory)).sort(), ['etcd.yaml', 'etcd.yaml.spare']);
  });

  it('says what to do when no pipe can be made', async (context) => {
    const { directory } = await aGate(context, 6);
    const gate = new NamedPipeGate({
      path: join(directory, 'missing', 'etcd.yaml'),
      etcdMinor: 6,
      nowMs: () => performance.now(),
      onChange: () => {},
      onWarning: () => {},
    });
    await assert.rejects(
      gate.start(context.signal),
      (error) =>
        error instanceof GateUnusableError && error.code === 'GATE_UNUSABLE' && /mkfifo/.test(error.message),
    );
    assert.equal(gate.state().kind, 'unusable');
  });

  it('refuses what is no JSON object, and what is too long', async (context) => {
    const { gate } = await aGate(context, 6);
    await assert.rejects(gate.answer('name: demo-0'), TypeError);
    await assert.rejects(gate.answer(`{"name":"${'x'.repeat(40_000)}"}`), TypeError);
  });

  it('has nobody to answer when nobody asks', async (context) => {
    const { gate } = await aGate(context, 6);
    await gate.start(context.signal);
    assert.deepEqual(await gate.answer('{}'), { kind: 'gone' });
  });

  it('ends what a reader gets with the end of the YAML document', async (context) => {
    const { gate, path, until } = await aGate(context, 6);
    await gate.start(context.signal);
    const reader = spawn('cat', [path], { stdio: ['ignore', 'pipe', 'inherit'], signal: context.signal });
    const chunks = reader.stdout.setEncoding('utf8').toArray();
    await until('asked');
    await gate.answer('{"name":"demo-0"}');
    await once(reader, 'close');
    assert.equal((await chunks).join(''), '{"name":"demo-0"}\n...\n');
  });
});

type MemberUnderTest = AsyncDisposable & {
  readonly gate: GateUnderTest;
  document(start: EtcdStart): string;
};

async function aMember(context: TestContext, version: string): Promise<MemberUnderTest> {
  const addresses = await claimLoopbackAddresses();
  const gate = await aGate(context, versionOf(version).minor);
  const document = (start: EtcdStart): string => {
    const input = aRenderInputAt(addresses.prefix, 0, join(gate.directory, 'data'), {
      etcdVersion: versionOf(version),
      start,
    });
    return renderConfig(input);
  };
  return { gate, document, [Symbol.asyncDispose]: () => addresses[Symbol.asyncDispose]() };
}

/** One turn at once, then one for each change in the directory. */
async function* changesIn(directory: string, signal: AbortSignal): AsyncGenerator<void> {
  const watcher = watch(directory, { signal });
  const changes = new EventTarget();
  let pending = true;
  watcher.on('change', () => {
    pending = true;
    changes.dispatchEvent(new Event('change'));
  });
  try {
    for (;;) {
      if (pending) {
        pending = false;
        yield;
      } else {
        await once(changes, 'change', { signal });
      }
    }
  } finally {
    watcher.close();
  }
}
