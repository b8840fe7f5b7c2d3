import type { IncomingMessage, RequestListener, Server, ServerResponse } from 'node:http';
import type { Server as SecureServer } from 'node:https';
import { TLSSocket } from 'node:tls';
import type { Registry } from 'prom-client';
import type { LeaveVerdict } from '../../decide/leave-verdict.ts';
import { ORDINAL_MAX } from '../../model/naming.ts';
import {
  createBoundedSecureServer,
  createBoundedServer,
  type Patience,
} from '../../runtime/bounded-server.ts';
import { errorText } from '../../runtime/error-text.ts';
import type { Logger } from '../../runtime/logger.ts';
import type { TlsMaterial } from '../../runtime/tls-material.ts';
import type { StatusBoard } from './status-board.ts';

export type StatusServerDeps = {
  readonly board: StatusBoard;
  readonly registry: Registry;
  readonly logger: Logger;
  /** Whether a linearizable read through the etcd beside this agent works now. */
  readonly isReady: (signal: AbortSignal) => Promise<{ readonly ready: boolean; readonly why: string }>;
  /** Whether this member can dial the peer port of another ordinal. */
  readonly canReach: (ordinal: number, signal: AbortSignal) => Promise<boolean>;
  /** Whether etcd has served its client port since it was let start. */
  readonly hasServed: () => boolean;
  /** The preStop hook; calls while one is under way share its verdict. */
  readonly leave: () => Promise<LeaveVerdict>;
  readonly signal: AbortSignal;
};

/** On a laptop, eight siblings with four connections each have one address. */
const ROOM = { connections: 128, perAddress: 64 } as const;
/** A long-poll is held at most this long, whatever is asked for. */
const WAIT_MS_MAX = 60_000;

type Reply = { readonly status: number; readonly body: string; readonly contentType: string };
type Route = (url: URL, signal: AbortSignal) => Promise<Reply>;

/**
 * The agent's HTTP server: every page, or only those that probes and hooks ask for where others are for whoever shows
 * a certificate.
 * - `/livez`: this process turns; never asks etcd, so that a sick etcd never costs its agent.
 * - `/readyz`: voter, formed, linearizable read; for people and dashboards, no probe uses it.
 * - `/started`: whether etcd has served its client port since it was let start; its startup probe under TLS.
 * - `/status`: everything, as JSON; `?since=ETAG&wait=30s` waits for a change.
 * - `/reach?ordinal=N`: whether this member can dial that one.
 * - `/leave`: the preStop hook of the etcd container.
 * - `/metrics`: Prometheus.
 */
export function createStatusServer(
  deps: StatusServerDeps,
  pages: 'all' | 'probes' = 'all',
  patience?: Patience,
): Server {
  return createBoundedServer(ROOM, listenerOf(deps, pages), patience);
}

/** Every page, for whoever shows a certificate of the agents' authority in one of `names`. */
export function createSecureStatusServer(
  deps: StatusServerDeps,
  material: TlsMaterial,
  names: readonly string[],
  patience?: Patience,
): SecureServer {
  const listener = listenerOf(deps, 'all');
  const guarded: RequestListener = (request, response) => {
    if (names.includes(nameShownBy(request))) {
      listener(request, response);
    } else {
      response.writeHead(403, { 'content-type': 'text/plain; charset=utf-8' });
      response.end('this certificate is for something else\n');
    }
  };
  return createBoundedSecureServer(ROOM, material, guarded, patience);
}

/** The common name in the certificate of who asks, which TLS has verified. */
function nameShownBy({ socket }: IncomingMessage): string {
  const subject = socket instanceof TLSSocket ? socket.getPeerCertificate().subject : undefined;
  return typeof subject?.CN === 'string' ? subject.CN : '';
}

function listenerOf(deps: StatusServerDeps, pages: 'all' | 'probes'): RequestListener {
  const routes = pages === 'all' ? new Map([...probesOf(deps), ...otherPagesOf(deps)]) : probesOf(deps);
  return (request, response) => {
    handle(deps, routes, request, response).catch((error: unknown) => {
      deps.logger.warn({ err: error, path: request.url }, `request failed: ${errorText(error)}`);
      response.destroy();
    });
  };
}

