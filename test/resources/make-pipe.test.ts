import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { lstatSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { promisify } from 'node:util';
import { agentSidecar, pipeMaker } from '../../src/resources/agent-container.ts';
import { GATE_PATH } from '../../src/resources/paths.ts';
import { aGate } from '../support/a-gate.ts';
import { aBlueprint } from './a-blueprint.ts';

/** The command of the Pod, with the pipe at `path`. */
async function makePipe(path: string): Promise<void> {
  const [program = '', ...given] = pipeMaker(aBlueprint()).command;
  await promisify(execFile)(
    program,
    given.map((text) => text.replaceAll(GATE_PATH, path)),
  );
}

function aFolder(context: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'pipe-'));
  context.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

describe('the command that makes the pipe', () => {
  it('makes it, and leaves one that is there as it is', async (context) => {
    const path = join(aFolder(context), 'etcd.yaml');
    await makePipe(path);
    const made = lstatSync(path);
    assert.ok(made.isFIFO());
    await makePipe(path);
    assert.equal(lstatSync(path).ino, made.ino);
  });

  it('succeeds whoever is first', async (context) => {
    const path = join(aFolder(context), 'etcd.yaml');
    await Promise.all([makePipe(path), makePipe(path), makePipe(path)]);
    assert.ok(lstatSync(path).isFIFO());
  });

  it('gets along with an agent that starts at the same time', async (context) => {
    const { gate, path } = await aGate(context, 6);
    await Promise.all([gate.start(context.signal), makePipe(path), makePipe(path)]);
    assert.ok(lstatSync(path).isFIFO());
    assert.deepEqual(gate.state(), { kind: 'idle' });
  });

  it('fails where it cannot, so that no etcd is started without it', async (context) => {
    await assert.rejects(makePipe(join(aFolder(context), 'missing', 'etcd.yaml')));
  });

  it('is the one that the sidecar runs', () => {
    const { command } = pipeMaker(aBlueprint());
    assert.deepEqual(agentSidecar(aBlueprint()).lifecycle?.postStart, { exec: { command } });
  });
});
