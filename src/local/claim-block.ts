/** Finds addresses nobody uses, so that several clusters can run on one machine at once. */
import { once } from 'node:events';
import { createServer } from 'node:net';
import { ORDINAL_MAX } from '../model/naming.ts';
import { type AddressBlock, blockToTry, MEMBER_PORTS, podAddressOf } from './cluster-layout.ts';
import { listenOn } from './listen-on.ts';
import { LocalClusterError } from './local-cluster-error.ts';

/** More clusters than this do not run on one machine; rather a port is taken on all of its addresses. */
const BLOCK_TRIES_MAX = 24;

/**
 * Tries one block after another until `occupy` succeeds on one; gives what `occupy` gave.
 *
 * @throws what `occupy` last threw, when all tries met addresses in use, or at once any other error
 */
export async function claimBlock<T>(
  seed: number,
  occupy: (block: AddressBlock) => Promise<T>,
): Promise<{ readonly block: AddressBlock; readonly occupied: T }> {
  for (let attempt = 0; ; attempt++) {
    const block = blockToTry(seed, attempt);
    try {
      return { block, occupied: await occupy(block) };
    } catch (error) {
      const isTaken = error instanceof LocalClusterError && error.code === 'ADDRESS_IN_USE';
      if (!isTaken || attempt + 1 === BLOCK_TRIES_MAX) {
        throw error;
      }
    }
  }
}

/**
 * Makes sure that every port any member may ever use in `block` can be listened on.
 *
 * @throws LocalClusterError `ADDRESS_IN_USE`, naming the first that cannot
 */
export async function checkMemberPorts(block: AddressBlock): Promise<void> {
  for (let ordinal = 0; ordinal <= ORDINAL_MAX; ordinal++) {
    for (const port of MEMBER_PORTS) {
      const probe = createServer();
      await listenOn(probe, { host: podAddressOf(block, ordinal), port });
      const closed = once(probe, 'close');
      probe.close();
      await closed;
    }
  }
}
