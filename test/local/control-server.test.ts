import assert from 'node:assert/strict';
import { once } from 'node:events';
import { statSync, writeFileSync } from 'node:fs';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { pathsOf } from '../../src/local/cluster-layout.ts';
import { fetchSnapshot, sendCommand } from '../../src/local/control-client.ts';
import { CONTROL_REQUEST_BYTES_MAX } from '../../src/local/control-protocol.ts';
import { identityOf } from '../../src/local/process-identity.ts';
import {
  aLocalCluster,
  hasSaid,
  type ObservedCluster,
  temporaryFolder,
} from '../support/local-cluster-kit.ts';

async function aReadyCluster(t: TestContext): Promise<ObservedCluster & { readonly folder: string }> {
  const folder = temporaryFolder(t);
  const { cluster, journal } = await aLocalCluster(t, { folder, size: 2 });
  await journal.until(() => [0, 1].every((ordinal) => hasSaid(journal, ordinal, 'gate answered')));
  return { cluster, journal, folder };
}

/** Sends any bytes at all; gives the answer's status and body. */
async function post(folder: string, body: string): Promise<readonly [number | undefined, string]> {
  const request = httpRequest({ socketPath: pathsOf(folder).controlSocket, method: 'POST', agent: false });
  request.end(body);
  const [response]: IncomingMessage[] = await once(request, 'response');
  const chunks: Buffer[] = [];
  for await (const chunk of response ?? []) {
    chunks.push(Buffer.from(chunk));
  }
  return [response?.statusCode, Buffer.concat(chunks).toString()];
}

describe('commands to a running cluster', () => {
  it('show each member with its processes, folders and the word of its agent', async (t) => {
    const { cluster, folder } = await aReadyCluster(t);
    const snapshot = await fetchSnapshot(folder, t.signal);
    assert.deepEqual(
      snapshot.members.map(({ name, ordinal, dataFolder, word }) => ({
        name,
        ordinal,
        dataFolder,
        word: word.kind,
      })),
      [0, 1].map((ordinal) => ({
        name: `demo-${ordinal}`,
        ordinal,
        dataFolder: join(folder, 'volumes', String(ordinal), 'data'),
        word: 'answers',
      })),
    );
    assert.deepEqual(
      snapshot.members.map(({ agent, etcd }) =>
        [agent.pid, etcd.pid].map((pid) => identityOf(pid ?? 0)?.pid),
      ),
      (await cluster.snapshot()).members.map(({ agent, etcd }) => [agent.pid, etcd.pid]),
    );
  });

  it('show an agent that is stopped as silent', async (t) => {
    const { cluster, folder } = await aReadyCluster(t);
    cluster.killContainer(1, 'agent', 'SIGSTOP');
    const { members } = await fetchSnapshot(folder, t.signal);
    assert.deepEqual(
      members.map(({ word }) => word),
      [members[0]?.word, { kind: 'silent', why: 'no answer in time' }],
    );
    assert.equal(members[0]?.word.kind, 'answers');
    cluster.killContainer(1, 'agent', 'SIGCONT');
  });

  it('scale', async (t) => {
    const { cluster, journal, folder } = await aReadyCluster(t);
    await sendCommand(folder, { command: 'scale', replicas: 1 }, t.signal);
    assert.equal(cluster.replicas(), 1);
    await journal.until(() =>
      journal.events.some((event) => event.kind === 'pod-gone' && event.ordinal === 1),
    );
  });

  it('kill one process of one member and say which', async (t) => {
    const { journal, folder } = await aReadyCluster(t);
    const answer = await sendCommand(
      folder,
      { command: 'kill', ordinal: 1, container: 'etcd', signal: 'SIGKILL' },
      t.signal,
    );
    const { pid } = answer as { pid: number };
    await journal.until(() =>
      journal.events.some((event) => event.kind === 'container-exited' && event.pid === pid),
    );
  });

  it('delete a Pod and wipe a volume, and return when that is done', async (t) => {
    const { cluster, folder } = await aReadyCluster(t);
    const [before] = (await cluster.snapshot()).members;
    await sendCommand(folder, { command: 'delete-pod', ordinal: 0, force: true }, t.signal);
    const volume = cluster.template.paths.volumeOf(1);
    writeFileSync(join(volume, 'data'), '');
    await sendCommand(folder, { command: 'wipe', ordinal: 1 }, t.signal);
    assert.equal(statSync(join(volume, 'data'), { throwIfNoEntry: false }), undefined);
    const [after] = (await cluster.snapshot()).members;
    assert.notEqual(after?.podUid, before?.podUid);
  });

  it('bring it down, and are answered once nothing runs any more', async (t) => {
    const { cluster, folder } = await aReadyCluster(t);
    const { members } = await cluster.snapshot();
    await sendCommand(folder, { command: 'down' }, t.signal);
    const pids = members.flatMap(({ agent, etcd }) => [agent.pid ?? 0, etcd.pid ?? 0]);
    assert.deepEqual(pids.map(identityOf), [undefined, undefined, undefined, undefined]);
    await assert.rejects(fetchSnapshot(folder, t.signal), { code: 'CLUSTER_NOT_RUNNING' });
  });

  it('pass a refusal on in the words of the cluster', async (t) => {
    const { folder } = await aReadyCluster(t);
    await assert.rejects(sendCommand(folder, { command: 'scale', replicas: 99 }, t.signal), {
      code: 'SIZE_INVALID',
      message: '99 members are not possible; give a whole number from 0 to 9',
    });
    await assert.rejects(sendCommand(folder, { command: 'wipe', ordinal: 9 }, t.signal), {
      code: 'SIZE_INVALID',
    });
  });

  it('are refused when they are none', async (t) => {
    const { folder } = await aReadyCluster(t);
    for (const body of ['', 'x', '[]', '{"command":"format"}', '{"command":"scale","replicas":"3"}']) {
      const [status, text] = await post(folder, body);
      assert.equal(status, 400);
      assert.equal(JSON.parse(text).code, 'CONTROL_FAILED');
    }
    const [status] = await post(
      folder,
      `{"command":"status","x":"${'x'.repeat(CONTROL_REQUEST_BYTES_MAX)}"}`,
    );
    assert.equal(status, 400);
  });

  it('reach only who owns the folder', async (t) => {
    const { folder } = await aReadyCluster(t);
    assert.equal(statSync(pathsOf(folder).controlSocket).mode & 0o777, 0o600);
  });
});

