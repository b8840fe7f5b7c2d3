import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, type TestContext } from 'node:test';
import type { ApiCredentials } from '../../src/kube/api-credentials.ts';
import { createHttpObjectApi } from '../../src/kube/http-object-api.ts';
import { createHttpTransport } from '../../src/kube/http-transport.ts';
import { findCredentials } from '../../src/kube/kube-config-credentials.ts';
import type { KubeObject } from '../../src/kube/kube-object.ts';
import type { ObjectReader, ObjectWriter, RecordKeeper } from '../../src/kube/object-api.ts';
import type { ResourceType } from '../../src/kube/resource-type.ts';
import { systemClock } from '../../src/runtime/clock.ts';
import { type RealApiServer, startRealApiServer } from '../support/real-api-server.ts';

export const CONFIG_MAP: ResourceType = { apiVersion: 'v1', kind: 'ConfigMap', plural: 'configmaps' };
export const NAMESPACE: ResourceType = { apiVersion: 'v1', kind: 'Namespace', plural: 'namespaces' };

export type ObjectApi = ObjectReader & ObjectWriter & RecordKeeper;

/** A real API server for a test file. */
export type RealServer = {
  readonly server: () => RealApiServer;
  /** Our client, as another field manager if one is named; closed with the test. */
  readonly api: (t: TestContext, fieldManager?: string) => Promise<ObjectApi>;
  /** A new namespace. */
  readonly namespace: (t: TestContext) => Promise<string>;
};

/** Starts it before the file's tests, and ends it after them. */
export function aRealServer(): RealServer {
  let running: RealApiServer | undefined;
  before(async () => {
    running = await startRealApiServer(new AbortController().signal);
  });
  after(async () => {
    await running?.[Symbol.asyncDispose]();
  });
  const server = (): RealApiServer => {
    assert.ok(running !== undefined);
    return running;
  };
  const api = async (t: TestContext, fieldManager = 'quorate'): Promise<ObjectApi> => {
    const transport = createHttpTransport(await credentialsOf(t, server()));
    t.after(() => transport.close());
    return createHttpObjectApi({ transport, fieldManager });
  };
  return {
    server,
    api,
    namespace: async (t) => {
      const name = `test-${randomBytes(6).toString('hex')}`;
      const created = await (await api(t)).create(NAMESPACE, { metadata: { name } }, t.signal);
      assert.equal(created.kind, 'done', JSON.stringify(created));
      return name;
    },
  };
}

/** The credentials that a kubeconfig file for this server gives. */
export async function credentialsOf(
  t: TestContext,
  server: Pick<RealApiServer, 'url' | 'ca' | 'token'>,
): Promise<ApiCredentials> {
  const folder = await mkdtemp(join(tmpdir(), 'quorate-kubeconfig-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const path = join(folder, 'config');
  const ca = Buffer.from(server.ca).toString('base64');
  const config = {
    'current-context': 'here',
    contexts: [{ name: 'here', context: { cluster: 'c', user: 'u' } }],
    clusters: [{ name: 'c', cluster: { server: server.url, 'certificate-authority-data': ca } }],
    users: [{ name: 'u', user: { token: server.token } }],
  };
  await writeFile(path, JSON.stringify(config));
  const found = await findCredentials({ kind: 'file', path }, () => systemClock.nowMs());
  assert.ok(found.kind === 'found', JSON.stringify(found));
  return found.credentials;
}

/** A ConfigMap as somebody wants it. */
export function aConfigMap(
  namespace: string,
  name: string,
  data: Readonly<Record<string, string>> = {},
): KubeObject {
  return { metadata: { name, namespace }, data };
}

/** The etcd behind a server, by its JSON gateway: for what no client of Kubernetes can do. */
export type BackingEtcd = {
  /** Removes an object behind the API server's back. */
  readonly removeKey: (key: string) => Promise<void>;
  /** Forgets all that happened up to now. */
  readonly compact: () => Promise<void>;
};

export async function backingEtcdOf(server: RealApiServer): Promise<BackingEtcd> {
  const url = await etcdUrlOf(new URL(server.url).hostname);
  const ask = async (path: string, body: object): Promise<unknown> => {
    const answer = await fetch(`${url}${path}`, { method: 'POST', body: JSON.stringify(body) });
    assert.equal(answer.status, 200, await answer.clone().text());
    return answer.json();
  };
  return {
    removeKey: async (key) => {
      const removed = await ask('/v3/kv/deleterange', { key: Buffer.from(key).toString('base64') });
      assert.partialDeepStrictEqual(removed, { deleted: '1' });
    },
    compact: async () => {
      const found = await ask('/v3/kv/range', { key: Buffer.from('x').toString('base64') });
      assert.ok(typeof found === 'object' && found !== null && 'header' in found);
      const { header } = found;
      assert.ok(typeof header === 'object' && header !== null && 'revision' in header);
      await ask('/v3/kv/compaction', { revision: header.revision, physical: true });
    },
  };
}

/** What the API server that listens on this address was told; it is a child of ours. */
async function etcdUrlOf(address: string): Promise<string> {
  for (const pid of await readdir('/proc')) {
    const flags = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
    const found = /--etcd-servers=([^\0]+)/.exec(flags)?.[1];
    if (found !== undefined && flags.includes(`--bind-address=${address}\0`)) {
      return found;
    }
  }
  throw new Error(`no API server listens on ${address}`);
}
