import {
  type Answer,
  AUTHORITATIVE_ANSWER,
  type DecodedPacket,
  decode,
  encode,
  type Question,
  RECURSION_DESIRED,
  TRUNCATED_RESPONSE,
} from 'dns-packet';
import { type LocalZone, type ZoneRecord, zoneNames, zoneRecords } from './dns-zone.ts';

export type DnsTransport = 'udp' | 'tcp';

/** What goes wrong on purpose, for tests and demonstrations. */
export type DnsFault = { readonly kind: 'none' | 'silent' | 'servfail' | 'truncate-all' };

/** A longer query is none: one name of at most 255 bytes, and options. */
export const QUERY_BYTES_MAX = 1232;

const HEADER_BYTES = 12;
/** Without EDNS (RFC 1035 §4.2.1). */
const UDP_BYTES_MAX = 512;
/** With EDNS, however much the client offers: what crosses every network whole (DNS flag day 2020). */
const EDNS_BYTES_MAX = 1232;
/** The length before a message over TCP has 16 bits. */
const TCP_BYTES_MAX = 65_535;

const RESPONSE_BIT = 0x8000;
const OPCODE_BITS = 0x7800;

const NOERROR = 0;
const FORMERR = 1;
const SERVFAIL = 2;
const NXDOMAIN = 3;
const NOTIMP = 4;
const REFUSED = 5;
/** BADVERS is 16: these upper bits go into the OPT record, the lower ones are NOERROR's (RFC 6891 §6.1.3). */
const BADVERS_UPPER_BITS = 1;

/**
 * The response to `query`, as the kubernetes plugin of CoreDNS 1 gives it; undefined when there shall be
 * none: to what is no query at all, and under the fault `silent`. Never throws.
 *
 * One difference: a name exists when it or a name below it has records (RFC 8020), where CoreDNS says
 * NXDOMAIN to names in between such as `_tcp.SERVICE…`.
 */
export function answerQuery(
  query: Buffer,
  zone: LocalZone,
  transport: DnsTransport,
  fault: DnsFault,
): Buffer | undefined {
  if (query.length < HEADER_BYTES || fault.kind === 'silent') {
    return undefined;
  }
  const flags = query.readUInt16BE(2);
  if ((flags & RESPONSE_BIT) !== 0) {
    return undefined; // answering answers could go on for ever between two servers
  }
  const asked = (flags & OPCODE_BITS) === 0 ? readQuery(query) : NOTIMP;
  if (typeof asked === 'number') {
    return encode({ type: 'response', id: query.readUInt16BE(0), flags: (flags & OPCODE_BITS) | asked });
  }
  return encodeFitting(asked, resultOf(asked, zone, fault), transport, fault);
}

type Asked = {
  readonly id: number;
  readonly isRecursionDesired: boolean;
  readonly question: Question;
  /** Undefined without EDNS. */
  readonly edns: { readonly version: number; readonly payloadBytes: number } | undefined;
};

type Result = {
  readonly rcode: number;
  readonly isAuthoritative: boolean;
  readonly answers: readonly ZoneRecord[];
  readonly authorities: readonly ZoneRecord[];
  readonly additionals: readonly ZoneRecord[];
};

/** What `query` asks, or the error code it deserves. */
function readQuery(query: Buffer): Asked | number {
  const packet = query.length <= QUERY_BYTES_MAX && query.readUInt16BE(4) === 1 ? decoded(query) : undefined;
  const question = packet?.questions?.[0];
  if (packet === undefined || question === undefined || !isVerbatim(question, query)) {
    return FORMERR;
  }
  const options = packet.additionals?.find((record) => record.type === 'OPT');
  const edns =
    options?.type === 'OPT'
      ? { version: options.ednsVersion, payloadBytes: options.udpPayloadSize }
      : undefined;
  return { id: query.readUInt16BE(0), isRecursionDesired: packet.flag_rd, question, edns };
}

function decoded(query: Buffer): DecodedPacket | undefined {
  try {
    return decode(query);
  } catch {
    return undefined;
  }
}

