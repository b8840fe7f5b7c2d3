import type { Scenario } from './a-cluster.ts';
import type { SaidLine } from './journal.ts';

/** Whom to kill at a step: the agent, or agent and etcd together, as when the Pod's node resets. */
export type Victims = readonly ('agent' | 'etcd')[];

/** Steps taken so far: each is one `decision reason`, `verdict reason` or `membershipCall` of one ordinal. */
export type Steps = {
  readonly killedAt: ReadonlySet<string>;
  readonly stop: () => void;
};

/**
 * From now on kills `victims` of an ordinal the first time its agent says that it decided, called or concluded
 * something, once for each such step. The line comes before its action is carried out and after the action
 * before it, so every gap between two actions is hit, at no fixed point within it.
 */
export function killAtEachStep(
  scenario: Scenario,
  victims: Victims,
  wanted: (said: SaidLine) => boolean = () => true,
): Steps {
  const killedAt = new Set<string>();
  const stop = scenario.journal.onLine((said) => {
    const step = stepOf(said);
    if (step === undefined || killedAt.has(step) || !wanted(said)) {
      return;
    }
    killedAt.add(step);
    for (const victim of victims) {
      killIfRunning(scenario, said.ordinal, victim);
    }
  });
  return { killedAt, stop };
}

function stepOf({ ordinal, line }: SaidLine): string | undefined {
  const what = line['decision'] ?? line['verdict'] ?? line['membershipCall'];
  return what === undefined || IDLE.has(String(what))
    ? undefined
    : `${ordinal}: ${String(what)} ${String(line['reason'] ?? '')}`;
}

/** There is no action after these that could be cut off. */
const IDLE: ReadonlySet<string> = new Set(['wait', 'settled', 'stay-out']);

function killIfRunning(scenario: Scenario, ordinal: number, victim: 'agent' | 'etcd'): void {
  try {
    scenario.kill(ordinal, victim);
  } catch {
    // It is between two starts, or its Pod is gone.
  }
}
