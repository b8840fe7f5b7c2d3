import type { BootStatus, BootStatusApi } from '../../etcd/boot-status.ts';
import type { EtcdGate } from '../../etcd/etcd-gate.ts';
import type { MaintenanceApi } from '../../etcd/member-api.ts';
import type { EtcdStatus, LocalEtcd } from '../../model/local-etcd.ts';
import { pause } from '../../runtime/abort.ts';
import type { Clock } from '../../runtime/clock.ts';

export type LocalEtcdProbeDeps = {
  readonly gate: EtcdGate;
  readonly maintenance: MaintenanceApi;
  readonly boot: BootStatusApi;
  readonly clock: Clock;
  /** The client URL of the etcd beside this agent. */
  readonly clientUrl: string;
  /** The first port etcd has to listen on that somebody else has; undefined when all are free. */
  readonly takenPort: () => Promise<string | undefined>;
};

type AtGate = Extract<LocalEtcd, { kind: 'at-gate' }>;

/** A process that neither asks nor answers for this long after it was let start is gone. */
const STARTING_MS_MAX = 60_000;
/** An etcd that serves answers within this, even on a busy machine. */
const STATUS_LATE_MS = 60;
/** The metrics page is 160 KB, so it is not read at every look of a start. */
const BOOT_STATUS_EVERY_MS = 50;

/** Watches the process beside the agent: through the gate, and by asking it for its status. */
export class LocalEtcdProbe {
  readonly #deps: LocalEtcdProbeDeps;
  #answeredAtMs: number | undefined;
  #runningSinceMs: number | undefined;
  #failedStarts = 0;
  #served = false;
  #boot: { readonly status: BootStatus; readonly readAtMs: number } | undefined;
  /** The last look saw a learner whose client port is still shut. */
  #learnsUnserved = false;

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

  /** Whether etcd has served its client port since it was let start. */
  get hasServed(): boolean {
    return this.#served;
  }

  /** What the process does right now. */
  async look(signal: AbortSignal): Promise<LocalEtcd> {
    const before = this.#atGate();
    if (before !== undefined) {
      return this.#withTakenPort(before);
    }
    const { status, boot } = await this.#ask(signal);
    // It may have died and asked anew while it was being asked.
    const after = this.#atGate();
    if (after !== undefined) {
      return this.#withTakenPort(after);
    }
    if (status !== undefined) {
      this.#served = true;
      return this.#running(status);
    }
    this.#learnsUnserved = boot?.kind === 'learner';
    return boot?.kind === 'learner' ? this.#running(boot.status) : this.#notServing(boot);
  }

  /**
   * Asks for the status, and beside it the metrics page once the status is late: a client port that is not
   * open yet accepts and stays silent, and a learner must not lose half a second to that at every look.
   */
  async #ask(signal: AbortSignal): Promise<{ status: EtcdStatus | undefined; boot: BootStatus | undefined }> {
    const enough = new AbortController();
    const asking = AbortSignal.any([signal, enough.signal]);
    const asked = this.#deps.maintenance.status(this.#deps.clientUrl, asking);
    try {
      for (;;) {
        const answer = await Promise.race([asked, pause(STATUS_LATE_MS, asking)]);
        if (answer?.kind === 'answered') {
          return { status: answer.value, boot: undefined };
        }
        const boot = await this.#readBoot(signal);
        // Once promoted it is news that it is no learner any more, whether its client port is open by now or not.
        const isPromoted = this.#learnsUnserved && boot.kind === 'alive';
        if (answer !== undefined || boot.kind === 'learner' || isPromoted) {
          return { status: undefined, boot };
        }
      }
    } finally {
      enough.abort();
    }
  }

  #running(status: EtcdStatus): LocalEtcd {
    this.#runningSinceMs ??= this.#deps.clock.nowMs();
    this.#answeredAtMs = undefined;
    this.#failedStarts = 0;
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
      ? {
          kind: 'starting',
          sinceMs: this.#answeredAtMs,
          alive,
          hasLeader: boot?.kind === 'alive' && boot.hasLeader,
        }
      : this.#unseen();
  }

  #unseen(): LocalEtcd {
    const gate = this.#deps.gate.state();
    return gate.kind === 'unusable' ? { kind: 'gate-unusable', why: gate.error.message } : { kind: 'absent' };
  }

  /** The last word of the metrics page, asked anew when it is old. */
  async #readBoot(signal: AbortSignal): Promise<BootStatus> {
    const nowMs = this.#deps.clock.nowMs();
    if (this.#boot === undefined || nowMs - this.#boot.readAtMs >= BOOT_STATUS_EVERY_MS) {
      this.#boot = { status: await this.#deps.boot.read(signal), readAtMs: nowMs };
    }
    return this.#boot.status;
  }

  /** A port that is taken fails every start, whatever is on the volume. */
  async #withTakenPort(waiting: AtGate): Promise<AtGate> {
    const taken = waiting.failedStarts > 0 ? await this.#deps.takenPort() : undefined;
    return taken === undefined ? waiting : { ...waiting, takenPort: taken };
  }

  /** A start that was answered and asks again without ever having served has failed. */
  #atGate(): AtGate | undefined {
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
