/** Runs the steps of a tour, one after another, each until the cluster is whole again. */
import type { MemberApi } from '../etcd/member-api.ts';
import type { LocalCluster } from '../local/local-cluster.ts';
import { clientUrlOf, memberNameOf, peerUrlOf } from '../model/naming.ts';
import { pause, within } from '../runtime/abort.ts';
import { errorText } from '../runtime/error-text.ts';
import { membersOf } from './member-board.ts';
import { type MembershipCallCount, totalOf } from './membership-call-count.ts';
import { runStep, type StepDeps } from './run-step.ts';
import type { Step } from './step.ts';
import { StepDeadline } from './step-deadline.ts';
import type { StepReport } from './tour-report.ts';
import { missingIn, proveWhole, type WantedMember } from './wholeness.ts';
import type { WriteLedger } from './write-ledger.ts';

export type TourDeps = Omit<StepDeps, 'untilWhole' | 'onChosen'> & {
  readonly members: MemberApi;
  readonly ledger: WriteLedger;
  readonly calls: MembershipCallCount;
  readonly nowMs: () => number;
  /** When the cluster was first wanted: where the step `form` begins. */
  readonly bornMs: number;
  /** Whether a step waits until etcd would accept a membership change. */
  readonly settle: boolean;
  readonly onProgress: (index: number, progress: StepProgress) => void;
  /** Awaited after each step, outside of its time. */
  readonly afterStep: () => Promise<void>;
  /** Given how to allow the step under way more time, for back-offs. */
  readonly onDeadline: (deadline: StepDeadline) => void;
};

export type StepProgress =
  | { readonly kind: 'settling' }
  | { readonly kind: 'running'; readonly startedMs: number; readonly ordinal: number | null }
  | { readonly kind: 'done'; readonly report: StepReport };

/** No step of a healthy cluster takes a tenth of it, even on a machine that is busy. */
const STEP_LIMIT_MS = 60_000;

/** For what comes without an event, such as the first member list after a promotion. */
const LOOK_MS = 50;

/**
 * `HealthInterval` of etcd 3.5 to 3.7 (server/etcdserver/server.go): with strict-reconfig-check it refuses
 * to add or remove members while its connections to the others are younger. Half a second is for the time
 * between a connection and the moment we hear of it.
 */
const SETTLE_MS = 5_500;

/** Runs `steps`, of which the first forms the cluster; ends early after one that failed. Never throws but when `signal` fires. */
export async function runTour(
  steps: readonly Step[],
  deps: TourDeps,
  signal: AbortSignal,
): Promise<readonly StepReport[]> {
  const reports: StepReport[] = [];
  for (const [index, step] of steps.entries()) {
    const settledMs = await settle(step, index, deps, signal);
    const taken = await takeStep(step, index, settledMs, deps, signal);
    // A cluster that hibernates is still the one it was.
    const report = { ...taken, clusterId: taken.clusterId ?? reports.at(-1)?.clusterId ?? null };
    reports.push(report);
    deps.onProgress(index, { kind: 'done', report });
    await deps.afterStep();
    if (report.problem !== null) {
      break;
    }
  }
  return reports;
}

async function settle(step: Step, index: number, deps: TourDeps, signal: AbortSignal): Promise<number> {
  if (!deps.settle || step.kind === 'form' || step.kind === 'wait') {
    return 0;
  }
  const youngestMs = Math.max(0, ...membersOf(deps.watch.board).map((each) => each.etcdServesSinceMs ?? 0));
  const leftMs = youngestMs + SETTLE_MS - Date.now();
  if (leftMs <= 0) {
    return 0;
  }
  deps.onProgress(index, { kind: 'settling' });
  await pause(leftMs, signal);
  signal.throwIfAborted();
  return leftMs;
}

