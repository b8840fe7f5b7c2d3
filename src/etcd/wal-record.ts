import { crc32c } from './crc32c.ts';
import { decodeProtobufFields } from './protobuf-fields.ts';

/** `walpb.Record.type` (etcd 3.5 to 3.7, `wal.go`). */
export const RECORD_TYPE = { metadata: 1, entry: 2, state: 3, crc: 4, snapshot: 5 } as const;

export type WalRecord = {
  readonly type: number;
  /** The checksum of all data so far: that of the record before, continued over `data`. */
  readonly crc: number;
  readonly data: Uint8Array;
};

/** What lies at an offset of a segment; sizes are in bytes and include the length field and the padding. */
export type WalReading =
  | { readonly kind: 'record'; readonly record: WalRecord; readonly size: number }
  /** There are not that many bytes; `bodySize` is what the length field claims, undefined when that is cut. */
  | { readonly kind: 'short'; readonly size: number; readonly bodySize?: number }
  /** Zeros, as etcd fills its segments with before it writes to them: there is nothing more. */
  | { readonly kind: 'end' }
  | { readonly kind: 'garbled'; readonly size: number };

/** Each record is preceded by its length field (etcd `decoder.go`, frameSizeBytes). */
export const FRAME_BYTES = 8;

/** The lower 56 bits of the length field are the record's length. */
const LENGTH_BITS = 56n;

/** Reads the record at `offset`, without judging its checksum. Never throws, whatever `bytes` holds. */
export function readRecord(bytes: Uint8Array, offset: number): WalReading {
  const start = offset + FRAME_BYTES;
  if (start > bytes.length) {
    return { kind: 'short', size: FRAME_BYTES };
  }
  const lengthField = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getBigUint64(
    offset,
    true,
  );
  if (lengthField === 0n) {
    return { kind: 'end' };
  }
  const bodySize = Number(BigInt.asUintN(Number(LENGTH_BITS), lengthField));
  const size = FRAME_BYTES + bodySize + paddingOf(lengthField);
  if (bodySize > bytes.length - start) {
    return { kind: 'short', size, bodySize };
  }
  const record = decodeRecord(bytes.subarray(start, start + bodySize));
  return record === undefined ? { kind: 'garbled', size } : { kind: 'record', record, size };
}

/** Whether the checksum of `record` follows from that of the record before it. */
export function isChecksumRight(previousCrc: number, record: WalRecord): boolean {
  return crc32c(previousCrc, record.data) === record.crc;
}

function decodeRecord(body: Uint8Array): WalRecord | undefined {
  const fields = decodeProtobufFields(body);
  const [type = 0n, crc = 0n, data = NO_DATA] = [fields?.get(1), fields?.get(2), fields?.get(3)];
  return fields === undefined || typeof type !== 'bigint' || !isUint32(crc) || typeof data === 'bigint'
    ? undefined
    : { type: Number(type), crc: Number(crc), data };
}

const NO_DATA = new Uint8Array();

/** A set sign bit says that the low three bits of the top byte count padding bytes (`decodeFrameSize`). */
function paddingOf(lengthField: bigint): number {
  const topByte = Number(lengthField >> LENGTH_BITS);
  return topByte >= 0x80 ? topByte & 0x07 : 0;
}

function isUint32(value: bigint | Uint8Array): value is bigint {
  return typeof value === 'bigint' && value < 2n ** 32n;
}
