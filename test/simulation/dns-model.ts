/** The headless Service's names, as CoreDNS with its caches would answer. */
export type DnsModel = {
  /** Published address by ordinal. */
  readonly published: (number | undefined)[];
  /** Ordinals whose record no longer follows the Pod. */
  readonly frozen: Set<number>;
  /** Ordinals whose name is answered with NXDOMAIN. */
  readonly hidden: Set<number>;
  isDown: boolean;
};

/** Names nobody has published yet. */
export function createDnsModel(): DnsModel {
  return { published: [], frozen: new Set(), hidden: new Set(), isDown: false };
}

/** The address that `ordinal`'s name resolves to; undefined when it has none or nobody answers. */
export function resolve(dns: DnsModel, ordinal: number): number | undefined {
  return dns.isDown || dns.hidden.has(ordinal) ? undefined : dns.published[ordinal];
}
