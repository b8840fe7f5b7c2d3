/** A figure of the report: product and bare etcd side by side, and what is aimed at. Pure. */
import { failuresIn, measuredIn, type Sample } from './sample.ts';
import { type Spread, spreadOf } from './spread.ts';
import type { Target } from './target.ts';

export type Unit = 's' | 'ms' | 'MB' | '%' | 'calls';

/** One side of a figure: its runs, in order, and how many failed. */
export type Side = {
  readonly values: readonly number[];
  readonly failed: number;
  readonly spread: Spread | null;
};

export type Figure = {
  readonly name: string;
  readonly unit: Unit;
  readonly product: Side;
  /** Bare etcd driven by hand; null where there is nothing to compare with. */
  readonly floor: Side | null;
  /** Of the medians, product to floor. */
  readonly ratio: number | null;
  /** Null for figures that only explain others. */
  readonly target: { readonly text: string; readonly isMet: boolean } | null;
};

export type FigureInput = {
  readonly name: string;
  readonly unit: Unit;
  readonly product: readonly Sample<number>[];
  readonly floor?: readonly Sample<number>[];
  readonly target?: Target;
};

/** Puts a figure together. A run that failed counts as endless where a target is judged. */
export function figureOf(input: FigureInput): Figure {
  const product = sideOf(input.product);
  const floor = input.floor === undefined ? null : sideOf(input.floor);
  const judged = spreadOf([...product.values, ...Array(product.failed).fill(Number.POSITIVE_INFINITY)]);
  const { target } = input;
  const isMet = target !== undefined && judged !== null && target.holds(judged, floor?.spread ?? null);
  return {
    name: input.name,
    unit: input.unit,
    product,
    floor,
    ratio: ratioOf(product.spread, floor?.spread ?? null),
    target: target === undefined ? null : { text: target.text, isMet },
  };
}

/** Three decimals: a microsecond says nothing here. */
const DECIMALS = 1000;

function sideOf(samples: readonly Sample<number>[]): Side {
  const values = measuredIn(samples).map((value) => Math.round(value * DECIMALS) / DECIMALS);
  return { values, failed: failuresIn(samples).length, spread: spreadOf(values) };
}

function ratioOf(product: Spread | null, floor: Spread | null): number | null {
  return product === null || floor === null || floor.median === 0
    ? null
    : Math.round((product.median / floor.median) * 100) / 100;
}
