/** The reflected Castagnoli polynomial (RFC 3720, appendix B.4). */
const POLYNOMIAL = 0x82f63b78;

/**
 * CRC-32C of `bytes`, continued from `previous` (0 to begin), as Go's `crc32.Update` with the Castagnoli
 * table does: etcd chains its WAL records this way. Node's own `zlib.crc32` is the other polynomial.
 */
export function crc32c(previous: number, bytes: Uint8Array): number {
  let remainder = ~previous;
  for (const byte of bytes) {
    remainder ^= byte;
    for (let bit = 0; bit < 8; bit++) {
      remainder = (remainder >>> 1) ^ (remainder & 1 ? POLYNOMIAL : 0);
    }
  }
  return ~remainder >>> 0;
}
