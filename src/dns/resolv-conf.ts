import { isIPv4, isIPv6 } from 'node:net';

/** A server to ask, by address: asking for a name's server must not need a name. */
export type NameServer = { readonly address: string; readonly port: number };

/** As many as resolv.conf(5) allows (MAXNS); further ones would get no try within the time limit. */
export const NAME_SERVERS_MAX = 3;

const DNS_PORT = 53;
const PORT_MAX = 65_535;

/**
 * The name servers of a resolv.conf(5) text, in order. Lines that name no address are passed over, as
 * glibc does; search domains and options are none of our business. May be empty.
 */
export function parseResolvConf(text: string): readonly NameServer[] {
  return text
    .split('\n')
    .map((line) => /^nameserver[ \t]+([^\s;#]+)/.exec(line)?.[1] ?? '')
    .filter((address) => isIPv4(address) || isIPv6(address))
    .slice(0, NAME_SERVERS_MAX)
    .map((address) => ({ address, port: DNS_PORT }));
}

/** The servers in `127.0.0.1:5353,10.0.0.10,[fd00::a]:53`, or one clause on what is wrong. */
export function parseServers(text: string): readonly NameServer[] | { readonly invalid: string } {
  const servers: NameServer[] = [];
  for (const item of text.split(',')) {
    const server = parseServer(item.trim());
    if (server === undefined) {
      return { invalid: `'${item.trim()}' is not ADDRESS or ADDRESS:PORT` };
    }
    servers.push(server);
  }
  return servers.length <= NAME_SERVERS_MAX
    ? servers
    : { invalid: `${servers.length} name servers, and at most ${NAME_SERVERS_MAX} are asked` };
}

/** The form `parseServers` reads. */
export function formatServer(server: NameServer): string {
  return isIPv6(server.address) ? `[${server.address}]:${server.port}` : `${server.address}:${server.port}`;
}

function parseServer(item: string): NameServer | undefined {
  if (isIPv6(item)) {
    return { address: item, port: DNS_PORT };
  }
  const match = /^(?:\[([^\]]+)\]|([^:]+))(?::([0-9]{1,5}))?$/.exec(item);
  const address = match?.[1] ?? match?.[2] ?? '';
  const port = match?.[3] === undefined ? DNS_PORT : Number(match[3]);
  const isAddress = match?.[1] === undefined ? isIPv4(address) : isIPv6(address);
  return isAddress && port >= 1 && port <= PORT_MAX ? { address, port } : undefined;
}
