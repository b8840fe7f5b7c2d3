/**
 * Rules that no schema can say, since they look beyond one object: at who is limited to what, at annotations, at
 * deletion. They are written for a ValidatingAdmissionPolicy (Kubernetes 1.30) and in TypeScript for the webhook.
 */
import { isDeepStrictEqual } from 'node:util';
import type { Judged, Rule, RuleText, Transition } from './rule.ts';

/** What a request asks for, and what an administrator allows. */
export type Asked<Spec> = {
  /** The object as it would be; undefined when it is to be deleted. */
  readonly next: Judged<Spec> | undefined;
  /** The object as it is; undefined when it is to be created. */
  readonly before: Judged<Spec> | undefined;
  /** By name, such as `max-size` or `NAMESPACE.max-size`; empty where nobody set any. */
  readonly limits: Readonly<Record<string, string>>;
};

/** One rule about a request. */
export type RequestRule<Spec> = Omit<RuleText, 'cel' | 'policyCel'> & {
  /**
   * True when the rule is kept: of `object` (null in a deletion), `oldObject` (null in a creation), `request`, and
   * in a rule about limits of `variables`, as `scripts/chart/admission-policy.ts` defines them.
   */
  readonly policyCel: string;
  /** Whether it compares with limits; it then is about the subresource `scale` as well. */
  readonly isAboutLimits: boolean;
  readonly isKept: (asked: Asked<Spec>) => boolean;
};

/** Everything that is refused of one kind. */
export type KindRules<Spec> = {
  readonly rules: readonly Rule<Spec>[];
  readonly transitions: readonly Transition<Spec>[];
  readonly requests: readonly RequestRule<Spec>[];
};

/** What a refusal says, and which field it is about. */
export type Refusal = Pick<RuleText, 'name' | 'field' | 'message'>;

/**
 * Why a request is refused; undefined when it may pass. As in Kubernetes (1.30, "ratcheting"), a rule about an object
 * by itself is not judged anew where its field stays as it was: an object from before the rule can still be mended.
 */
export function refusalOf<Spec>(kind: KindRules<Spec>, asked: Asked<Spec>): Refusal | undefined {
  const { next, before } = asked;
  if (next === undefined) {
    return brokenRequest(kind, asked);
  }
  const broken = kind.rules.find(
    (rule) => !rule.isKept(next) && !(before !== undefined && isSameIn(rule.field, next, before)),
  );
  const transition =
    before === undefined ? undefined : kind.transitions.find((rule) => !rule.isKept(next, before));
  return broken ?? transition ?? brokenRequest(kind, asked);
}

/** The same for a request that says nothing but a size, as `kubectl scale` does. */
export function refusalOfScale<Spec>(kind: KindRules<Spec>, asked: Asked<Spec>): Refusal | undefined {
  const rules = kind.rules.filter(({ field }) => field === 'spec.size');
  const requests = kind.requests.filter(({ isAboutLimits }) => isAboutLimits);
  return refusalOf({ rules, transitions: [], requests }, asked);
}

function brokenRequest<Spec>({ requests }: KindRules<Spec>, asked: Asked<Spec>): Refusal | undefined {
  return requests.find((rule) => !rule.isKept(asked));
}

function isSameIn(field: string, next: unknown, before: unknown): boolean {
  return isDeepStrictEqual(valueAt(next, field), valueAt(before, field));
}

function valueAt(object: unknown, path: string): unknown {
  return path
    .split('.')
    .reduce<unknown>(
      (value, name) =>
        typeof value === 'object' && value !== null && Object.hasOwn(value, name)
          ? Reflect.get(value, name)
          : undefined,
      object,
    );
}
