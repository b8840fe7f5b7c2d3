/**
 * The port to the cluster's DNS. "There is no such name", "the name has no such record" and "it could
 * not be known" are three values: an error is never evidence of absence (F6, F58).
 */

/** Nothing was found, and why. */
export type NotFound =
  /** NXDOMAIN: nobody has published this name. */
  | { readonly kind: 'no-such-name' }
  /** The name exists and has no record of the wanted type, as one that has only AAAA. */
  | { readonly kind: 'no-data' }
  /**
   * SERVFAIL, REFUSED, time-out, malformed or mismatching answers, or the question was given up. `why`
   * is for people.
   */
  | { readonly kind: 'unknown'; readonly why: string };

/** `ttlSeconds` is the smallest TTL among the records used, as the server gave it. */
type Found = { readonly kind: 'found'; readonly ttlSeconds: number };

export type Lookup = (Found & { readonly addresses: readonly string[] }) | NotFound;

export type ServiceTarget = {
  /** Lower case, without a dot at its end. */
  readonly target: string;
  readonly port: number;
  /** What the server told along with the target. Empty means "not told", never "it has none". */
  readonly addresses: readonly string[];
};

export type ServiceLookup = (Found & { readonly targets: readonly ServiceTarget[] }) | NotFound;

/** Names are in lower case, without a dot at their ends. */
export type NameLookup = (Found & { readonly names: readonly string[] }) | NotFound;

/**
 * Every name is taken as fully qualified, with or without a dot at its end; search domains are never
 * tried. No method rejects: whatever goes wrong, and an abort as well, is `unknown`.
 */
export type Resolver = {
  /**
   * IPv4 addresses of `name`. An IPv4 address is its own answer, and nobody is asked. `fresh`: as the server
   * has it now, for decisions; otherwise an answer may be used again for a moment.
   */
  addressesOf(name: string, signal: AbortSignal, age?: 'fresh'): Promise<Lookup>;
  /** SRV targets of `name`, such as `_peer._tcp.SERVICE.NAMESPACE.svc.DOMAIN`. */
  servicesOf(name: string, signal: AbortSignal): Promise<ServiceLookup>;
  /** Names published for the IPv4 `address` (PTR). */
  namesOf(address: string, signal: AbortSignal): Promise<NameLookup>;
};
