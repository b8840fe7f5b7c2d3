/** One line of text for whatever happens in a tour: for the live picture, and for logs without one. */
import * as v from 'valibot';
import type { AgentLine } from '../local/agent-line.ts';
import type { ClusterEvent } from '../local/cluster-event.ts';
import type { Exit } from '../local/container.ts';
import type { HttpAnswer } from '../runtime/http-client.ts';
import { membershipCallIn } from './membership-call-count.ts';

export type Tone = 'plain' | 'good' | 'bad' | 'call' | 'step';

export type TimelineEntry = {
  /** Milliseconds since the epoch. */
  readonly atMs: number;
  /** Whom it is about: a member's name, `cluster`, `client` or `tour`. */
  readonly who: string;
  readonly text: string;
  readonly tone: Tone;
};

type Said = { readonly text: string; readonly tone: Tone };

/** What to tell of a supervisor's event; `cluster` is the name of the StatefulSet. */
export function entryOfEvent(event: ClusterEvent, cluster: string): TimelineEntry {
  const who = 'ordinal' in event ? `${cluster}-${event.ordinal}` : 'cluster';
  return { atMs: event.atMs, who, ...saidOf(event) };
}

function saidOf(event: ClusterEvent): Said {
  switch (event.kind) {
    case 'scaled':
      return { text: `wanted size ${event.replicasBefore} → ${event.replicas}`, tone: 'step' };
    case 'pod-created':
      return { text: 'Pod created', tone: 'plain' };
    case 'pod-deleting':
      return { text: 'Pod is being deleted', tone: 'plain' };
    case 'pod-gone':
      return { text: 'Pod is gone', tone: 'plain' };
    case 'container-started':
      return { text: `${event.container} started (process ${event.pid})`, tone: 'plain' };
    case 'container-exited':
      return exited(event.container, event.exit);
    case 'container-waiting':
      return { text: `${event.container} is restarted in ${event.delayMs / 1000} s (back-off)`, tone: 'bad' };
    case 'pre-stop-called':
      return { text: 'preStop: asks its agent whether to leave', tone: 'plain' };
    case 'pre-stop-returned':
      return { text: `preStop: ${verdictIn(event.answer)}`, tone: 'plain' };
    case 'volume-emptied':
      return { text: 'its disk is empty now', tone: 'bad' };
    case 'orphans-ended':
      return { text: `ended ${event.count} processes of a killed predecessor`, tone: 'plain' };
    case 'trouble':
      return { text: event.message, tone: 'bad' };
  }
}

function exited(container: string, { code, signal }: Exit): Said {
  if (signal !== null) {
    return { text: `${container} ended by ${signal}`, tone: signal === 'SIGTERM' ? 'plain' : 'bad' };
  }
  return { text: `${container} exited with ${code ?? 'nothing'}`, tone: code === 0 ? 'plain' : 'bad' };
}

/** What `GET /leave` of an agent answers. */
const verdictSchema = v.pipe(v.string(), v.parseJson(), v.object({ message: v.string() }));

function verdictIn(answer: HttpAnswer): string {
  const parsed = v.safeParse(verdictSchema, answer.kind === 'answered' ? answer.body : '');
  return parsed.success ? parsed.output.message : 'its agent gives no verdict';
}

/** pino's number for warnings. */
const LEVEL_WARN = 40;

/** Noted on the volume right before the decision that it is for: no news of its own. */
const QUIET_DECISION = 'write-marker';

/** What to tell of an agent's log line; undefined for most lines. */
export function entryOfLine(who: string, line: AgentLine, atMs: number): TimelineEntry | undefined {
  const call = membershipCallIn(line);
  if (call !== undefined) {
    const tone = call.outcome === 'done' ? 'call' : 'bad';
    return { atMs, who, text: `${call.call} ${call.outcome}, ${call.durationMs} ms`, tone };
  }
  const message = typeof line['msg'] === 'string' ? line['msg'] : '';
  const decision = line['decision'];
  if (typeof decision === 'string' && decision !== QUIET_DECISION) {
    return { atMs, who, text: message, tone: decision === 'settled' ? 'good' : 'plain' };
  }
  const level = line['level'];
  return typeof level === 'number' && level >= LEVEL_WARN
    ? { atMs, who, text: message, tone: 'bad' }
    : undefined;
}
