import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { decide } from '../../src/decide/decide.ts';
import type { Decision, DecisionKind } from '../../src/model/decision.ts';
import type { MemberView } from '../../src/model/member-view.ts';
import type { Reason } from '../../src/model/reason.ts';

/** What is decided and why. */
export type ExpectedDecision = `${DecisionKind} ${Reason}`;

/** One view and what must follow from it; data, so that one test can collect the reasons of all. */
export type DecisionCase = {
  /** In the present tense, such as `waits while its own name does not resolve`. */
  readonly behaviour: string;
  readonly view: MemberView;
  readonly expected: ExpectedDecision;
};

/** Makes a test of each case. */
export function describeCases(subject: string, cases: readonly DecisionCase[]): void {
  describe(subject, () => {
    for (const { behaviour, view, expected } of cases) {
      it(`${behaviour}: ${expected}`, () => {
        const decision = decide(view);
        assert.equal(wordsOf(decision), expected);
        assert.match(decision.message, /\.$/, 'a decision says in a sentence what was seen');
      });
    }
  });
}

/** A decision as the cases spell it. */
export function wordsOf(decision: Decision): ExpectedDecision {
  return `${decision.kind} ${decision.reason}`;
}
