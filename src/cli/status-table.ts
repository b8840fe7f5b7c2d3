import Table from 'cli-table3';
import type { MemberRole } from '../demo/member-role.ts';
import type { Paint, Style } from '../demo/paint.ts';
import type { MemberReport, StatusReport } from './status-report.ts';

const STYLES: Readonly<Record<MemberRole, Style>> = {
  leader: 'good',
  voter: 'good',
  learner: 'busy',
  starting: 'busy',
  'at-gate': 'busy',
  leaving: 'busy',
  down: 'bad',
  unresponsive: 'bad',
  unknown: 'bad',
};

/** A status for people; ends with a newline. */
export function renderStatus(report: StatusReport, paint: Paint): string {
  const { name, etcdVersion, replicas, clusterId, stateFolder } = report;
  const wanted = replicas === 1 ? '1 member' : `${replicas} members`;
  const identity = clusterId === null ? '' : ` · cluster ${clusterId}`;
  return [
    `${paint('title', name)} · etcd ${etcdVersion} · ${wanted} wanted${identity}`,
    paint('dim', stateFolder),
    '',
    ...(report.members.length === 0 ? [paint('dim', noMembers(replicas))] : [membersTable(report, paint)]),
    '',
  ].join('\n');
}

function noMembers(replicas: number): string {
  return replicas === 0
    ? 'No member: the cluster hibernates, its disks stay. Wake it with `quorate scale N`.'
    : 'No Pod yet.';
}

/** No lines: it is read by eyes and by `awk`. */
const NO_LINES = {
  top: '',
  'top-mid': '',
  'top-left': '',
  'top-right': '',
  bottom: '',
  'bottom-mid': '',
  'bottom-left': '',
  'bottom-right': '',
  left: '',
  'left-mid': '',
  mid: '',
  'mid-mid': '',
  right: '',
  'right-mid': '',
  middle: '  ',
};

const TITLES = ['NAME', 'ROLE', 'ETCD', 'AGENT', 'ADDRESS', 'INDEX', 'DECISION', 'REASON'] as const;

function membersTable({ members }: StatusReport, paint: Paint): string {
  const table = new Table({
    chars: NO_LINES,
    head: TITLES.map((title) => paint('dim', title)),
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 0 },
  });
  for (const member of members) {
    table.push(rowOf(member, paint));
  }
  return table
    .toString()
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n');
}

function rowOf(member: MemberReport, paint: Paint): string[] {
  const { name, role, pids, address, raftIndex, decision, reason, silent } = member;
  return [
    name,
    paint(STYLES[role], role),
    String(pids.etcd ?? '-'),
    String(pids.agent ?? '-'),
    address,
    raftIndex ?? '-',
    decision ?? '-',
    reason ?? paint('bad', silent === null ? '-' : `agent silent: ${silent}`),
  ];
}
