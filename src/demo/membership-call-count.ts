import * as v from 'valibot';
import type { AgentLine } from '../local/agent-line.ts';

/** How often each of etcd's membership calls was made, by its name. */
export type CallCounts = Readonly<Record<string, number>>;

/** A call in an agent's log: the contract of the agents' log lines. */
const callSchema = v.object({
  membershipCall: v.string(),
  outcome: v.object({ kind: v.string() }),
  durationMs: v.number(),
});

export type LoggedCall = { readonly call: string; readonly outcome: string; readonly durationMs: number };

/** The membership call that `line` is about; undefined when it is about something else. */
export function membershipCallIn(line: AgentLine): LoggedCall | undefined {
  const parsed = v.safeParse(callSchema, line);
  return parsed.success
    ? {
        call: parsed.output.membershipCall,
        outcome: parsed.output.outcome.kind,
        durationMs: parsed.output.durationMs,
      }
    : undefined;
}

export type TakenCalls = {
  readonly counts: CallCounts;
  /** When the last of them was heard of; null when there was none. */
  readonly lastAtMs: number | null;
};

/** Counts the membership calls that agents log, whatever came of them. */
export class MembershipCallCount {
  readonly #nowMs: () => number;
  #counts: CallCounts = {};
  #lastAtMs: number | null = null;

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  noteLine(line: AgentLine): void {
    const call = membershipCallIn(line)?.call;
    if (call !== undefined) {
      this.#counts = { ...this.#counts, [call]: (this.#counts[call] ?? 0) + 1 };
      this.#lastAtMs = this.#nowMs();
    }
  }

  /** Those since the last time, and begins anew. */
  take(): TakenCalls {
    const taken = { counts: this.#counts, lastAtMs: this.#lastAtMs };
    this.#counts = {};
    this.#lastAtMs = null;
    return taken;
  }
}

/** How many calls there are in `counts`. */
export function totalOf(counts: CallCounts): number {
  return Object.values(counts).reduce((sum, count) => sum + count, 0);
}
