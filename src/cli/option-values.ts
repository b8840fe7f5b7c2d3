/** Values of command-line options; what is wrong with one is told in one clause. */
import { InvalidArgumentError } from 'commander';
import { ORDINAL_MAX } from '../model/naming.ts';

/** A reader of whole numbers from `min` to `max`. */
export function wholeNumber(min: number, max: number): (text: string) => number {
  return (text) => {
    const isNumber = /^(0|[1-9][0-9]{0,14})$/.test(text);
    if (!isNumber || Number(text) < min || Number(text) > max) {
      throw new InvalidArgumentError(`Give a whole number from ${min} to ${max}.`);
    }
    return Number(text);
  };
}

/** The most members a cluster can have. */
export const SIZE_MAX = ORDINAL_MAX + 1;
