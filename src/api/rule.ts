/**
 * Rules that a schema's types cannot say. Each is written twice, in CEL for the API server and in TypeScript
 * for the operator, which applies it where the API server is too old for CEL (before Kubernetes 1.25); a test
 * puts the same objects before both. Every message says what to do.
 */

/** What rules judge: an object's name, its namespace and its spec. */
export type Judged<Spec> = {
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string | undefined;
    readonly annotations?: Readonly<Record<string, string>> | undefined;
  };
  readonly spec: Spec;
};

/** One rule about an object by itself. */
export type Rule<Spec> = RuleText & {
  readonly isKept: (object: Judged<Spec>) => boolean;
};

/** One rule about a change of an object. */
export type Transition<Spec> = RuleText & {
  readonly isKept: (next: Judged<Spec>, before: Judged<Spec>) => boolean;
};

/** What a rule is called, what it is about, and what it says. */
export type RuleText = {
  /** Stable name, for tests and documentation. */
  readonly name: string;
  /**
   * What a refusal is about, as a path from the object, and where the rule hangs in the schema: an absent
   * field breaks no rule.
   */
  readonly field: string;
  /**
   * True when the rule is kept. `self` is the field; for a field of `metadata` it is the whole object.
   * Undefined where a schema cannot see what the rule is about. Only what Kubernetes 1.25 knows is used.
   */
  readonly cel: string | undefined;
  /** The same for a ValidatingAdmissionPolicy (Kubernetes 1.30), where `cel` is undefined; see `request-rule.ts`. */
  readonly policyCel?: string;
  readonly message: string;
};

/** The first rule that `object` breaks; undefined when it keeps them all. */
export function brokenRule<Spec>(rules: readonly Rule<Spec>[], object: Judged<Spec>): Rule<Spec> | undefined {
  return rules.find((rule) => !rule.isKept(object));
}

/** The first rule that the change from `before` to `next` breaks; undefined when it keeps them all. */
export function brokenTransition<Spec>(
  transitions: readonly Transition<Spec>[],
  next: Judged<Spec>,
  before: Judged<Spec>,
): Transition<Spec> | undefined {
  return transitions.find((transition) => !transition.isKept(next, before));
}
