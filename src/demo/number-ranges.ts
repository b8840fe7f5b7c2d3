/** A set of ascending positive whole numbers, kept as ranges: its size is that of its holes, not of its members. */
export class NumberRanges {
  readonly #ranges: { first: number; last: number }[] = [];
  #total = 0;

  /** How many numbers it holds. */
  get total(): number {
    return this.#total;
  }

  /** The largest number it holds; 0 when it is empty. */
  get largest(): number {
    return this.#ranges.at(-1)?.last ?? 0;
  }

  /** Adds `number`, which must be larger than all before. */
  add(number: number): void {
    const range = this.#ranges.at(-1);
    if (range?.last === number - 1) {
      range.last = number;
    } else {
      this.#ranges.push({ first: number, last: number });
    }
    this.#total += 1;
  }

  has(number: number): boolean {
    let low = 0;
    let high = this.#ranges.length - 1;
    while (low <= high) {
      const middle = Math.floor((low + high) / 2);
      const range = this.#ranges[middle];
      if (range === undefined || number < range.first) {
        high = middle - 1;
      } else if (number > range.last) {
        low = middle + 1;
      } else {
        return true;
      }
    }
    return false;
  }
}
