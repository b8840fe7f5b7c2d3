import { Counter, Gauge, Registry } from 'prom-client';
import type { AgentStatus } from '../model/agent-status.ts';
import { type Decision, STAGES } from '../model/decision.ts';
import { describeProcess } from '../runtime/process-metrics.ts';

type CertificateStatus = NonNullable<AgentStatus['certificates']>[number];

/** What an agent measures of itself. Labels come from closed lists only. */
export type AgentMetrics = {
  readonly registry: Registry;
  readonly decisions: Counter<'decision' | 'reason'>;
  readonly membershipCalls: Counter<'call' | 'outcome'>;
  readonly apiCalls: Counter<'method' | 'answered'>;
  /** Shows the current stage: 1 for it, 0 for the others. */
  showStage(decision: Decision): void;
  /** Shows until when the certificates in the Pod are good, as they are read at each scrape. */
  showCertificates(certificates: () => readonly CertificateStatus[]): void;
};

/** Metrics in a registry of their own, so that two agents in one process never meet. `nowMs` is of the wall clock. */
export function createAgentMetrics(nowMs: () => number = Date.now): AgentMetrics {
  const registry = new Registry();
  const registers = [registry];
  const stage = new Gauge({
    name: 'quorate_agent_stage',
    help: 'How far this member has come; 1 for the current stage.',
    labelNames: ['stage'],
    registers,
  });
  describeProcess(registers);
  new Gauge({
    name: 'nodejs_heap_size_used_bytes',
    help: 'Heap of this process in use, in bytes.',
    registers,
    collect() {
      this.set(process.memoryUsage().heapUsed);
    },
  });
  return {
    registry,
    decisions: new Counter({
      name: 'quorate_agent_decisions_total',
      help: 'Changes of decision, by decision and reason.',
      labelNames: ['decision', 'reason'],
      registers,
    }),
    membershipCalls: new Counter({
      name: 'quorate_agent_membership_calls_total',
      help: 'Membership calls made to etcd, by call and outcome.',
      labelNames: ['call', 'outcome'],
      registers,
    }),
    apiCalls: new Counter({
      name: 'quorate_agent_api_calls_total',
      help: 'Calls made to the Kubernetes API; constant while the member is settled.',
      labelNames: ['method', 'answered'],
      registers,
    }),
    showCertificates: (certificates) => {
      new Gauge({
        name: 'quorate_certificate_expiry_seconds',
        help: 'Seconds until a certificate in the Pod expires; negative once it has.',
        labelNames: ['side'],
        registers,
        collect() {
          this.reset();
          for (const { side, notAfter } of certificates()) {
            this.set({ side }, Math.round((Date.parse(notAfter) - nowMs()) / 1_000));
          }
        },
      });
    },
    showStage: (decision) => {
      for (const candidate of STAGES) {
        stage.set({ stage: candidate }, candidate === decision.stage ? 1 : 0);
      }
    },
  };
}
