import { once } from 'node:events';
import { createServer, type Server } from 'node:net';

/**
 * Loopback addresses for played Pods, sixty thousand of them, that nobody else who claims this way has, in
 * this process or in another, until they are disposed of or this process ends.
 */
export type PlayedAddresses = AsyncDisposable & {
  /** One that was not given out for the longest time: a new Pod has another address than the one before. */
  readonly take: () => string;
  readonly giveBack: (address: string) => void;
};

/** The claim is a listener here, on the network's first address; the system refuses a second one. */
const CLAIM_PORT = 4711;
/** Networks to choose from: 127.64.0.0/10, a /16 each. */
const SECOND_BYTE_FIRST = 64;
const NETWORKS_TOTAL = 64;

/** Claims a network; dispose of it with `await using`. */
export async function claimPlayedAddresses(): Promise<PlayedAddresses> {
  const start = Math.floor(Math.random() * NETWORKS_TOTAL);
  for (let attempt = 0; attempt < NETWORKS_TOTAL; attempt++) {
    const network = `127.${SECOND_BYTE_FIRST + ((start + attempt) % NETWORKS_TOTAL)}`;
    const claim = await listen(`${network}.0.1`);
    if (claim !== undefined) {
      return { ...addressesOf(network), [Symbol.asyncDispose]: () => close(claim) };
    }
  }
  throw new Error(`all ${NETWORKS_TOTAL} networks of played Pods are in use`);
}

function addressesOf(network: string): Pick<PlayedAddresses, 'take' | 'giveBack'> {
  const free: string[] = [];
  for (let third = 1; third < 255; third++) {
    for (let fourth = 1; fourth < 255; fourth++) {
      free.push(`${network}.${third}.${fourth}`);
    }
  }
  let next = 0;
  return {
    take: () => {
      const address = free[next];
      if (address === undefined) {
        throw new Error(`no address is left in ${network}.0.0/16`);
      }
      next += 1;
      return address;
    },
    giveBack: (address) => void free.push(address),
  };
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
