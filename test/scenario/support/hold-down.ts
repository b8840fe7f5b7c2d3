import type { Scenario } from './a-cluster.ts';

/**
 * Keeps the etcd of `ordinal` from running: its agent is frozen, and etcd killed, so that the next one waits
 * at the gate for an answer that does not come. Returns how to end that.
 */
export function holdDown(scenario: Scenario, ordinal: number): { readonly letUp: () => void } {
  scenario.kill(ordinal, 'agent', 'SIGSTOP');
  try {
    scenario.kill(ordinal, 'etcd');
  } catch {
    // It is between two starts; the next one waits at the gate as well.
  }
  return { letUp: () => scenario.kill(ordinal, 'agent', 'SIGCONT') };
}

/** Freezes the agent of `ordinal` as soon as it is started, long before it can do anything. */
export async function freezeAtStart(
  scenario: Scenario,
  ordinal: number,
  fromEvent = 0,
): Promise<{ readonly letUp: () => void }> {
  await scenario.journal.until(`agent ${ordinal} starts`, () =>
    scenario.journal.events
      .slice(fromEvent)
      .some(
        (event) =>
          event.kind === 'container-started' && event.container === 'agent' && event.ordinal === ordinal,
      ),
  );
  scenario.kill(ordinal, 'agent', 'SIGSTOP');
  return { letUp: () => scenario.kill(ordinal, 'agent', 'SIGCONT') };
}

/** Resolves once the etcd of `ordinal` that was killed is gone and a new one was started, waiting at the gate. */
export async function untilEtcdRestarted(
  scenario: Scenario,
  ordinal: number,
  fromEvent: number,
): Promise<void> {
  await scenario.journal.until(`etcd ${ordinal} is started again`, () =>
    scenario.journal.events
      .slice(fromEvent)
      .some(
        (event) =>
          event.kind === 'container-started' && event.container === 'etcd' && event.ordinal === ordinal,
      ),
  );
}

/** Does `action` while no etcd runs on the volume of `ordinal`; one waits at the gate until it is done. */
export async function whileDown(scenario: Scenario, ordinal: number, action: () => void): Promise<void> {
  const from = scenario.journal.events.length;
  const down = holdDown(scenario, ordinal);
  await untilEtcdRestarted(scenario, ordinal, from);
  action();
  down.letUp();
}
