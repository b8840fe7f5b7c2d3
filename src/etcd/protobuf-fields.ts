/** A field's last value: an integer (wire type 0), or the bytes of a length-delimited one (wire type 2). */
export type ProtobufFields = ReadonlyMap<number, bigint | Uint8Array>;

/** Protobuf's wire types (encoding guide, "Message Structure"); groups (3 and 4) never occur in etcd. */
const VARINT = 0n;
const FIXED_64 = 1n;
const LENGTH_DELIMITED = 2n;
const FIXED_32 = 5n;

/** A varint carries 7 bits in each byte, so 64 bits take at most ten. */
const VARINT_BYTES_MAX = 10;

/**
 * The fields of one protobuf message by number; undefined when `bytes` is no whole message. Fixed-width
 * fields are stepped over, as are unknown ones, so that a later etcd may add what it likes.
 */
export function decodeProtobufFields(bytes: Uint8Array): ProtobufFields | undefined {
  const fields = new Map<number, bigint | Uint8Array>();
  let offset = 0;
  while (offset < bytes.length) {
    const field = readField(bytes, offset);
    if (field === undefined) {
      return undefined;
    }
    if (field.value !== undefined) {
      fields.set(field.number, field.value);
    }
    offset = field.end;
  }
  return fields;
}

type Field = {
  readonly number: number;
  readonly value: bigint | Uint8Array | undefined;
  readonly end: number;
};

function readField(bytes: Uint8Array, start: number): Field | undefined {
  const key = readVarint(bytes, start);
  if (key === undefined || key.value >> 3n === 0n) {
    return undefined;
  }
  const number = Number(key.value >> 3n);
  switch (key.value & 7n) {
    case VARINT: {
      const varint = readVarint(bytes, key.end);
      return varint === undefined ? undefined : { number, value: varint.value, end: varint.end };
    }
    case LENGTH_DELIMITED: {
      const length = readVarint(bytes, key.end);
      return length === undefined ? undefined : sliceField(bytes, number, length.end, length.value);
    }
    case FIXED_64:
      return skipField(bytes, number, key.end + 8);
    case FIXED_32:
      return skipField(bytes, number, key.end + 4);
    default:
      return undefined;
  }
}

function sliceField(bytes: Uint8Array, number: number, start: number, length: bigint): Field | undefined {
  if (length > BigInt(bytes.length - start)) {
    return undefined;
  }
  const end = start + Number(length);
  return { number, value: bytes.subarray(start, end), end };
}

function skipField(bytes: Uint8Array, number: number, end: number): Field | undefined {
  return end > bytes.length ? undefined : { number, value: undefined, end };
}

function readVarint(
  bytes: Uint8Array,
  start: number,
): { readonly value: bigint; readonly end: number } | undefined {
  const first = bytes[start];
  if (first !== undefined && first < 0x80) {
    return { value: BigInt(first), end: start + 1 };
  }
  let value = 0n;
  for (let index = 0; index < VARINT_BYTES_MAX; index++) {
    const byte = bytes[start + index];
    if (byte === undefined) {
      return undefined;
    }
    value |= BigInt(byte & 0x7f) << BigInt(7 * index);
    if (byte < 0x80) {
      return value < 2n ** 64n ? { value, end: start + index + 1 } : undefined;
    }
  }
  return undefined;
}
