import type { EtcdId } from '../model/member.ts';
import { etcdIdOfInteger } from '../model/member.ts';
import { crc32c } from './crc32c.ts';
import { decodeProtobufFields } from './protobuf-fields.ts';

/** Whose data a WAL segment says it is, or one clause on why it does not say so. */
export type WalMetadata =
  | { readonly kind: 'identity'; readonly clusterId: EtcdId; readonly memberId: EtcdId }
  | { readonly kind: 'damaged'; readonly why: string };

/** `walpb.Record.type` (etcd 3.5 to 3.7, `wal.go`). */
const METADATA_TYPE = 1n;
const CRC_TYPE = 4n;

/** Each record is preceded by its length field (etcd `decoder.go`, frameSizeBytes). */
const FRAME_BYTES = 8;

/** The lower 56 bits of the length field are the record's length. */
const LENGTH_BITS = 56n;

/**
 * Reads the identity out of the first bytes of a segment. etcd begins every segment, the first and each
 * later one, with a record of type crc that carries the checksum so far, and a record of type metadata
 * whose own checksum is that one continued over its data (`Create` and `cut` in `wal.go`). Only that order
 * and only a matching checksum is believed. Never throws, whatever `head` holds.
 */
export function decodeWalMetadata(head: Uint8Array): WalMetadata {
  const first = readRecord(head, 0, 'crc');
  if ('why' in first) {
    return { kind: 'damaged', why: first.why };
  }
  if (first.type !== CRC_TYPE) {
    return { kind: 'damaged', why: `its first record is of type ${first.type}, not crc (${CRC_TYPE})` };
  }
  const second = readRecord(head, first.end, 'metadata');
  if ('why' in second) {
    return { kind: 'damaged', why: second.why };
  }
  if (second.type !== METADATA_TYPE) {
    const why = `its second record is of type ${second.type}, not metadata (${METADATA_TYPE})`;
    return { kind: 'damaged', why };
  }
  if (BigInt(crc32c(Number(first.crc), second.data)) !== second.crc) {
    return { kind: 'damaged', why: 'the checksum of its metadata record is wrong' };
  }
  return decodeIdentity(second.data);
}

/** `etcdserverpb.Metadata`: NodeID is field 1, ClusterID is field 2, both uint64. */
function decodeIdentity(data: Uint8Array): WalMetadata {
  const fields = decodeProtobufFields(data);
  const memberId = idIn(fields?.get(1));
  const clusterId = idIn(fields?.get(2));
  if (memberId === undefined || clusterId === undefined) {
    return { kind: 'damaged', why: 'its metadata record names no member or no cluster' };
  }
  return { kind: 'identity', clusterId, memberId };
}

function idIn(value: bigint | Uint8Array | undefined): EtcdId | undefined {
  return typeof value === 'bigint' ? etcdIdOfInteger(value) : undefined;
}

type WalRecord = {
  readonly type: bigint;
  readonly crc: bigint;
  readonly data: Uint8Array;
  /** Where the next record begins. */
  readonly end: number;
};

function readRecord(head: Uint8Array, offset: number, name: string): WalRecord | { readonly why: string } {
  const start = offset + FRAME_BYTES;
  if (start > head.length) {
    return { why: `it ends before its ${name} record` };
  }
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength);
  const lengthField = view.getBigUint64(offset, true);
  if (lengthField === 0n) {
    return { why: `it is zero-filled where its ${name} record should be` };
  }
  const length = BigInt.asUintN(Number(LENGTH_BITS), lengthField);
  if (length > BigInt(head.length - start)) {
    return {
      why: `its ${name} record claims ${length} bytes, of which ${head.length - start} could be read`,
    };
  }
  const recordEnd = start + Number(length);
  const fields = decodeProtobufFields(head.subarray(start, recordEnd));
  const [type = 0n, crc = 0n, data = new Uint8Array()] = [fields?.get(1), fields?.get(2), fields?.get(3)];
  if (fields === undefined || typeof type !== 'bigint' || !isUint32(crc) || typeof data === 'bigint') {
    return { why: `its ${name} record is garbled` };
  }
  return { type, crc, data, end: recordEnd + paddingOf(lengthField) };
}

/** A set sign bit says that the low three bits of the top byte count padding bytes (`decodeFrameSize`). */
function paddingOf(lengthField: bigint): number {
  const topByte = Number(lengthField >> LENGTH_BITS);
  return topByte >= 0x80 ? topByte & 0x07 : 0;
}

function isUint32(value: bigint | Uint8Array): value is bigint {
  return typeof value === 'bigint' && value < 2n ** 32n;
}
