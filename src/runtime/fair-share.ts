import type { Server, Socket } from 'node:net';

/**
 * Has `server` take no more than `perAddressMax` connections from one address; what comes beyond that is closed at
 * once. Who holds all it can get then leaves room for others, such as a kubelet and its probes.
 */
export function shareFairly(server: Server, perAddressMax: number): void {
  const open = new Map<string, number>();
  server.prependListener('connection', (socket: Socket) => {
    const address = socket.remoteAddress ?? '';
    const others = open.get(address) ?? 0;
    if (others >= perAddressMax) {
      socket.destroy();
      return;
    }
    open.set(address, others + 1);
    socket.once('close', () => {
      const left = (open.get(address) ?? 1) - 1;
      if (left === 0) {
        open.delete(address);
      } else {
        open.set(address, left);
      }
    });
  });
}
