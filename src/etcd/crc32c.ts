/** The reflected Castagnoli polynomial (RFC 3720, appendix B.4). */
const POLYNOMIAL = 0x82f63b78;

/** So many bytes are taken at once: a log of hundreds of megabytes is checked where etcd waits to be started. */
const STEP_BYTES = 8;

/**
 * CRC-32C of `bytes`, continued from `previous` (0 to begin), as Go's `crc32.Update` with the Castagnoli
 * table does: etcd chains its WAL records this way. Node's own `zlib.crc32` is the other polynomial.
 */
export function crc32c(previous: number, bytes: Uint8Array): number {
  const [t0, t1, t2, t3, t4, t5, t6, t7] = TABLES;
  let remainder = ~previous;
  let offset = 0;
  for (const end = bytes.length - STEP_BYTES; offset <= end; offset += STEP_BYTES) {
    remainder ^= byteAt(bytes, offset) | (byteAt(bytes, offset + 1) << 8) | (byteAt(bytes, offset + 2) << 16);
    remainder ^= byteAt(bytes, offset + 3) << 24;
    remainder =
      at(t7, remainder & 0xff) ^
      at(t6, (remainder >>> 8) & 0xff) ^
      at(t5, (remainder >>> 16) & 0xff) ^
      at(t4, remainder >>> 24) ^
      at(t3, byteAt(bytes, offset + 4)) ^
      at(t2, byteAt(bytes, offset + 5)) ^
      at(t1, byteAt(bytes, offset + 6)) ^
      at(t0, byteAt(bytes, offset + 7));
  }
  for (; offset < bytes.length; offset++) {
    remainder = at(t0, (remainder ^ byteAt(bytes, offset)) & 0xff) ^ (remainder >>> 8);
  }
  return ~remainder >>> 0;
}

type Table = Int32Array;

/** What each byte value comes to after it was followed by 0, 1, … 7 zero bytes ("slicing by eight"). */
const TABLES = tables();

function tables(): readonly [Table, Table, Table, Table, Table, Table, Table, Table] {
  const first = Int32Array.from({ length: 256 }, (_, byte) => remainderOf(byte));
  const next = (table: Table): Table =>
    table.map((remainder) => at(first, remainder & 0xff) ^ (remainder >>> 8));
  const second = next(first);
  const third = next(second);
  const fourth = next(third);
  const fifth = next(fourth);
  const sixth = next(fifth);
  const seventh = next(sixth);
  return [first, second, third, fourth, fifth, sixth, seventh, next(seventh)];
}

function remainderOf(byte: number): number {
  let remainder = byte;
  for (let bit = 0; bit < 8; bit++) {
    remainder = (remainder >>> 1) ^ (remainder & 1 ? POLYNOMIAL : 0);
  }
  return remainder;
}

function at(values: Int32Array, index: number): number {
  return values[index] ?? 0;
}

function byteAt(bytes: Uint8Array, index: number): number {
  return bytes[index] ?? 0;
}
