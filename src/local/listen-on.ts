import { once } from 'node:events';
import type { ListenOptions, Server } from 'node:net';
import { errorCode, errorText } from '../runtime/error-text.ts';
import { LocalClusterError } from './local-cluster-error.ts';

/**
 * Starts to listen; gives the port, 0 for a unix socket.
 *
 * @throws LocalClusterError `ADDRESS_IN_USE` when somebody else listens there, or the address cannot be had
 */
export async function listenOn(server: Server, where: ListenOptions): Promise<number> {
  try {
    const listening = once(server, 'listening');
    server.listen(where);
    await listening;
  } catch (error) {
    throw addressInUse(where.path ?? `${where.host}:${where.port}`, error);
  }
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}

/** The error for a `place`, an address with its port or a path, that cannot be listened on. */
export function addressInUse(place: string, cause: unknown): LocalClusterError {
  const message =
    errorCode(cause) === 'EADDRINUSE'
      ? `${place} is in use by another program; end it (\`ss -lntup\` names it) or use another state folder`
      : `cannot listen on ${place} (${errorText(cause)}); it must be a loopback address of this machine`;
  return new LocalClusterError('ADDRESS_IN_USE', message, cause);
}
