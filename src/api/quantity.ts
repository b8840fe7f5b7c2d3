/** Kubernetes quantities as numbers, in TypeScript and in CEL (whose own are newer than Kubernetes 1.25). */
import { text } from './cel.ts';
import type { Quantity } from './kubernetes.ts';

/** What the endings of a quantity stand for (apimachinery's `resource.Quantity`). */
const FACTORS: Readonly<Record<string, number>> = {
  n: 1e-9,
  u: 1e-6,
  m: 1e-3,
  '': 1,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  P: 1e15,
  E: 1e18,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
  Pi: 2 ** 50,
  Ei: 2 ** 60,
};

const AMOUNT = /^[-+]?[0-9.]+([eE][-+]?[0-9]+)?/;
const ENDING = /[a-zA-Z]*$/;

/** Every quantity; the schema's pattern, which is stricter than apimachinery's only about exponents. */
export const QUANTITY_PATTERN =
  '^[-+]?([0-9]+(\\.[0-9]*)?|\\.[0-9]+)([numkMGTPE]|[KMGTPE]i|[eE][-+]?[0-9]+)?$';

/** The number that `quantity` stands for, such as 1024 for `1Ki`; undefined when it is none. */
export function numberOf(quantity: Quantity): number | undefined {
  if (typeof quantity === 'number') {
    return quantity;
  }
  if (!new RegExp(QUANTITY_PATTERN).test(quantity)) {
    return undefined;
  }
  const factor = FACTORS[ENDING.exec(quantity)?.[0] ?? ''];
  return factor === undefined ? undefined : Number(AMOUNT.exec(quantity)?.[0]) * factor;
}

/** The same in CEL, as a double. */
export function celNumberOf(path: string): string {
  const factors = Object.entries(FACTORS).map(([ending, factor]) => `${text(ending)}: ${celDouble(factor)}`);
  const amount = `double(${path}.find(${text(AMOUNT.source)}))`;
  const factor = `{${factors.join(', ')}}[${path}.find(${text(ENDING.source)})]`;
  return `(type(${path}) == int ? double(${path}) : ${amount} * ${factor})`;
}

/** A literal of CEL's type double. */
export function celDouble(value: number): string {
  const digits = String(value);
  return /^-?[0-9]+$/.test(digits) ? `${digits}.0` : digits.replace('e+', 'e');
}
