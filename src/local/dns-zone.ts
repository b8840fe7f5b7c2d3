import { isIPv4 } from 'node:net';
import type { SoaAnswer, SrvAnswer, StringAnswer, TxtAnswer } from 'dns-packet';

/** A Pod behind a headless Service that publishes unready addresses. */
export type PodRecord = {
  /** The Pod's host name, which in a StatefulSet is its name. */
  readonly name: string;
  /** IPv4. A Pod without one yet is not published. */
  readonly address: string;
  readonly service: string;
  readonly namespace: string;
};

/** A named TCP port, the same for every Service. */
export type ServicePort = { readonly name: string; readonly port: number };

/** All that the server knows at one moment. */
export type LocalZone = {
  /** Such as `cluster.local`. */
  readonly domain: string;
  readonly pods: readonly PodRecord[];
  readonly ports: readonly ServicePort[];
  readonly ttlSeconds: number;
};

export type ZoneRecord = StringAnswer | SrvAnswer | TxtAnswer | SoaAnswer;

const REVERSE_ZONE = 'in-addr.arpa';

/** Kubernetes DNS specification 1.1.0, §2.2. */
const SCHEMA_VERSION = '1.1.0';
const SCHEMA_TTL_SECONDS = 28_800;

/**
 * Every record of the zones, as the kubernetes plugin of CoreDNS 1 has them for headless Services:
 * Kubernetes DNS specification 1.1.0, §2.4. Names are in lower case.
 */
export function zoneRecords(zone: LocalZone): readonly ZoneRecord[] {
  const pods = zone.pods.filter((pod) => isIPv4(pod.address));
  const version = { name: `dns-version.${domainOf(zone)}`, data: SCHEMA_VERSION, ttl: SCHEMA_TTL_SECONDS };
  return withoutDuplicates([
    ...zoneNames(zone).map((name) => authorityRecord(name, zone.ttlSeconds)),
    { type: 'TXT', ...version },
    ...pods.flatMap((pod) => addressRecords(pod, zone)),
    ...[...Map.groupBy(pods, (pod) => serviceNameOf(pod, zone))].flatMap(([service, behind]) =>
      serviceRecords(service, behind, zone),
    ),
  ]);
}

/** The names this server has authority for, and for all below them. */
export function zoneNames(zone: LocalZone): readonly string[] {
  return [domainOf(zone), REVERSE_ZONE];
}

/** A and PTR (§2.4.1, §2.4.3). */
function addressRecords(pod: PodRecord, zone: LocalZone): readonly ZoneRecord[] {
  const ttl = zone.ttlSeconds;
  const name = podNameOf(pod, zone);
  const reverseName = `${pod.address.split('.').reverse().join('.')}.${REVERSE_ZONE}`;
  return [
    { type: 'A', name, ttl, data: pod.address },
    { type: 'A', name: serviceNameOf(pod, zone), ttl, data: pod.address },
    { type: 'PTR', name: reverseName, ttl, data: name },
  ];
}

/** SRV (§2.4.2); CoreDNS answers it for the bare names of Service and Pod as well, with all ports. */
function serviceRecords(service: string, pods: readonly PodRecord[], zone: LocalZone): readonly ZoneRecord[] {
  const targets = [...new Set(pods.map((pod) => podNameOf(pod, zone)))];
  const endpoints = targets.flatMap((target) => zone.ports.map(({ port }) => ({ target, port })));
  return [
    ...zone.ports.flatMap(({ name, port }) =>
      srvRecords(
        `_${name}._tcp.${service}`,
        targets.map((target) => ({ target, port })),
        zone,
      ),
    ),
    ...srvRecords(service, endpoints, zone),
    ...targets.flatMap((target) =>
      srvRecords(
        target,
        endpoints.filter((endpoint) => endpoint.target === target),
        zone,
      ),
    ),
  ];
}

function srvRecords(
  name: string,
  endpoints: readonly { readonly target: string; readonly port: number }[],
  zone: LocalZone,
): readonly ZoneRecord[] {
  // As CoreDNS divides it: 100 among all, at least 1.
  const weight = Math.max(1, Math.floor(100 / endpoints.length));
  return endpoints.map((endpoint) => ({
    type: 'SRV',
    name,
    ttl: zone.ttlSeconds,
    data: { priority: 0, weight, ...endpoint },
  }));
}

/** SOA with CoreDNS's figures; resolvers keep an absence for `minimum` seconds (RFC 2308 §5). */
function authorityRecord(name: string, ttl: number): ZoneRecord {
  const times = { refresh: 7200, retry: 1800, expire: 86_400, minimum: ttl };
  const data = { mname: `ns.dns.${name}`, rname: `hostmaster.${name}`, serial: 1, ...times };
  return { type: 'SOA', name, ttl, data };
}

function podNameOf(pod: PodRecord, zone: LocalZone): string {
  return `${pod.name.toLowerCase()}.${serviceNameOf(pod, zone)}`;
}

function serviceNameOf(pod: PodRecord, zone: LocalZone): string {
  return `${pod.service}.${pod.namespace}.svc.${zone.domain}`.toLowerCase();
}

function domainOf(zone: LocalZone): string {
  return zone.domain.toLowerCase();
}

/** A set of records has no duplicates (RFC 2181 §5). */
function withoutDuplicates(records: readonly ZoneRecord[]): readonly ZoneRecord[] {
  return [...new Map(records.map((record) => [JSON.stringify(record), record])).values()];
}
