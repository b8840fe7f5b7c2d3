import type { LookupFunction } from 'node:net';
import type { Resolver } from '../../dns/resolver.ts';

/** How names become addresses for everything this process dials: our resolver, never the system's. */
export type AddressBook = {
  /**
   * The address of `host` as DNS has it now, for decisions: etcd asks anew, too, when it starts (F34).
   * Undefined when it has none or that could not be known.
   */
  addressOf(host: string, signal: AbortSignal): Promise<string | undefined>;
  /** The same in the form that Node's sockets take; knows the own name without asking. */
  readonly lookup: LookupFunction;
};

/** A name that is not asked for, because its address is known without. */
export type KnownName = { readonly host: string; readonly address: string };

/**
 * An address book over `resolver`; sockets it serves end with `signal`. The etcd beside the agent is
 * dialled by its address, so that it is found while there is no DNS (F58).
 */
export function createAddressBook(resolver: Resolver, own: KnownName, signal: AbortSignal): AddressBook {
  const find = async (host: string, givenUp: AbortSignal, age?: 'fresh'): Promise<string | undefined> => {
    const found = await resolver.addressesOf(host, givenUp, age);
    return found.kind === 'found' ? found.addresses[0] : undefined;
  };
  return {
    addressOf: (host, givenUp) => find(host, givenUp, 'fresh'),
    lookup: (host, options, callback) => {
      if (host === own.host) {
        answerLookup(host, own.address, options.all === true, callback);
        return;
      }
      find(host, signal).then(
        (address) => answerLookup(host, address, options.all === true, callback),
        (error: unknown) => callback(error instanceof Error ? error : new Error(String(error)), '', 4),
      );
    },
  };
}

type LookupCallback = Parameters<LookupFunction>[2];

function answerLookup(
  host: string,
  address: string | undefined,
  all: boolean,
  callback: LookupCallback,
): void {
  if (address === undefined) {
    const error = Object.assign(new Error(`${host} has no address`), { code: 'ENOTFOUND' });
    callback(error, '', 4);
  } else if (all) {
    callback(null, [{ address, family: 4 }]);
  } else {
    callback(null, address, 4);
  }
}
