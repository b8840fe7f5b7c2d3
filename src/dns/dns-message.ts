/** DNS messages (RFC 1035): the questions asked and what their answers mean. No I/O. */
import { isIPv4 } from 'node:net';
import { type Answer, type DecodedPacket, decode, encode, RECURSION_DESIRED } from 'dns-packet';
import { canonicalName } from './canonical-name.ts';
import type { Lookup, NameLookup, NotFound, ServiceLookup } from './resolver.ts';

export type QuestionType = 'A' | 'SRV' | 'PTR';

/** `name` is canonical. */
export type Question = { readonly type: QuestionType; readonly name: string };

/**
 * What fits one UDP answer (EDNS, RFC 6891). 1232 bytes cross every network unfragmented (DNS flag day
 * 2020), and it is what etcd's own resolver, Go's, asks for.
 */
export const UDP_ANSWER_BYTES = 1232;

/** Aliases followed within one answer; CoreDNS stops at 8 as well. */
const ALIASES_MAX = 8;

const HEADER_BYTES = 12;
/** Type and class. */
const QUESTION_TAIL_BYTES = 4;
/** An empty name, type, class, TTL and length. */
const RECORD_BYTES_MIN = 11;
/** RFC 2181 §8: a TTL with the highest bit set is zero. */
const TTL_SECONDS_MAX = 2 ** 31 - 1;

const NAME_ERROR = 3;
const RCODES: Readonly<Record<number, string>> = { 1: 'FORMERR', 2: 'SERVFAIL', 4: 'NOTIMP', 5: 'REFUSED' };

const MALFORMED: NotFound = { kind: 'unknown', why: 'its answer is malformed' };

/** The query for `question`; `id` is random, 0 to 65535. */
export function encodeQuery(id: number, question: Question): Buffer {
  return encode({
    type: 'query',
    id,
    flags: RECURSION_DESIRED,
    questions: [{ ...question, class: 'IN' }],
    additionals: [
      {
        type: 'OPT',
        name: '.',
        udpPayloadSize: UDP_ANSWER_BYTES,
        extendedRcode: 0,
        ednsVersion: 0,
        flags: 0,
        flag_do: false,
        options: [],
      },
    ],
  });
}

/** Whether `reply` answers exactly `query`: same id and question; everything else is noise or forged. */
export function isReplyTo(query: Buffer, question: Question, reply: Buffer): boolean {
  const nameEnd = HEADER_BYTES + question.name.length + 2;
  const questionEnd = nameEnd + QUESTION_TAIL_BYTES;
  return (
    reply.length >= questionEnd &&
    reply.readUInt16BE(0) === query.readUInt16BE(0) &&
    (reply.readUInt8(2) & 0b1_1111_000) === 0b1_0000_000 && // a response to a standard query
    reply.readUInt16BE(4) === 1 &&
    latin1(query, HEADER_BYTES, nameEnd).toLowerCase() ===
      latin1(reply, HEADER_BYTES, nameEnd).toLowerCase() &&
    latin1(query, nameEnd, questionEnd) === latin1(reply, nameEnd, questionEnd)
  );
}

/** Whether the server cut `reply`. Read from the header: what follows may stop in mid-record. */
export function isTruncated(reply: Buffer): boolean {
  return (reply.readUInt8(2) & 0b10) !== 0;
}

/** What `reply`, an answer to the A question for `name`, says. */
export function readAddresses(name: string, reply: Buffer): Lookup {
  const said = recordsOf(name, 'A', reply);
  if (said.kind !== 'found') {
    return said;
  }
  const addresses = addressesIn(said.records);
  return addresses.every(isIPv4)
    ? { kind: 'found', addresses, ttlSeconds: ttlSecondsOf(said.records) }
    : MALFORMED;
}

/** What `reply`, an answer to the SRV question for `name`, says. */
export function readServices(name: string, reply: Buffer): ServiceLookup {
  const said = recordsOf(name, 'SRV', reply);
  if (said.kind !== 'found') {
    return said;
  }
  // RFC 2782: the target "." says that the service is decidedly not available.
  const services = said.records.flatMap((record) => (record.type === 'SRV' ? [record.data] : []));
  const offered = services.filter((service) => service.target !== '.');
  const targets = offered.flatMap((service) => {
    const target = canonicalName(service.target);
    const glue = target === undefined ? [] : ownedBy(target, 'A', said.additionals);
    const addresses = addressesIn(glue).filter(isIPv4);
    return target === undefined ? [] : [{ target, port: service.port, addresses }];
  });
  if (targets.length < offered.length) {
    return MALFORMED;
  }
  return targets.length === 0
    ? { kind: 'no-data' }
    : { kind: 'found', targets, ttlSeconds: ttlSecondsOf(said.records) };
}

