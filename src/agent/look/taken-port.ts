import { createServer } from 'node:net';
import { errorCode } from '../../runtime/error-text.ts';

/**
 * The first of `ports` on `address` that somebody listens on, such as `127.0.0.1:2379`; undefined when all
 * are free. Found out by listening there for a moment, so only to be asked while etcd does not run.
 */
export async function takenPort(address: string, ports: readonly number[]): Promise<string | undefined> {
  for (const port of ports) {
    if (await isTaken(address, port)) {
      return `${address}:${port}`;
    }
  }
  return undefined;
}

/** Any other refusal than "in use" is etcd's to report: it knows more about what it needs. */
function isTaken(host: string, port: number): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const server = createServer();
  server.once('error', (error) => resolve(errorCode(error) === 'EADDRINUSE'));
  server.listen({ host, port, exclusive: true }, () => server.close(() => resolve(false)));
  return promise;
}
