/**
 * What a writer knows of its writes: which were acknowledged, and how long nothing was. It also runs in a Pod, so
 * it imports nothing.
 */

/** A time without an acknowledgement. */
export type Gap = {
  readonly ms: number;
  /** RFC 3339: when the last write before it was acknowledged. */
  readonly since: string;
  /** What was said instead, and how often. */
  readonly failures: Readonly<Record<string, number>>;
};

/** A stretch of a test with a name, such as `1 to 3`. */
export type Section = {
  readonly name: string;
  readonly acknowledged: number;
  /** The longest that ended in it. */
  readonly longestGap: Gap;
};

const NO_GAP: Gap = { ms: 0, since: '', failures: {} };

export class Ledger {
  readonly #acknowledged: number[] = [];
  readonly #closed: Section[] = [];
  #failures: Record<string, number> = {};
  #section: Section;
  #lastAckMs: number;

  constructor(nowMs: number, section: string) {
    this.#lastAckMs = nowMs;
    this.#section = { name: section, acknowledged: 0, longestGap: NO_GAP };
  }

  /** Numbers of the writes that were acknowledged, in their order. */
  get acknowledged(): readonly number[] {
    return this.#acknowledged;
  }

  noteAcknowledged(number: number, nowMs: number): void {
    this.#acknowledged.push(number);
    const ms = nowMs - this.#lastAckMs;
    const { name, acknowledged, longestGap } = this.#section;
    const gap = { ms, since: new Date(this.#lastAckMs).toISOString(), failures: this.#failures };
    this.#section = {
      name,
      acknowledged: acknowledged + 1,
      longestGap: ms > longestGap.ms ? gap : longestGap,
    };
    this.#lastAckMs = nowMs;
    this.#failures = {};
  }

  noteFailed(why: string): void {
    this.#failures[why] = (this.#failures[why] ?? 0) + 1;
  }

  /** Ends the section that is open, and opens another. A gap belongs to the section in which it ends. */
  openSection(name: string): void {
    this.#closed.push(this.#section);
    this.#section = { name, acknowledged: 0, longestGap: NO_GAP };
  }

  /** All sections so far, the open one last. */
  sections(): readonly Section[] {
    return [...this.#closed, this.#section];
  }
}

/** The name of a write's key. */
export function keyOf(number: number): string {
  return `${PREFIX}${String(number).padStart(KEY_DIGITS, '0')}`;
}

export function writtenAt(key: string): string {
  return `value of ${key}`;
}

/** Before every key. */
export const PREFIX = 'e2e/';
const KEY_DIGITS = 8;

/** Keys that `found` lacks, and keys whose value is another than was written. */
export function judge(
  acknowledged: readonly number[],
  found: ReadonlyMap<string, string>,
): { readonly lost: readonly string[]; readonly changed: readonly string[] } {
  const keys = acknowledged.map(keyOf);
  return {
    lost: keys.filter((key) => !found.has(key)),
    changed: [...found].filter(([key, value]) => value !== writtenAt(key)).map(([key]) => key),
  };
}
