/** The manifests without an operator on a real API server, by the very commands they name. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { after, before, describe, it } from 'node:test';
import { parseFormationRecord } from '../../src/model/formation-record.ts';
import { type RealApiServer, startRealApiServer } from '../support/real-api-server.ts';
import { createRealApiClient, type RealApiClient, valueAt } from '../support/real-api-server-client.ts';
import { START_TIMEOUT_MS } from '../support/real-api-server-kinds.ts';

const CACHE = process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache');
const KUBECTL = join(CACHE, 'quorate-kube', process.env['KUBE_VERSION'] ?? 'v1.34.4', 'bin', 'kubectl');
const MANIFESTS = join(import.meta.dirname, '..', '..', 'manifests', 'standalone');
const TEMPLATE = join(MANIFESTS, 'formation.gotemplate');
const RECORD = '/api/v1/namespaces/alone/configmaps/etcd-formation';
const SET = '/apis/apps/v1/namespaces/alone/statefulsets/etcd';

let server: RealApiServer;
let api: RealApiClient;
let folder: string;
before(
  async () => {
    server = await startRealApiServer(AbortSignal.timeout(START_TIMEOUT_MS));
    api = createRealApiClient(server);
    folder = await mkdtemp(join(tmpdir(), 'standalone-'));
    await writeFile(join(folder, 'ca.crt'), server.ca);
    await api.send('POST', '/api/v1/namespaces', { metadata: { name: 'alone' } });
  },
  { timeout: START_TIMEOUT_MS },
);
after(async () => {
  await rm(folder, { recursive: true, force: true });
  await api[Symbol.asyncDispose]();
  await server[Symbol.asyncDispose]();
});

type Outcome = { readonly code: unknown; readonly stdout: string; readonly stderr: string };

async function kubectl(args: readonly string[], input = ''): Promise<Outcome> {
  const access = [
    `--server=${server.url}`,
    `--token=${server.token}`,
    `--certificate-authority=${join(folder, 'ca.crt')}`,
    `--cache-dir=${folder}`,
    '--namespace=alone',
  ];
  const child = spawn(KUBECTL, [...access, ...args], { env: {} });
  child.stdin.end(input);
  const [stdout, stderr, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'close'),
  ]);
  return { code, stdout, stderr };
}

async function applyAll(): Promise<void> {
  const { code, stderr } = await kubectl(['apply', '-f', join(MANIFESTS, 'etcd.yaml')]);
  assert.equal(code, 0, stderr);
}

async function createRecord(): Promise<Outcome> {
  const made = await kubectl(['get', 'statefulset', 'etcd', '-o', `go-template-file=${TEMPLATE}`]);
  assert.equal(made.code, 0, made.stderr);
  return kubectl(['create', '-f', '-'], made.stdout);
}

async function readAt(path: string, field: string): Promise<unknown> {
  return valueAt((await api.send('GET', path)).body, field);
}

describe('an etcd without an operator', () => {
  it('is applied, and has no record until somebody says that it was never formed', async () => {
    await applyAll();
    assert.equal((await api.send('GET', RECORD)).status, 404);
    const { code, stderr } = await createRecord();
    assert.equal(code, 0, stderr);
    assert.deepEqual(parseFormationRecord(String(await readAt(RECORD, 'data.record'))), {
      phase: 'Unformed',
      clusterUid: await readAt(SET, 'metadata.uid'),
      generation: 1,
      maxLearners: 8,
    });
  });

  it('keeps what its agents wrote, whatever is applied or said again', async () => {
    const written = JSON.stringify({
      phase: 'Formed',
      clusterUid: 'u',
      generation: 1,
      maxLearners: 8,
      clusterId: '1',
    });
    const contentType = 'application/merge-patch+json';
    await api.send('PATCH', RECORD, { data: { record: written } }, { contentType });
    await applyAll();
    const again = await createRecord();
    assert.match(again.stderr, /AlreadyExists/);
    assert.notEqual(again.code, 0);
    assert.equal(await readAt(RECORD, 'data.record'), written);
  });

  it('keeps its record when it is deleted, since its volumes stay, too', async () => {
    const { code, stderr } = await kubectl(['delete', '-f', join(MANIFESTS, 'etcd.yaml'), '--wait=false']);
    assert.equal(code, 0, stderr);
    assert.equal((await api.send('GET', RECORD)).status, 200);
  });

  it('is scaled by Kubernetes’ own means', async () => {
    await applyAll();
    const { code, stderr } = await kubectl(['scale', 'statefulset', 'etcd', '--replicas=5']);
    assert.equal(code, 0, stderr);
    assert.equal(await readAt(SET, 'spec.replicas'), 5);
  });

  it('may hold one learner at a time where etcd can do no more', async () => {
    const env = [{ name: 'QUORATE_ETCD_VERSION', value: '3.5.35' }];
    const patch = { spec: { template: { spec: { initContainers: [{ name: 'agent', env }] } } } };
    const contentType = 'application/strategic-merge-patch+json';
    assert.equal((await api.send('PATCH', SET, patch, { contentType })).status, 200);
    await api.send('DELETE', RECORD);
    await createRecord();
    assert.match(String(await readAt(RECORD, 'data.record')), /"maxLearners":1}/);
  });
});
