/** What is being shown of a tour: its steps so far and its latest events. */

import type { LocalCluster } from '../local/local-cluster.ts';
import { memberNameOf } from '../model/naming.ts';
import { type MemberBoard, membersOf } from './member-board.ts';
import { type PictureState, type PictureStep, pictureMemberOf } from './picture-state.ts';
import type { StepProgress } from './run-tour.ts';
import type { Step } from './step.ts';
import type { TimelineEntry } from './timeline.ts';

/** More than the tallest terminal shows. */
const TIMELINE_MAX = 200;

export class TourState {
  readonly #bornAtMs: number;
  readonly #bornMs: number;
  readonly #steps: { readonly text: string; progress: StepProgress | undefined }[];
  readonly #timeline: TimelineEntry[] = [];
  #clusterId: string | null = null;

  constructor(steps: readonly Step[], born: { readonly atMs: number; readonly monotonicMs: number }) {
    this.#steps = steps.map(({ text }) => ({ text, progress: undefined }));
    this.#bornAtMs = born.atMs;
    this.#bornMs = born.monotonicMs;
  }

  noteEntry(entry: TimelineEntry): void {
    this.#timeline.push(entry);
    this.#timeline.splice(0, this.#timeline.length - TIMELINE_MAX);
  }

  noteProgress(index: number, progress: StepProgress): void {
    const step = this.#steps[index];
    if (step !== undefined) {
      step.progress = progress;
    }
    if (progress.kind === 'done') {
      this.#clusterId = progress.report.clusterId ?? this.#clusterId;
    }
  }

  /** The picture at `nowMs` of the monotonic clock. */
  picture(
    cluster: Pick<LocalCluster, 'template' | 'replicas'>,
    board: MemberBoard,
    writes: PictureState['writes'],
    nowMs: number,
  ): PictureState {
    const { names, etcdVersion } = cluster.template;
    const members = membersOf(board);
    return {
      etcdVersion,
      replicas: cluster.replicas(),
      clusterId:
        this.#clusterId ??
        members.find(({ status }) => status?.etcd.clusterId)?.status?.etcd.clusterId ??
        null,
      elapsedMs: nowMs - this.#bornMs,
      bornAtMs: this.#bornAtMs,
      members: members.map((member) => pictureMemberOf(memberNameOf(names, member.ordinal), member)),
      steps: this.#steps.map(({ text, progress }) => pictureStepOf(text, progress, nowMs)),
      writes,
      timeline: this.#timeline,
    };
  }
}

function pictureStepOf(text: string, progress: StepProgress | undefined, nowMs: number): PictureStep {
  switch (progress?.kind) {
    case undefined:
      return { text, state: 'pending', seconds: null };
    case 'settling':
      return { text, state: 'settling', seconds: null };
    case 'running':
      return { text, state: 'running', seconds: (nowMs - progress.startedMs) / 1000 };
    case 'done': {
      const state = progress.report.problem === null ? 'done' : 'failed';
      return { text, state, seconds: progress.report.seconds };
    }
  }
}
