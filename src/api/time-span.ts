import type { TimeSpan } from './times.ts';

const UNIT_MS: Readonly<Record<string, number>> = {
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 7 * 86_400_000,
};

/** Milliseconds of a span such as `1h30m`; the schema has checked how it is written. */
export function timeSpanMs(span: TimeSpan): number {
  return [...span.matchAll(/([0-9]+)([smhdw])/g)].reduce(
    (sum, [, count, unit]) => sum + Number(count) * (UNIT_MS[unit ?? ''] ?? 0),
    0,
  );
}
