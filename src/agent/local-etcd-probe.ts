import type { BootStatus, BootStatusApi } from '../etcd/boot-status.ts';
import type { EtcdGate } from '../etcd/etcd-gate.ts';
import type { MaintenanceApi } from '../etcd/member-api.ts';
import type { LocalEtcd } from '../model/local-etcd.ts';
import type { Clock } from '../runtime/clock.ts';

export type LocalEtcdProbeDeps = {
  readonly gate: EtcdGate;
  readonly maintenance: MaintenanceApi;
  readonly boot: BootStatusApi;
  readonly clock: Clock;
  /** The client URL of the etcd beside this agent. */
  readonly clientUrl: string;
};

/** A process that neither asks nor answers for this long after it was let start is gone. */
const STARTING_MS_MAX = 60_000;
/** A start that works serves within this, so only then is it worth asking the metrics page, and how often. */
const BOOT_STATUS_AFTER_MS = 500;
const BOOT_STATUS_EVERY_MS = 250;

/** Watches the process beside the agent: through the gate, and by asking it for its status. */
export class LocalEtcdProbe {
  readonly #deps: LocalEtcdProbeDeps;
  #answeredAtMs: number | undefined;
  #runningSinceMs: number | undefined;
  #failedStarts = 0;
  #served = false;
  #boot: { readonly status: BootStatus; readonly readAtMs: number } | undefined;

  constructor(deps: LocalEtcdProbeDeps) {
    this.#deps = deps;
  }

  /** To be called when the gate was answered: from now on silence means a start under way. */
  noteAnswered(): void {
    this.#answeredAtMs = this.#deps.clock.nowMs();
    this.#runningSinceMs = undefined;
    this.#boot = undefined;
    this.#served = false;
  }

  /** What the process does right now. */
  async look(signal: AbortSignal): Promise<LocalEtcd> {
    const before = this.#atGate();
    if (before !== undefined) {
      return before;
    }
    const answer = await this.#deps.maintenance.status(this.#deps.clientUrl, signal);
    const boot = answer.kind === 'answered' ? undefined : await this.#readBoot(signal);
    // It may have died and asked anew while it was being asked.
    const after = this.#atGate();
    if (after !== undefined) {
      return after;
    }
    if (answer.kind === 'answered') {
      return this.#running(answer.value);
    }
    return boot?.kind === 'learner' ? this.#running(boot.status) : this.#notServing(boot);
  }

  #running(status: Extract<LocalEtcd, { kind: 'running' }>['status']): LocalEtcd {
    this.#runningSinceMs ??= this.#deps.clock.nowMs();
    this.#answeredAtMs = undefined;
    this.#failedStarts = 0;
    this.#served = true;
    return { kind: 'running', sinceMs: this.#runningSinceMs, status };
  }

  #notServing(boot: BootStatus | undefined): LocalEtcd {
    this.#runningSinceMs = undefined;
    const nowMs = this.#deps.clock.nowMs();
    const alive = boot !== undefined && boot.kind !== 'silent';
    if (alive && this.#served) {
      return { kind: 'unresponsive' };
    }
    if (alive) {
      this.#answeredAtMs ??= nowMs;
    }
    return this.#answeredAtMs !== undefined && (alive || nowMs - this.#answeredAtMs < STARTING_MS_MAX)
      ? { kind: 'starting', sinceMs: this.#answeredAtMs, alive }
      : this.#unseen();
  }

  #unseen(): LocalEtcd {
    const gate = this.#deps.gate.state();
    return gate.kind === 'unusable' ? { kind: 'gate-unusable', why: gate.error.message } : { kind: 'absent' };
  }

  /** The last word of the metrics page, asked anew when it is old; undefined while a start is fresh. */
  async #readBoot(signal: AbortSignal): Promise<BootStatus | undefined> {
    const nowMs = this.#deps.clock.nowMs();
    if (this.#answeredAtMs !== undefined && nowMs - this.#answeredAtMs < BOOT_STATUS_AFTER_MS) {
      return undefined;
    }
    if (this.#boot === undefined || nowMs - this.#boot.readAtMs >= BOOT_STATUS_EVERY_MS) {
      this.#boot = { status: await this.#deps.boot.read(signal), readAtMs: nowMs };
    }
    return this.#boot.status;
  }

  /** A start that was answered and asks again without ever having served has failed. */
  #atGate(): LocalEtcd | undefined {
    const gate = this.#deps.gate.state();
    if (gate.kind !== 'asked') {
      return undefined;
    }
    if (this.#answeredAtMs !== undefined) {
      this.#failedStarts += 1;
      this.#answeredAtMs = undefined;
    }
    this.#runningSinceMs = undefined;
    this.#boot = undefined;
    return { kind: 'at-gate', sinceMs: gate.sinceMs, failedStarts: this.#failedStarts };
  }
}
