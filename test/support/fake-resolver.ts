import type { Lookup, Resolver } from '../../src/dns/resolver.ts';

const IP_ADDRESS = /^[0-9.]+$/;

/** A resolver that knows these addresses, by name; `unknown` for names it must not tell about. */
export function aFakeResolver(
  addresses: Readonly<Record<string, readonly string[] | 'unknown'>>,
  asked: string[] = [],
): Resolver {
  const lookUp = (name: string): Lookup => {
    const found = IP_ADDRESS.test(name) ? [name] : addresses[name];
    if (found === 'unknown') {
      return { kind: 'unknown', why: 'no answer in time' };
    }
    return found === undefined
      ? { kind: 'no-such-name' }
      : { kind: 'found', addresses: found, ttlSeconds: 5 };
  };
  return {
    addressesOf: async (name, signal) => {
      asked.push(name);
      return signal.aborted ? { kind: 'unknown', why: 'given up' } : lookUp(name);
    },
    servicesOf: async () => ({ kind: 'no-such-name' }),
    namesOf: async () => ({ kind: 'no-such-name' }),
  };
}
