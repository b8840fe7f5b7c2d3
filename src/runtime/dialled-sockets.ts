import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { Socket } from 'node:net';

/** Every TCP connection this process dials, until disposed of. */
export type DialledSockets = Disposable & {
  /** Ends them all, and from now on each one as soon as it is dialled. */
  end(): void;
};

/** Where Node says of each socket that it begins to connect (a built-in channel since Node 18). */
const DIALLED = 'net.client.socket';

/**
 * The system itself goes on for two minutes. No single question waits longer than 1.5 s for its answer, and
 * the first lost packet is sent again after 1 s.
 */
const CONNECT_MS_MAX = 2_000;

/**
 * Holds every TCP connection that this process dials from now on, whichever library does so. grpc-js (1.14)
 * sets no limit to connecting, and lets go of an attempt without ending it: where packets are dropped, as on
 * the way to the address of a Pod that is gone, that keeps an otherwise finished process alive, and a member
 * that is back under its address unfound.
 */
export function holdDialledSockets(): DialledSockets {
  const held = new Set<Socket>();
  let isEnded = false;
  const hold = (message: unknown): void => {
    const socket = socketIn(message);
    if (socket === undefined) {
      return;
    }
    held.add(socket);
    const limit = setTimeout(() => endConnecting(socket), CONNECT_MS_MAX).unref();
    socket.once('connect', () => clearTimeout(limit));
    socket.once('close', () => {
      clearTimeout(limit);
      held.delete(socket);
    });
    if (isEnded) {
      // Not at once: a socket that is destroyed before it connects comes back to life by connecting.
      process.nextTick(() => endNow(socket));
    }
  };
  subscribe(DIALLED, hold);
  return {
    end: () => {
      isEnded = true;
      for (const socket of held) {
        endNow(socket);
      }
    },
    [Symbol.dispose]: () => {
      unsubscribe(DIALLED, hold);
    },
  };
}

function socketIn(message: unknown): Socket | undefined {
  const isOne = typeof message === 'object' && message !== null && 'socket' in message;
  return isOne && message.socket instanceof Socket ? message.socket : undefined;
}

function endNow(socket: Socket): void {
  endConnecting(socket);
  socket.destroy();
}

/** Who connects expects errors; who is connected may not. */
function endConnecting(socket: Socket): void {
  if (socket.connecting) {
    socket.destroy(new Error('the connection was given up before it was made'));
  }
}
