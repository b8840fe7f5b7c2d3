import type { MemberRole } from './member-role.ts';
import type { Style } from './paint.ts';
import type { PictureMember, PictureState } from './picture-state.ts';
import { fit, fitRight, type Line } from './text-line.ts';

/** Below this, the columns that matter least are left out, so that the message keeps some room. */
const WIDE_COLUMNS = 100;

type Column = {
  readonly title: string;
  /** The last column takes what is left. */
  readonly width?: number;
  readonly right?: boolean;
  /** Shown only where there is room. */
  readonly isExtra?: boolean;
  readonly text: (member: PictureMember) => string;
  readonly style?: (member: PictureMember) => Style | undefined;
};

type RoleLook = {
  readonly mark: string;
  readonly style: Style;
  /** Where the role's own name is too long. */
  readonly word?: string;
};

const ROLES: Readonly<Record<MemberRole, RoleLook>> = {
  leader: { mark: '◆', style: 'good' },
  voter: { mark: '●', style: 'good' },
  learner: { mark: '◐', style: 'busy' },
  starting: { mark: '○', style: 'busy' },
  'at-gate': { mark: '○', style: 'busy' },
  leaving: { mark: '◌', style: 'busy' },
  down: { mark: '✗', style: 'bad' },
  unresponsive: { mark: '?', style: 'bad', word: 'silent' },
  unknown: { mark: '?', style: 'busy' },
};

/** A header and one line for each member. */
export function memberLines(state: PictureState, columns: number): readonly Line[] {
  const { members } = state;
  if (members.length === 0) {
    return [
      [
        {
          text: state.replicas === 0 ? ' (all members sleep; their disks stay)' : ' (no Pod yet)',
          style: 'dim',
        },
      ],
    ];
  }
  const shown = columnsOf(members).filter((column) => column.isExtra !== true || columns >= WIDE_COLUMNS);
  const header: Line = shown.map((column) => ({ text: ` ${cell(column, column.title)}`, style: 'dim' }));
  return [header, ...members.map((member) => memberLine(member, shown))];
}

function memberLine(member: PictureMember, shown: readonly Column[]): Line {
  return shown.map((column) => {
    const style = column.style?.(member);
    const text = ` ${cell(column, column.text(member))}`;
    return style === undefined ? { text } : { text, style };
  });
}

function cell({ width, right }: Column, text: string): string {
  if (width === undefined) {
    return text;
  }
  return right === true ? fitRight(text, width) : fit(text, width);
}

/** Room for most decisions with their reasons; a width that followed them would never be still. */
const DECISION_COLUMNS = 25;

function columnsOf(members: readonly PictureMember[]): readonly Column[] {
  const longestName = Math.max(...members.map((member) => member.name.length));
  return [
    { title: 'name', width: longestName, text: (member) => member.name },
    {
      title: 'role',
      width: 10,
      text: ({ role }) => `${ROLES[role].mark} ${ROLES[role].word ?? role}`,
      style: ({ role }) => ROLES[role].style,
    },
    { title: 'index', width: 7, right: true, text: (member) => member.raftIndex },
    { title: ' etcd', width: 7, isExtra: true, text: (member) => ` ${member.version}` },
    { title: 'process', width: 8, right: true, text: (member) => String(member.etcdPid ?? '–') },
    {
      title: ' decision',
      width: DECISION_COLUMNS + 1,
      text: ({ decision, reason }) => ` ${decision} ${reason}`,
    },
    { title: ' why', text: (member) => ` ${member.message}`, style: () => 'dim' },
  ];
}
