/** Where a server listens; `::` is every address, IPv4 included. */
export type ListenAddress = { readonly host: string; readonly port: number };

/** Reads `:8080`, `127.0.0.1:8080` or `[::1]:8080`; undefined for anything else. */
export function parseListenAddress(text: string): ListenAddress | undefined {
  const match = /^(?:\[(?<six>[0-9a-fA-F:]+)\]|(?<host>[^:\s]*)):(?<port>[0-9]{1,5})$/.exec(text);
  const port = Number(match?.groups?.['port'] ?? Number.NaN);
  if (match === null || port > 65_535) {
    return undefined;
  }
  const host = match.groups?.['six'] ?? match.groups?.['host'] ?? '';
  return { host: host === '' ? '::' : host, port };
}