/** What `reply`, an answer to the PTR question for `name`, says. */
export function readNames(name: string, reply: Buffer): NameLookup {
  const said = recordsOf(name, 'PTR', reply);
  if (said.kind !== 'found') {
    return said;
  }
  const texts = said.records.flatMap((record) => (record.type === 'PTR' ? [record.data] : []));
  const names = texts.flatMap((text) => canonicalName(text) ?? []);
  return names.length === texts.length
    ? { kind: 'found', names: unique(names), ttlSeconds: ttlSecondsOf(said.records) }
    : MALFORMED;
}

/** The records that answer a question, with the aliases that led to them. */
type Records = {
  readonly kind: 'found';
  readonly records: readonly Answer[];
  readonly additionals: readonly Answer[];
};

function recordsOf(name: string, type: QuestionType, reply: Buffer): Records | NotFound {
  const packet = decodeReply(reply);
  if (packet === undefined) {
    return MALFORMED;
  }
  const rcode = rcodeOf(packet);
  if (rcode === NAME_ERROR) {
    return { kind: 'no-such-name' };
  }
  if (rcode !== 0) {
    return { kind: 'unknown', why: `it says ${RCODES[rcode] ?? `error ${rcode}`}` };
  }
  const answers = packet.answers ?? [];
  const aliases = aliasesOf(name, type, answers);
  if (aliases.length > ALIASES_MAX) {
    return { kind: 'unknown', why: `its answer has more than ${ALIASES_MAX} aliases, or a circle of them` };
  }
  const records = ownedBy(ownerAfter(name, aliases), type, answers);
  return records.length > 0
    ? { kind: 'found', records: [...aliases, ...records], additionals: packet.additionals ?? [] }
    : absence(packet);
}

/**
 * NOERROR is "no data" when a SOA says so, or when nothing else is said at all (RFC 2308 §2.2). Referrals,
 * records of other names and aliases whose end was not looked up do not say that there is nothing.
 */
function absence(packet: DecodedPacket): NotFound {
  const { answers = [], authorities = [] } = packet;
  const isSaid = authorities.some((record) => record.type === 'SOA');
  const isSilent = answers.length === 0 && !authorities.some((record) => record.type === 'NS');
  return isSaid || isSilent
    ? { kind: 'no-data' }
    : { kind: 'unknown', why: 'its answer is about something else' };
}

/** Undefined when `reply` is malformed. */
function decodeReply(reply: Buffer): DecodedPacket | undefined {
  const records = reply.readUInt16BE(6) + reply.readUInt16BE(8) + reply.readUInt16BE(10);
  if (records * RECORD_BYTES_MIN > reply.length) {
    return undefined; // dns-packet would first reserve room for as many as are claimed
  }
  try {
    return decode(reply);
  } catch {
    return undefined;
  }
}

/** The 12-bit code: EDNS carries the upper eight bits, and BADVERS alone would read as NOERROR. */
function rcodeOf(packet: DecodedPacket): number {
  const options = packet.additionals?.find((record) => record.type === 'OPT');
  const upper = options?.type === 'OPT' ? options.extendedRcode : 0;
  return upper * 16 + ((packet.flags ?? 0) & 0xf);
}

/** At most one more than may be followed. */
function aliasesOf(name: string, type: QuestionType, answers: readonly Answer[]): readonly Answer[] {
  const aliases: Answer[] = [];
  let owner: string | undefined = name;
  while (owner !== undefined && aliases.length <= ALIASES_MAX && ownedBy(owner, type, answers).length === 0) {
    const [alias] = ownedBy(owner, 'CNAME', answers);
    owner = alias === undefined ? undefined : ownerAfter(owner, [alias]);
    aliases.push(...(alias === undefined ? [] : [alias]));
  }
  return aliases;
}

function ownerAfter(name: string, aliases: readonly Answer[]): string {
  const last = aliases.at(-1);
  return last?.type === 'CNAME' ? last.data.toLowerCase() : name;
}

function ownedBy(owner: string, type: QuestionType | 'CNAME', records: readonly Answer[]): readonly Answer[] {
  return records.filter(
    (record) =>
      record.type === type &&
      'class' in record &&
      record.class === 'IN' &&
      record.name.toLowerCase() === owner,
  );
}

function addressesIn(records: readonly Answer[]): readonly string[] {
  return unique(records.flatMap((record) => (record.type === 'A' ? [record.data] : [])));
}

function ttlSecondsOf(records: readonly Answer[]): number {
  const ttls = records.map((record) => ('ttl' in record ? (record.ttl ?? 0) : 0));
  return Math.min(...ttls.map((ttl) => (ttl <= TTL_SECONDS_MAX ? ttl : 0)));
}

function unique(values: readonly string[]): readonly string[] {
  return [...new Set(values)];
}

function latin1(bytes: Buffer, start: number, end: number): string {
  return bytes.toString('latin1', start, end);
}
