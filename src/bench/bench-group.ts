/** What can be measured, in the order in which it is. */
export const BENCH_GROUPS = ['form', 'scale', 'roll', 'lost-disk', 'agent-start', 'settled'] as const;

export type BenchGroup = (typeof BENCH_GROUPS)[number];

/** The groups named in `text`, such as `form,scale`, each once; `invalid` is one clause for people. */
export function benchGroupsOf(text: string): readonly BenchGroup[] | { readonly invalid: string } {
  const words = text.split(',').map((word) => word.trim());
  const unknown = words.find((word) => !BENCH_GROUPS.some((group) => group === word));
  return unknown === undefined
    ? BENCH_GROUPS.filter((group) => words.includes(group))
    : { invalid: `"${unknown}" is nothing to measure; give some of ${BENCH_GROUPS.join(', ')}.` };
}
