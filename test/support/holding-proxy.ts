import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';

/** A TCP proxy in front of one HTTP server that can keep requests to itself. */
export type HoldingProxy = AsyncDisposable & {
  /** From now on what connects is taken in and not passed on. */
  readonly hold: () => void;
  /** From now on what connects is passed on; what is held stays held. */
  readonly passOn: () => void;
  /** Request lines, such as `POST /raft HTTP/1.1`, of all connections that are held. */
  readonly held: () => readonly string[];
  /** Breaks the connections that are held and whose request line begins with `beginning`. */
  readonly breakHeld: (beginning: string) => void;
};

type Connection = { readonly socket: Socket; readonly isHeld: boolean; request: string };

/** Listens on `host`, at the same `port` as its `target`. */
export async function startHoldingProxy(host: string, target: string, port: number): Promise<HoldingProxy> {
  const connections = new Set<Connection>();
  let isHolding = false;
  const server = createServer((socket) => {
    const connection: Connection = { socket, isHeld: isHolding, request: '' };
    connections.add(connection);
    socket.on('error', () => {}).once('close', () => connections.delete(connection));
    socket.once('data', (bytes) => {
      connection.request = bytes.toString('latin1').split('\r\n', 1)[0] ?? '';
    });
    if (!connection.isHeld) {
      passTo(socket, target, port);
    }
  });
  server.listen(port, host);
  await once(server, 'listening');
  return {
    hold: () => {
      isHolding = true;
    },
    passOn: () => {
      isHolding = false;
    },
    held: () => [...connections].filter(({ isHeld }) => isHeld).map(({ request }) => request),
    breakHeld: (beginning) => {
      for (const { socket, isHeld, request } of connections) {
        if (isHeld && request.startsWith(beginning)) {
          socket.resetAndDestroy();
        }
      }
    },
    [Symbol.asyncDispose]: async () => {
      for (const { socket } of connections) {
        socket.destroy();
      }
      server.close();
      await once(server, 'close');
    },
  };
}

function passTo(socket: Socket, target: string, port: number): void {
  const onward = connect(port, target);
  onward.on('error', () => {}).once('close', () => socket.destroy());
  socket.once('close', () => onward.destroy());
  socket.pipe(onward).pipe(socket);
}
