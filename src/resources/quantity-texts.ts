import type { Quantity } from '../api/kubernetes.ts';

export type Quantities = Readonly<Record<string, Quantity>>;

/** Users may write quantities as numbers; the schemas of Kubernetes' own objects know them as texts only. */
export function quantityTexts(quantities: Quantities): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(quantities).map(([name, value]) => [name, String(value)]));
}
