/** FNV-1a with 64 bits (draft-eastlake-fnv); Kubernetes names its own revisions with the one of 32. */
const OFFSET_BASIS = 0xcbf29ce484222325n;
const PRIME = 0x100000001b3n;
const BITS = 64;
const HEX_DIGITS = 16;

/** A short name for `text`, the same for the same text. It finds changes; it protects against nobody. */
export function contentHash(text: string): string {
  let hash = OFFSET_BASIS;
  for (const byte of new TextEncoder().encode(text)) {
    hash = BigInt.asUintN(BITS, (hash ^ BigInt(byte)) * PRIME);
  }
  return hash.toString(16).padStart(HEX_DIGITS, '0');
}