/** Whether `question` encodes to the bytes it came from: a label may hold a dot, or be no UTF-8. */
function isVerbatim(question: Question, query: Buffer): boolean {
  const again = encode({ questions: [question] }).subarray(HEADER_BYTES);
  return again.equals(query.subarray(HEADER_BYTES, HEADER_BYTES + again.length));
}

function resultOf(asked: Asked, zone: LocalZone, fault: DnsFault): Result {
  const name = asked.question.name.toLowerCase();
  const apex = zoneNames(zone).find((candidate) => isWithin(name, candidate));
  if (fault.kind === 'servfail' || (asked.edns?.version ?? 0) > 0) {
    return failed(fault.kind === 'servfail' ? SERVFAIL : NOERROR);
  }
  if (apex === undefined || asked.question.class !== 'IN') {
    return failed(REFUSED);
  }
  const records = zoneRecords(zone);
  const answers = records.filter((record) => record.name === name && record.type === asked.question.type);
  const isThere = records.some((record) => isWithin(record.name, name));
  return {
    rcode: isThere ? NOERROR : NXDOMAIN,
    isAuthoritative: true,
    // The owner is spelled as it was asked for, as CoreDNS does.
    answers: answers.map((record) => ({ ...record, name: asked.question.name })),
    // The SOA says how long an absence may be remembered (RFC 2308 §3).
    authorities:
      answers.length > 0 ? [] : records.filter((record) => record.type === 'SOA' && record.name === apex),
    additionals: addressesOfTargets(answers, records),
  };
}

function failed(rcode: number): Result {
  return { rcode, isAuthoritative: false, answers: [], authorities: [], additionals: [] };
}

function addressesOfTargets(
  answers: readonly ZoneRecord[],
  records: readonly ZoneRecord[],
): readonly ZoneRecord[] {
  const targets = new Set(answers.flatMap((record) => (record.type === 'SRV' ? [record.data.target] : [])));
  return records.filter((record) => record.type === 'A' && targets.has(record.name));
}

function isWithin(name: string, ancestor: string): boolean {
  return name === ancestor || name.endsWith(`.${ancestor}`);
}

/** Whole if it fits, else without any record and marked as truncated, as part of a set must not be used. */
function encodeFitting(asked: Asked, result: Result, transport: DnsTransport, fault: DnsFault): Buffer {
  const whole = encodeResponse(asked, result, false);
  const isCut =
    whole.length > bytesMax(asked, transport) || (transport === 'udp' && fault.kind === 'truncate-all');
  return isCut ? encodeResponse(asked, { ...failed(result.rcode), isAuthoritative: true }, true) : whole;
}

function bytesMax(asked: Asked, transport: DnsTransport): number {
  if (transport === 'tcp') {
    return TCP_BYTES_MAX;
  }
  return Math.min(EDNS_BYTES_MAX, Math.max(UDP_BYTES_MAX, asked.edns?.payloadBytes ?? UDP_BYTES_MAX));
}

function encodeResponse(asked: Asked, result: Result, isCut: boolean): Buffer {
  const flags =
    result.rcode |
    (result.isAuthoritative ? AUTHORITATIVE_ANSWER : 0) |
    (asked.isRecursionDesired ? RECURSION_DESIRED : 0) |
    (isCut ? TRUNCATED_RESPONSE : 0);
  return encode({
    type: 'response',
    id: asked.id,
    flags,
    questions: [asked.question],
    answers: [...result.answers],
    authorities: [...result.authorities],
    additionals: [...result.additionals, ...optionsOf(asked)],
  });
}

/** Our OPT record, if the client sent one. */
function optionsOf(asked: Asked): readonly Answer[] {
  if (asked.edns === undefined) {
    return [];
  }
  const extendedRcode = asked.edns.version > 0 ? BADVERS_UPPER_BITS : 0;
  return [
    {
      type: 'OPT',
      name: '.',
      udpPayloadSize: EDNS_BYTES_MAX,
      extendedRcode,
      ednsVersion: 0,
      flags: 0,
      flag_do: false,
      options: [],
    },
  ];
}
