import type { ChangeOutcome } from '../etcd/member-api.ts';
import type { Clock } from '../runtime/clock.ts';
import type { Logger } from '../runtime/logger.ts';
import type { AgentMetrics } from './agent-metrics.ts';

/** etcd's membership calls that an agent makes, in etcd's own words. */
export type MembershipCall = 'MemberAdd' | 'MemberPromote' | 'MemberRemove' | 'MemberUpdate' | 'MoveLeader';

/** Counts and logs every membership call; there is no way around it. */
export type MembershipCalls = {
  count(
    call: MembershipCall,
    about: Readonly<Record<string, string>>,
    make: () => Promise<ChangeOutcome>,
  ): Promise<ChangeOutcome>;
};

/** Each call is one log line, whatever came of it. */
export function createMembershipCalls(logger: Logger, metrics: AgentMetrics, clock: Clock): MembershipCalls {
  return {
    count: async (call, about, make) => {
      const startedMs = clock.nowMs();
      const outcome = await make();
      const durationMs = Math.round(clock.nowMs() - startedMs);
      metrics.membershipCalls.inc({ call, outcome: outcome.kind });
      const level = outcome.kind === 'done' ? 'info' : 'warn';
      logger[level]({ membershipCall: call, ...about, durationMs, outcome }, `${call} ${outcome.kind}`);
      return outcome;
    },
  };
}
