/** Every HTTP listener of this project as it is opened in earnest, but with little patience. */
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import type { Server } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { connect as connectSecurely } from 'node:tls';
import { createAgentMetrics } from '../../src/agent/agent-metrics.ts';
import { StatusBoard } from '../../src/agent/serve/status-board.ts';
import {
  createSecureStatusServer,
  createStatusServer,
  type StatusServerDeps,
} from '../../src/agent/serve/status-server.ts';
import { startApiStandIn } from '../../src/local/api-stand-in.ts';
import { createApiState } from '../../src/local/api-state.ts';
import { createApiStore } from '../../src/local/api-store.ts';
import { startControlServer } from '../../src/local/control-server.ts';
import { plain, servePages } from '../../src/operator/page-server.ts';
import { issueAuthority, issueLeaf } from '../../src/pki/x509-issuer.ts';
import type { Patience } from '../../src/runtime/bounded-server.ts';
import { aManualClock } from '../support/a-clock.ts';
import { aSelf } from '../support/a-member-view.ts';
import { captureLog } from '../support/captured-log.ts';

export type Opened = {
  /** Connects as a client that may speak: under TLS, once both have shown who they are. */
  readonly enter: (from?: string) => Promise<Socket>;
  /** Connects, from an address of its own where one is given, and no more. */
  readonly connect: (from?: string) => Socket;
};

export type HttpListener = {
  readonly connectionsMax: number;
  /** As many of them as one address may have; all where it is left out. */
  readonly perAddressMax?: number;
  /** A whole request that is answered. */
  readonly goodRequest: string;
  /** A path that exists. */
  readonly path: string;
  readonly open: (t: TestContext, patience?: Patience) => Promise<Opened>;
};

const HOST = '127.0.0.1';
const DAY_MS = 86_400_000;

export const HTTP_LISTENERS: Readonly<Record<string, HttpListener>> = {
  'the agent’s plain port': {
    connectionsMax: 128,
    perAddressMax: 64,
    ...asking('/livez'),
    open: async (t, patience) => opened(t, createStatusServer(agentDeps(t), 'all', patience)),
  },
  'the agent’s TLS port': {
    connectionsMax: 128,
    perAddressMax: 64,
    ...asking('/metrics'),
    open: openSecurely,
  },
  'the operator’s port': {
    connectionsMax: 64,
    perAddressMax: 32,
    ...asking('/healthz'),
    open: async (t, patience) => {
      const pages = { '/healthz': async () => plain(200, 'ok\n') };
      return opened(t, await servePages(pages, { host: HOST, port: 0 }, patience));
    },
  },
  'the API server’s stand-in': {
    connectionsMax: 256,
    ...asking('/api/v1/namespaces/default/pods'),
    open: openStandIn,
  },
  'the control socket': {
    connectionsMax: 32,
    path: '/',
    goodRequest: `POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 20\r\n\r\n{"command":"status"}`,
    open: openControl,
  },
};

function asking(path: string): Pick<HttpListener, 'goodRequest' | 'path'> {
  return { path, goodRequest: `GET ${path} HTTP/1.1\r\nhost: x\r\n\r\n` };
}

function agentDeps(t: TestContext): StatusServerDeps {
  return {
    board: new StatusBoard(aSelf(), aManualClock()),
    registry: createAgentMetrics().registry,
    logger: captureLog().logger,
    isReady: async () => ({ ready: true, why: 'voter' }),
    canReach: async () => true,
    hasServed: () => true,
    leave: async () => ({ kind: 'stay', reason: 'StillWanted', message: 'A restart.' }),
    signal: t.signal,
  };
}

async function opened(t: TestContext, server: Server): Promise<Opened> {
  if (!server.listening) {
    server.listen(0, HOST);
    await once(server, 'listening');
  }
  t.after(() => {
    server.close();
    server.closeAllConnections();
  });
  return enteredAt({ host: HOST, port: (server.address() as AddressInfo).port });
}

function enteredAt(where: { host: string; port: number } | { path: string }): Opened {
  const open = (from?: string): Socket =>
    connect(from === undefined ? where : { ...where, localAddress: from }).on('error', () => undefined);
  return {
    connect: open,
    enter: async (from) => {
      const socket = open(from);
      // A connection that is refused is one that has ended.
      await once(socket, 'connect').catch(() => undefined);
      return socket;
    },
  };
}

async function openSecurely(t: TestContext, patience?: Patience): Promise<Opened> {
  const authority = await issueAuthority('ca', Date.now(), DAY_MS);
  const wanted = {
    commonName: 'root',
    dnsNames: ['agent'],
    ipAddresses: [],
    usages: ['server', 'client'],
    lifeMs: DAY_MS,
  } as const;
  const { certificate, key } = await issueLeaf(authority, wanted, Date.now());
  const material = { certificate, key, authorities: authority.certificate };
  const { connect: open } = await opened(
    t,
    createSecureStatusServer(agentDeps(t), material, ['root'], patience),
  );
  return {
    connect: open,
    enter: async (from) => {
      const shown = { cert: certificate, key, ca: authority.certificate, servername: 'agent' };
      const socket = connectSecurely({ ...shown, socket: open(from) }).on('error', () => undefined);
      // A connection that is refused is one that has ended.
      await once(socket, 'secureConnect').catch(() => undefined);
      return socket;
    },
  };
}

async function openStandIn(t: TestContext, patience?: Patience): Promise<Opened> {
  const state = createApiState({
    namespace: 'default',
    name: 'demo',
    uid: 'set-uid',
    replicas: 3,
    nowMs: 0,
  });
  const api = await startApiStandIn({
    store: createApiStore(state, () => undefined),
    address: HOST,
    port: 0,
    ...(patience === undefined ? {} : { patience }),
  });
  t.after(() => api.close());
  return enteredAt({ host: HOST, port: Number(new URL(api.url).port) });
}

async function openControl(t: TestContext, patience?: Patience): Promise<Opened> {
  const folder = await mkdtemp(join(tmpdir(), 'control-'));
  const path = join(folder, 'socket');
  const server = await startControlServer(path, async () => ({}), patience);
  t.after(async () => {
    server.close();
    await rm(folder, { recursive: true });
  });
  return enteredAt({ path });
}
