/** Seconds with two digits, for notes. */
export function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(2)} s`;
}
