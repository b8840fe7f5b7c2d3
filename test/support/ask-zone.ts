import assert from 'node:assert/strict';
import {
  type DecodedPacket,
  decode,
  encode,
  type Packet,
  type Question,
  RECURSION_DESIRED,
} from 'dns-packet';
import { answerQuery, type DnsFault, type DnsTransport } from '../../src/local/dns-answer.ts';
import type { LocalZone } from '../../src/local/dns-zone.ts';

export const SERVICE = 'demo-peer.default.svc.cluster.local';
export const POD = `demo-0.${SERVICE}`;
export const NO_FAULT: DnsFault = { kind: 'none' };

/** Two Pods, `demo-0` and `demo-1`, behind one Service with two ports. */
export function aLocalZone(overrides: Partial<LocalZone> = {}): LocalZone {
  return {
    domain: 'cluster.local',
    pods: ['demo-0', 'demo-1'].map((name, ordinal) => ({
      name,
      address: `127.80.9.1${ordinal}`,
      service: 'demo-peer',
      namespace: 'default',
    })),
    ports: [
      { name: 'peer', port: 2380 },
      { name: 'client', port: 2379 },
    ],
    ttlSeconds: 5,
    ...overrides,
  };
}

/** The query for `question`, with id 4711 and RD, and with what `more` says. */
export function aQuery(question: Question, more: Packet = {}): Buffer {
  return encode({ type: 'query', id: 4711, flags: RECURSION_DESIRED, questions: [question], ...more });
}

/** The response to `question`; there must be one. */
export function askZone(
  question: Question,
  zone = aLocalZone(),
  more: Packet = {},
  transport: DnsTransport = 'udp',
  fault = NO_FAULT,
): DecodedPacket {
  const response = answerQuery(aQuery(question, more), zone, transport, fault);
  assert.ok(response !== undefined);
  return decode(response);
}

/** The answer section, one text for each record. */
export function briefOf(response: DecodedPacket): readonly string[] {
  return (response.answers ?? []).map((record) => {
    const data = 'data' in record ? record.data : '';
    const ttl = 'ttl' in record ? record.ttl : '';
    return `${record.name} ${ttl} ${record.type} ${typeof data === 'string' ? data : JSON.stringify(data)}`;
  });
}

/** The response code in words. */
export function rcodeOf(response: DecodedPacket): string {
  const code = (response.flags ?? 0) & 0xf;
  return (
    { 0: 'NOERROR', 1: 'FORMERR', 2: 'SERVFAIL', 3: 'NXDOMAIN', 4: 'NOTIMP', 5: 'REFUSED' }[code] ?? `${code}`
  );
}
