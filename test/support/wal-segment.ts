import { crc32c } from '../../src/etcd/crc32c.ts';

/** What a hand-made segment begins with; defaults are what etcd would write. */
export type SegmentHead = {
  readonly memberId: bigint;
  readonly clusterId: bigint;
  /** The checksum of everything before this segment. */
  readonly previousCrc?: number;
  readonly metadataCrc?: number;
  readonly types?: readonly [first: number, second: number];
};

/** Encodes the first two records of a WAL segment, written from etcd's format description (`wal/doc.go`). */
export function encodeSegmentHead(head: SegmentHead): Uint8Array {
  const { previousCrc = 0, types = [4, 1] } = head;
  const metadata = encodeFields([1, head.memberId], [2, head.clusterId]);
  const crc = head.metadataCrc ?? crc32c(previousCrc, metadata);
  return Buffer.concat([
    frame(encodeFields([1, types[0]], [2, previousCrc])),
    frame(encodeFields([1, types[1]], [2, crc], [3, metadata])),
  ]);
}

/** A record of a hand-made log, by what it says. */
export type LogRecord =
  | { readonly entry: bigint; readonly data?: Uint8Array; readonly type?: number }
  | { readonly commit: bigint }
  | { readonly snapshot: bigint; readonly term?: bigint };

export type EncodedSegment = {
  readonly bytes: Uint8Array;
  /** The checksum that the next segment begins with. */
  readonly crc: number;
  /** Where each of the records begins, after those of the head. */
  readonly offsets: readonly number[];
};

/** Encodes a whole segment, without the zeros that etcd fills it up with. */
export function encodeSegment(
  records: readonly LogRecord[],
  previousCrc = 0,
  { memberId, clusterId }: Pick<SegmentHead, 'memberId' | 'clusterId'> = { memberId: 7n, clusterId: 9n },
): EncodedSegment {
  const head = encodeSegmentHead({ memberId, clusterId, previousCrc });
  const pieces = [head];
  const offsets: number[] = [];
  let offset = head.length;
  let crc = crc32c(previousCrc, encodeFields([1, memberId], [2, clusterId]));
  for (const record of records) {
    const [type, data] = encodeLogRecord(record);
    crc = crc32c(crc, data);
    const piece = frame(encodeFields([1, type], [2, crc], [3, data]));
    pieces.push(piece);
    offsets.push(offset);
    offset += piece.length;
  }
  return { bytes: Buffer.concat(pieces), crc, offsets };
}

/** `etcdserverpb.Request`, as 3.5 writes it: a member publishes its name by the API of etcd 2. */
export function encodeV2Request(method = 'PUT', path = '/0/members/8e9e05c52164694d/attributes'): Uint8Array {
  const value = '{"name":"m","clientURLs":["http://127.0.0.1:2379"]}';
  return encodeFields([1, 0x70ebn], [2, method], [3, path], [4, value], [5, 0], [6, ''], [7, 0], [9, 0]);
}

/** `InternalRaftRequest` with a put of `value`. */
export function encodePut(value: Uint8Array = new Uint8Array()): Uint8Array {
  return encodeFields([100, encodeFields([1, 0x70ebn])], [4, encodeFields([1, 'key'], [2, value])]);
}

/** A protobuf message with these fields, in this order. */
export function encodeFields(
  ...fields: readonly (readonly [number: number, value: bigint | number | string | Uint8Array])[]
): Uint8Array {
  return Buffer.concat(
    fields.map(([number, value]) => {
      if (typeof value === 'bigint' || typeof value === 'number') {
        return Uint8Array.from([...varint(BigInt(number << 3)), ...varint(BigInt(value))]);
      }
      const bytes = typeof value === 'string' ? Buffer.from(value) : value;
      return Buffer.concat([
        Uint8Array.from([...varint(BigInt((number << 3) | 2)), ...varint(BigInt(bytes.length))]),
        bytes,
      ]);
    }),
  );
}

function encodeLogRecord(record: LogRecord): readonly [type: number, data: Uint8Array] {
  if ('entry' in record) {
    const { entry, type = 0, data } = record;
    return [
      2,
      encodeFields([1, type], [2, 1], [3, entry], ...(data === undefined ? [] : [[4, data] as const])),
    ];
  }
  return 'commit' in record
    ? [3, encodeFields([1, 1], [2, 7n], [3, record.commit])]
    : [5, encodeFields([1, record.snapshot], [2, record.term ?? 1n])];
}

/** A record behind its length field, filled up to a multiple of eight bytes. */
function frame(record: Uint8Array): Uint8Array {
  const padding = (8 - (record.length % 8)) % 8;
  const lengthField = Buffer.alloc(8);
  lengthField.writeUInt32LE(record.length);
  lengthField[7] = padding === 0 ? 0 : 0x80 | padding;
  return Buffer.concat([lengthField, record, Buffer.alloc(padding)]);
}

function varint(value: bigint): readonly number[] {
  const bytes: number[] = [];
  let rest = value;
  while (rest >= 0x80n) {
    bytes.push(Number(rest & 0x7fn) | 0x80);
    rest >>= 7n;
  }
  return [...bytes, Number(rest)];
}
