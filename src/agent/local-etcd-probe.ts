import type { EtcdGate } from '../etcd/etcd-gate.ts';
import type { MaintenanceApi } from '../etcd/member-api.ts';
import type { LocalEtcd } from '../model/local-etcd.ts';
import type { Clock } from '../runtime/clock.ts';

export type LocalEtcdProbeDeps = {
  readonly gate: EtcdGate;
  readonly maintenance: MaintenanceApi;
  readonly clock: Clock;
  /** The client URL of the etcd beside this agent. */
  readonly clientUrl: string;
};

/**
 * How long an etcd that was let start may stay silent before it counts as absent: replaying a large log
 * and a first start that waits for peers take their time, and nothing is decided on it but patience.
 */
const STARTING_MS_MAX = 60_000;

/** Watches the process beside the agent: through the gate, and by asking it for its status. */
export class LocalEtcdProbe {
  readonly #deps: LocalEtcdProbeDeps;
  #answeredAtMs: number | undefined;
  #runningSinceMs: number | undefined;
  #failedStarts = 0;

  constructor(deps: LocalEtcdProbeDeps) {
    this.#deps = deps;
  }

  /** To be called when the gate was answered: from now on silence means a start under way. */
  noteAnswered(): void {
    this.#answeredAtMs = this.#deps.clock.nowMs();
    this.#runningSinceMs = undefined;
  }

  /** What the process does right now. */
  async look(signal: AbortSignal): Promise<LocalEtcd> {
    const gate = this.#deps.gate.state();
    if (gate.kind === 'asked') {
      return this.#atGate(gate.sinceMs);
    }
    const status = await this.#deps.maintenance.status(this.#deps.clientUrl, signal);
    // It may have died and asked anew while it was being asked.
    const after = this.#deps.gate.state();
    if (after.kind === 'asked') {
      return this.#atGate(after.sinceMs);
    }
    const nowMs = this.#deps.clock.nowMs();
    if (status.kind === 'answered') {
      this.#runningSinceMs ??= nowMs;
      this.#answeredAtMs = undefined;
      this.#failedStarts = 0;
      return { kind: 'running', sinceMs: this.#runningSinceMs, status: status.value };
    }
    this.#runningSinceMs = undefined;
    return this.#answeredAtMs !== undefined && nowMs - this.#answeredAtMs < STARTING_MS_MAX
      ? { kind: 'starting', sinceMs: this.#answeredAtMs }
      : { kind: 'absent' };
  }

  /** A start that was answered and asks again without ever having served has failed. */
  #atGate(sinceMs: number): LocalEtcd {
    if (this.#answeredAtMs !== undefined) {
      this.#failedStarts += 1;
      this.#answeredAtMs = undefined;
    }
    this.#runningSinceMs = undefined;
    return { kind: 'at-gate', sinceMs, failedStarts: this.#failedStarts };
  }
}