describe('commands without a running cluster', () => {
  const notRunning = (folder: string): object => ({
    code: 'CLUSTER_NOT_RUNNING',
    message: `no cluster is running in ${folder}; start one with \`quorate up\`, or give the state folder of the one you mean`,
  });

  it('say so when there is no folder, no socket, or a dead one', async (t) => {
    const folder = temporaryFolder(t);
    await assert.rejects(fetchSnapshot(join(folder, 'none'), t.signal), notRunning(join(folder, 'none')));
    await assert.rejects(fetchSnapshot(folder, t.signal), notRunning(folder));
    writeFileSync(pathsOf(folder).controlSocket, '');
    await assert.rejects(fetchSnapshot(folder, t.signal), notRunning(folder));
    const long = join(folder, 'x'.repeat(120));
    await assert.rejects(fetchSnapshot(long, t.signal), notRunning(long));
  });

  it('do not take somebody else on the socket for a supervisor', async (t) => {
    const folder = temporaryFolder(t);
    const server = createServer((socket) => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}'));
    server.listen(pathsOf(folder).controlSocket);
    await once(server, 'listening');
    t.after(() => server.close());
    await assert.rejects(fetchSnapshot(folder, t.signal), { code: 'CONTROL_FAILED' });
  });

  it('can be given up', async (t) => {
    const folder = temporaryFolder(t);
    const server = createServer();
    server.listen(pathsOf(folder).controlSocket);
    await once(server, 'listening');
    t.after(() => server.close());
    await assert.rejects(fetchSnapshot(folder, AbortSignal.abort()), { code: 'CONTROL_FAILED' });
  });
});
