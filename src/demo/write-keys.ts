/** The keys of the continuous writer: one for each write, in the order of the writes. */

/** Above everything a person would call a key. */
export const KEY_PREFIX = 'quorate-demo/';

/** The first key after all of them: `0` follows `/`. */
export const KEY_END = 'quorate-demo0';

/** Enough for a write every millisecond for more than a day; keys of equal length sort as numbers do. */
const DIGITS = 9;

export function keyOf(number: number): string {
  return KEY_PREFIX + String(number).padStart(DIGITS, '0');
}

/** Says once more which write it is of, so that a value under a wrong key is noticed. */
export function textOf(number: number): string {
  return `write ${number}`;
}

/** The write that `key` and `value` are of; undefined when they do not belong together. */
export function numberOf(key: string, value: string): number | undefined {
  const number = key.startsWith(KEY_PREFIX) ? Number(key.slice(KEY_PREFIX.length)) : Number.NaN;
  return Number.isSafeInteger(number) && keyOf(number) === key && textOf(number) === value
    ? number
    : undefined;
}