/** They say nothing that is worth hiding, and a kubelet has no certificate. */
function probesOf(deps: StatusServerDeps): ReadonlyMap<string, Route> {
  return new Map<string, Route>([
    ['/livez', async () => text(200, 'ok\n')],
    ['/readyz', async (_url, signal) => readiness(await deps.isReady(signal))],
    ['/started', async () => (deps.hasServed() ? text(200, 'ok\n') : text(503, 'etcd does not serve yet\n'))],
    ['/leave', async () => json(200, summaryOf(await deps.leave()))],
  ]);
}

function otherPagesOf(deps: StatusServerDeps): ReadonlyMap<string, Route> {
  return new Map<string, Route>([
    ['/status', async (url, signal) => status(deps, url, signal)],
    ['/reach', async (url, signal) => reach(deps, url, signal)],
    [
      '/metrics',
      async () => ({
        status: 200,
        body: await deps.registry.metrics(),
        contentType: deps.registry.contentType,
      }),
    ],
  ]);
}

async function handle(
  deps: StatusServerDeps,
  routes: ReadonlyMap<string, Route>,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  request.resume();
  const gone = new AbortController();
  response.once('close', () => gone.abort());
  const url = URL.parse(request.url ?? '/', 'http://agent');
  const reply =
    url === null
      ? text(400, 'the request names no page\n')
      : await replyTo(request, routes.get(url.pathname), url, AbortSignal.any([deps.signal, gone.signal]));
  if (!response.destroyed) {
    response.writeHead(reply.status, { 'content-type': reply.contentType, 'cache-control': 'no-store' });
    response.end(reply.body);
  }
}

async function replyTo(
  request: IncomingMessage,
  route: Route | undefined,
  url: URL,
  signal: AbortSignal,
): Promise<Reply> {
  if (route === undefined) {
    return text(404, `no such page: ${url.pathname}\n`);
  }
  if (request.method !== 'GET' && !(request.method === 'POST' && url.pathname === '/leave')) {
    return text(405, 'GET only\n');
  }
  return route(url, signal);
}

function readiness(answer: { readonly ready: boolean; readonly why: string }): Reply {
  return text(answer.ready ? 200 : 503, `${answer.why}\n`);
}

async function status(deps: StatusServerDeps, url: URL, signal: AbortSignal): Promise<Reply> {
  const since = url.searchParams.get('since');
  const waitMs = waitMsOf(url.searchParams.get('wait') ?? '0s');
  if (waitMs === undefined) {
    return text(400, `wait is "${url.searchParams.get('wait')}"; write seconds such as 30s\n`);
  }
  return json(200, since === null ? deps.board.status : await deps.board.after(since, waitMs, signal));
}

async function reach(deps: StatusServerDeps, url: URL, signal: AbortSignal): Promise<Reply> {
  const given = url.searchParams.get('ordinal') ?? '';
  const ordinal = Number(given);
  if (!/^[0-9]$/.test(given) || ordinal > ORDINAL_MAX) {
    return text(400, `ordinal is "${given}"; it must be 0 to ${ORDINAL_MAX}\n`);
  }
  return json(200, { reachable: await deps.canReach(ordinal, signal) });
}

function waitMsOf(value: string): number | undefined {
  const match = /^([0-9]{1,4})s?$/.exec(value);
  return match === null ? undefined : Math.min(Number(match[1]) * 1_000, WAIT_MS_MAX);
}

function summaryOf(verdict: LeaveVerdict): { verdict: string; reason: string; message: string } {
  return { verdict: verdict.kind, reason: verdict.reason, message: verdict.message };
}

function json(statusCode: number, value: unknown): Reply {
  return { status: statusCode, body: `${JSON.stringify(value)}\n`, contentType: 'application/json' };
}

function text(statusCode: number, body: string): Reply {
  return { status: statusCode, body, contentType: 'text/plain; charset=utf-8' };
}
