/** Takes in all news of a running demo and passes each to whoever keeps that kind. */
import type { AgentLine } from '../local/agent-line.ts';
import type { ClusterEvent } from '../local/cluster-event.ts';
import type { DemoView } from './demo-view.ts';
import { MemberWatch } from './member-watch.ts';
import { MembershipCallCount } from './membership-call-count.ts';
import type { StepProgress } from './run-tour.ts';
import type { Step } from './step.ts';
import type { StepDeadline } from './step-deadline.ts';
import { entryOfEvent, entryOfLine, type TimelineEntry, type Tone } from './timeline.ts';
import { TourState } from './tour-state.ts';

/** Gaps from here on are told in the timeline. */
const GAP_MS_MIN = 250;

export class DemoNews {
  readonly watch = new MemberWatch();
  readonly calls = new MembershipCallCount(() => performance.now());
  readonly state: TourState;
  readonly #steps: readonly Step[];
  readonly #view: DemoView;
  readonly #cluster: string;
  #deadline: StepDeadline | undefined;

  constructor(
    steps: readonly Step[],
    cluster: string,
    view: DemoView,
    born: { readonly atMs: number; readonly monotonicMs: number },
  ) {
    this.#steps = steps;
    this.#cluster = cluster;
    this.#view = view;
    this.state = new TourState(steps, born);
  }

  noteEvent(event: ClusterEvent): void {
    this.watch.noteEvent(event);
    if (event.kind === 'container-waiting') {
      this.#deadline?.extend(event.delayMs);
    }
    this.#tell(entryOfEvent(event, this.#cluster));
  }

  noteLine(ordinal: number, line: AgentLine): void {
    this.calls.noteLine(line);
    const entry = entryOfLine(`${this.#cluster}-${ordinal}`, line, Date.now());
    if (entry !== undefined) {
      this.#tell(entry);
    }
  }

  noteGap(gapMs: number): void {
    if (gapMs >= GAP_MS_MIN) {
      this.#say('client', `no write was acknowledged for ${Math.round(gapMs)} ms`, 'bad');
    }
  }

  noteUnanswered(endpoint: string, why: string): void {
    // grpc-js lists where the time went after the first comma.
    this.#say('client', `no answer from ${endpoint}: ${why.replace(/,.*$/s, '')}`, 'plain');
  }

  noteDeadline(deadline: StepDeadline): void {
    this.#deadline = deadline;
  }

  noteProgress(index: number, progress: StepProgress): void {
    this.state.noteProgress(index, progress);
    const step = this.#steps[index]?.text ?? '';
    switch (progress.kind) {
      case 'settling':
        this.#say('tour', `before ${step}: waits until etcd's connections are 5 s old`, 'plain');
        return;
      case 'running':
        this.#say(
          'tour',
          progress.ordinal === null ? `${step} begins` : `${step}: ${this.#cluster}-${progress.ordinal}`,
          'step',
        );
        return;
      case 'done': {
        const { problem, seconds, longestWriteGapMs } = progress.report;
        const text = `${step} took ${seconds.toFixed(2)} s, longest write gap ${longestWriteGapMs} ms`;
        this.#say('tour', problem ?? text, problem === null ? 'good' : 'bad');
      }
    }
  }

  #say(who: string, text: string, tone: Tone): void {
    this.#tell({ atMs: Date.now(), who, text, tone });
  }

  #tell(entry: TimelineEntry): void {
    this.state.noteEntry(entry);
    this.#view.noteEntry(entry);
  }
}
