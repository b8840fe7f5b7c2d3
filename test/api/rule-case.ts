import type { Judged } from '../../src/api/rule.ts';

/** An object and the rule it breaks; `undefined` for one that keeps all rules. */
export type RuleCase<Spec> = {
  /** What is special about it, as the end of a sentence. */
  readonly title: string;
  readonly breaks: string | undefined;
  readonly object: Judged<Spec>;
};

/** A change and the rule it breaks; `undefined` for one that keeps all rules. */
export type TransitionCase<Spec> = {
  readonly title: string;
  readonly breaks: string | undefined;
  readonly before: Judged<Spec>;
  readonly next: Judged<Spec>;
};

/** Cases that break the rule `name`, and cases beside them that keep all rules. */
export function casesOf<Spec>(
  name: string,
  specs: { readonly broken: readonly Spec[]; readonly kept: readonly Spec[] },
): readonly RuleCase<Spec>[] {
  const caseOf = (breaks: string | undefined) => (spec: Spec) => ({
    title: JSON.stringify(spec),
    breaks,
    object: anObject(spec),
  });
  return [...specs.broken.map(caseOf(name)), ...specs.kept.map(caseOf(undefined))];
}

/** Changes, each `[before, next]`, that break the rule `name`, and changes beside them that keep all. */
export function changesOf<Spec>(
  name: string,
  changes: {
    readonly broken: readonly (readonly [Spec, Spec])[];
    readonly kept: readonly (readonly [Spec, Spec])[];
  },
): readonly TransitionCase<Spec>[] {
  const caseOf =
    (breaks: string | undefined) =>
    ([before, next]: readonly [Spec, Spec]) => ({
      title: `${JSON.stringify(before)} → ${JSON.stringify(next)}`,
      breaks,
      before: anObject(before),
      next: anObject(next),
    });
  return [...changes.broken.map(caseOf(name)), ...changes.kept.map(caseOf(undefined))];
}

/** Cases about the name of an object. */
export function namesOf<Spec>(
  rule: string,
  spec: Spec,
  names: { readonly broken: readonly string[]; readonly kept: readonly string[] },
): readonly RuleCase<Spec>[] {
  const caseOf = (breaks: string | undefined) => (name: string) => ({
    title: `name ${name}`,
    breaks,
    object: { metadata: { name, namespace: NAMESPACE }, spec },
  });
  return [...names.broken.map(caseOf(rule)), ...names.kept.map(caseOf(undefined))];
}

/** Where the objects of all cases live. */
export const NAMESPACE = 'rules';

function anObject<Spec>(spec: Spec): Judged<Spec> {
  return { metadata: { name: 'demo', namespace: NAMESPACE }, spec };
}
