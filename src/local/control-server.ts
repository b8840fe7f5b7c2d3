/** How commands reach the supervisor: HTTP on a unix socket in the state folder, for its owner alone. */
import { chmodSync, rmSync } from 'node:fs';
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import * as v from 'valibot';
import { createBoundedServer, type Patience } from '../runtime/bounded-server.ts';
import { errorText } from '../runtime/error-text.ts';
import { CONTROL_REQUEST_BYTES_MAX, type ControlRequest, controlRequestSchema } from './control-protocol.ts';
import { listenOn } from './listen-on.ts';
import { type LocalClusterCode, LocalClusterError } from './local-cluster-error.ts';
import { readBody } from './read-body.ts';

export type ControlServer = {
  /** Takes no more commands; answers to those under way still go out. */
  readonly close: () => void;
};

/** Carries out one command; what it resolves to is sent as JSON. */
export type ControlHandler = (request: ControlRequest) => Promise<unknown>;

/** A person and a few scripts. */
const ROOM = { connections: 32 } as const;

/** The longest path of a unix socket on Linux: `sun_path` of 108 bytes with its closing zero. */
const SOCKET_PATH_BYTES_MAX = 107;

/**
 * Serves commands at `path`. A socket file left by a killed supervisor is replaced, so the caller must
 * hold the lock of the state folder.
 *
 * @throws LocalClusterError `STATE_PATH_TOO_LONG`, `ADDRESS_IN_USE`
 */
export async function startControlServer(
  path: string,
  handle: ControlHandler,
  patience?: Patience,
): Promise<ControlServer> {
  if (Buffer.byteLength(path) > SOCKET_PATH_BYTES_MAX) {
    throw new LocalClusterError(
      'STATE_PATH_TOO_LONG',
      `${path} is too long for a socket (${SOCKET_PATH_BYTES_MAX} bytes at most); use a state folder with a shorter path`,
    );
  }
  rmSync(path, { force: true });
  const listener: RequestListener = (request, response) => {
    // The command's process ended before its answer was ready.
    serve(request, response, handle).catch(() => response.destroy());
  };
  const server = createBoundedServer(ROOM, listener, patience);
  await listenOn(server, { path });
  chmodSync(path, 0o600);
  return { close: () => server.close() };
}

async function serve(
  request: IncomingMessage,
  response: ServerResponse,
  handle: ControlHandler,
): Promise<void> {
  const body = await readBody(request, CONTROL_REQUEST_BYTES_MAX);
  const parsed = v.safeParse(v.pipe(v.string(), v.parseJson(), controlRequestSchema), body);
  if (!parsed.success) {
    send(response, 400, refusal('CONTROL_FAILED', `not a command: ${v.summarize(parsed.issues)}`));
    return;
  }
  try {
    send(response, 200, await handle(parsed.output));
  } catch (error) {
    const json =
      error instanceof LocalClusterError
        ? refusal(error.code, error.message)
        : refusal('CONTROL_FAILED', errorText(error));
    send(response, 409, json);
  }
}

function refusal(code: LocalClusterCode, message: string): unknown {
  return { code, message };
}

function send(response: ServerResponse, code: number, json: unknown): void {
  response.writeHead(code, { 'content-type': 'application/json', connection: 'close' });
  response.end(`${JSON.stringify(json)}\n`);
}
