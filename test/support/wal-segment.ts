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
  const metadata = Uint8Array.from([0x08, ...varint(head.memberId), 0x10, ...varint(head.clusterId)]);
  const crc = head.metadataCrc ?? crc32c(previousCrc, metadata);
  const first = [0x08, types[0], 0x10, ...varint(BigInt(previousCrc))];
  const second = [0x08, types[1], 0x10, ...varint(BigInt(crc)), 0x1a, metadata.length, ...metadata];
  return Uint8Array.from([...frame(first), ...frame(second)]);
}

/** A record behind its length field, filled up to a multiple of eight bytes. */
function frame(record: readonly number[]): readonly number[] {
  const padding = (8 - (record.length % 8)) % 8;
  const topByte = padding === 0 ? 0 : 0x80 | padding;
  const lengthField = [record.length & 0xff, record.length >> 8, 0, 0, 0, 0, 0, topByte];
  return [...lengthField, ...record, ...new Array<number>(padding).fill(0)];
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
