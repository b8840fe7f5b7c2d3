import { once } from 'node:events';
import { createServer, type Server } from 'node:net';

/**
 * A /24 network of loopback addresses that nobody else who claims this way has, in this process or in
 * another, until it is disposed of or this process ends. All ports of its addresses are free to use.
 */
export type LoopbackAddresses = AsyncDisposable & {
  /** Such as `127.141.7.`. */
  readonly prefix: string;
  /**
   * The address for the member of `ordinal` (0 to 9): `PREFIX1ORDINAL`, so that `PREFIX1{ordinal}` is the
   * host template of the same addresses.
   */
  readonly of: (ordinal: number) => string;
};

/** The claim is a listener here, on the network's first address; the system refuses a second one. */
const CLAIM_PORT = 4711;

/** Out of 32 000 networks; far more than ever run at once. */
const ATTEMPTS_MAX = 64;

/** Claims a network of loopback addresses; dispose of it with `await using`. */
export async function claimLoopbackAddresses(): Promise<LoopbackAddresses> {
  for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt++) {
    // The second byte is 128 to 254: the lower half is for clusters that people run by hand.
    const prefix = `127.${randomBetween(128, 254)}.${randomBetween(0, 254)}.`;
    const claim = await listen(`${prefix}1`);
    if (claim !== undefined) {
      return { prefix, of: (ordinal) => `${prefix}1${ordinal}`, [Symbol.asyncDispose]: () => close(claim) };
    }
  }
  throw new Error(`no free loopback network after ${ATTEMPTS_MAX} attempts`);
}

function randomBetween(first: number, last: number): number {
  return first + Math.floor(Math.random() * (last - first + 1));
}

async function listen(host: string): Promise<Server | undefined> {
  const server = createServer().unref();
  server.listen({ host, port: CLAIM_PORT, exclusive: true });
  try {
    await once(server, 'listening');
    return server;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EADDRINUSE') {
      return undefined;
    }
    throw error;
  }
}

async function close(server: Server): Promise<void> {
  server.close();
  await once(server, 'close');
}