async function takeStep(
  step: Step,
  index: number,
  settledMs: number,
  deps: TourDeps,
  signal: AbortSignal,
): Promise<StepReport> {
  const { ledger, calls, cluster, nowMs } = deps;
  ledger.beginStep();
  calls.take();
  const startedMs = step.kind === 'form' ? deps.bornMs : nowMs();
  const limitMs = limitOf(step, cluster.replicas());
  using deadline = new StepDeadline(limitMs);
  deps.onDeadline(deadline);
  deps.onProgress(index, { kind: 'running', startedMs, ordinal: null });
  const onChosen = (ordinal: number): void => deps.onProgress(index, { kind: 'running', startedMs, ordinal });
  const limited = AbortSignal.any([signal, deadline.signal]);
  const end = await endOf(step, deps, onChosen, deadline, limited);
  signal.throwIfAborted();
  const { counts, lastAtMs } = calls.take();
  return {
    step: step.text,
    seconds: rounded((nowMs() - startedMs) / 1000),
    longestWriteGapMs: Math.round(ledger.totals(nowMs()).longestGapInStepMs),
    writerPaused: deps.writer.isPaused,
    memberCalls: totalOf(counts),
    memberCallsByKind: counts,
    lastMemberCallSeconds: lastAtMs === null ? null : rounded((lastAtMs - startedMs) / 1000),
    voters: end.voters,
    clusterId: end.clusterId,
    settledSeconds: rounded(settledMs / 1000),
    backOffSeconds: rounded((deadline.limitMs - limitMs) / 1000),
    problem: end.problem,
  };
}

type StepEnd = Pick<StepReport, 'voters' | 'clusterId' | 'problem'>;

async function endOf(
  step: Step,
  deps: TourDeps,
  onChosen: (ordinal: number) => void,
  deadline: StepDeadline,
  signal: AbortSignal,
): Promise<StepEnd> {
  const untilWhole = async (limited: AbortSignal): Promise<void> => {
    await whole(deps, limited);
  };
  try {
    await runStep(step, { ...deps, untilWhole, onChosen }, signal);
    return { ...(await whole(deps, signal)), problem: null };
  } catch (error) {
    const why = deadline.signal.aborted
      ? `the cluster is not whole after ${deadline.limitMs / 1000} s: ${seen(deps).join('; ') || errorText(error)}`
      : errorText(error);
    return { voters: 0, clusterId: null, problem: `${step.text}: ${why}` };
  }
}

/**
 * Resolves once all wanted members and no others serve, and a write begun after that was acknowledged.
 *
 * @throws Error saying what is missing when `signal` fires
 */
export async function whole(
  deps: Pick<TourDeps, 'cluster' | 'watch' | 'members' | 'writer'>,
  signal: AbortSignal,
): Promise<{ readonly voters: number; readonly clusterId: string | null }> {
  const { cluster, watch, members, writer } = deps;
  const wanted = wantedMembers(cluster);
  let why = '';
  for (;;) {
    if (signal.aborted) {
      throw new Error(why);
    }
    const missing = missingIn(watch.board, wanted);
    why = missing.join('; ');
    if (missing.length === 0 && wanted.length === 0) {
      return { voters: 0, clusterId: null };
    }
    if (missing.length === 0) {
      const proof = await proveWhole(members, wanted, signal);
      if (proof.kind === 'whole') {
        await writer.acknowledgedAnew(signal);
        return proof;
      }
      why = proof.why;
    }
    await watch.changed(within(signal, LOOK_MS));
  }
}

function wantedMembers(cluster: LocalCluster): readonly WantedMember[] {
  const { names } = cluster.template;
  return Array.from({ length: cluster.replicas() }, (_, ordinal) => ({
    ordinal,
    name: memberNameOf(names, ordinal),
    clientUrl: clientUrlOf(names, ordinal),
    peerUrl: peerUrlOf(names, ordinal),
  }));
}

function seen({ cluster, watch }: TourDeps): readonly string[] {
  return missingIn(watch.board, wantedMembers(cluster));
}

function limitOf(step: Step, replicas: number): number {
  switch (step.kind) {
    case 'wait':
      return step.seconds * 1000 + STEP_LIMIT_MS;
    case 'roll':
      return replicas * STEP_LIMIT_MS;
    default:
      return STEP_LIMIT_MS;
  }
}

function rounded(seconds: number): number {
  return Math.round(seconds * 1000) / 1000;
}
