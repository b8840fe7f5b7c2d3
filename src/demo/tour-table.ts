import Table from 'cli-table3';
import type { Paint } from './paint.ts';
import type { StepReport, TourReport } from './tour-report.ts';

/** The table that a tour ends with, and below it what was checked; each line ends with a newline. */
export function renderTour(report: TourReport, paint: Paint): string {
  const verdict = report.ok ? paint('good', 'Everything held.') : paint('bad', 'Not everything held:');
  return [
    tableOf(report.steps, paint),
    ...notesOn(report.steps).map((note) => paint('dim', note)),
    '',
    ...checks(report),
    verdict,
    ...report.problems.map((problem) => `  - ${problem}`),
    '',
  ].join('\n');
}

function tableOf(steps: readonly StepReport[], paint: Paint): string {
  const titles = ['step', 'seconds', 'longest write gap', 'membership calls', 'voters'];
  const table = new Table({
    head: titles.map((title) => paint('title', title)),
    colAligns: ['left', 'right', 'right', 'left', 'right'],
    // Its own colours ignore NO_COLOR and pipes.
    style: { head: [], border: [], compact: true },
  });
  for (const [index, step] of steps.entries()) {
    const name = step.problem === null ? step.step : paint('bad', `${step.step} ✗`);
    const gap = gapText(step, steps[index - 1]);
    table.push([name, step.seconds.toFixed(2), gap, callsText(step), String(step.voters)]);
  }
  return table.toString();
}

function gapText(step: StepReport, before: StepReport | undefined): string {
  if (step.writerPaused) {
    return 'paused';
  }
  return `${step.longestWriteGapMs} ms${before?.writerPaused === true ? ' ¹' : ''}`;
}

/** In etcd's words, without the `Member` that most begin with. */
function callsText({ memberCalls, memberCallsByKind, lastMemberCallSeconds }: StepReport): string {
  const kinds = Object.entries(memberCallsByKind).map(
    ([call, count]) => `${count} ${call.replace(/^Member/, '').toLowerCase()}`,
  );
  return lastMemberCallSeconds === null
    ? '0'
    : `${memberCalls}: ${kinds.join(', ')} (last at ${lastMemberCallSeconds.toFixed(2)} s)`;
}

/** Far more than an agent needs to see that its etcd serves. */
const LATE_SECONDS_MIN = 4;

function isLate({ seconds, lastMemberCallSeconds, backOffSeconds }: StepReport): boolean {
  return (
    lastMemberCallSeconds !== null && seconds - backOffSeconds - lastMemberCallSeconds > LATE_SECONDS_MIN
  );
}

function notesOn(steps: readonly StepReport[]): readonly string[] {
  const notes: string[] = [];
  if (steps.slice(0, -1).some((step) => step.writerPaused)) {
    notes.push(
      '¹ From the moment the cluster was wanted again; while it had no members nothing was written.',
    );
  }
  if (steps.some(isLate)) {
    notes.push(
      'Where the last call comes seconds before the end, etcd opened the client port of a new voter late: it waits',
      '7 s for word of its own registration when that came inside the snapshot it was fed (etcd 3.5 to 3.7).',
    );
  }
  const settled = steps.reduce((sum, step) => sum + step.settledSeconds, 0);
  if (settled > 0) {
    notes.push(
      `Before the steps ${settled.toFixed(0)} s were waited in all, not counted above: etcd refuses membership changes`,
      'until its connections are 5 s old (--no-settle leaves the waiting to the agents).',
    );
  }
  const backOff = steps.reduce((sum, step) => sum + step.backOffSeconds, 0);
  if (backOff > 0) {
    notes.push(`${backOff.toFixed(0)} s of this were the kubelet's back-off before restarts.`);
  }
  return notes;
}

const BYTES_PER_MIB = 1024 * 1024;

function checks(report: TourReport): readonly string[] {
  const { acknowledged, unanswered, lost, clusterIds, agentRssBytes } = report;
  const memory = agentRssBytes.map((bytes) => Math.round(bytes / BYTES_PER_MIB)).join(', ');
  return [
    `etcd ${report.etcdVersion}, ${report.seconds.toFixed(0)} s in all, longest write gap ${report.longestWriteGapMs} ms`,
    `${acknowledged} writes acknowledged, ${lost ?? 'unknown how many'} lost (${unanswered} more had no answer)`,
    `hashkv ${report.hashkvEqual ? 'equal on all members' : 'NOT equal on all members'}`,
    `cluster IDs seen: ${clusterIds.length === 0 ? 'none' : clusterIds.join(', ')}`,
    ...(memory === '' ? [] : [`resident memory of the agents: ${memory} MiB`]),
  ];
}
