/** What agents' reasons mean to people. Waits that end by themselves are in none of these lists. */
import type { Reason } from '../../model/reason.ts';

/** Nothing goes on until a human does something. */
const NEEDS_A_HUMAN: ReadonlySet<string> = new Set<Reason>([
  'VolumeUnreadable',
  'VolumeFull',
  'DataUnreadable',
  'DataTooOld',
  'GateUnusable',
  'PortTaken',
  'FormationBlocked',
  'ForeignCluster',
  'SpaceExhausted',
  'HashMismatch',
  'DataCorrupt',
]);

/** Something is given up: data is set aside, or a member is removed that did not leave by itself. */
const GIVES_UP: ReadonlySet<string> = new Set<Reason>([
  'SeedVolumeLost',
  'RemovedData',
  'ForeignData',
  'DataDiscarded',
  'DataUnusable',
  'LostIdentity',
  'OrphanedMember',
  'LearnerNeverStarted',
  'QuarantineFull',
]);

/** Members hold different data; a member that restarts now could be refused by the others. */
const DATA_DIFFERS: ReadonlySet<string> = new Set<Reason>(['HashMismatch', 'DataCorrupt']);

const MISSES_QUORUM: ReadonlySet<string> = new Set<Reason>(['QuorumLost', 'PeersUnreachable', 'NoLeader']);

export function needsHuman(reason: string): boolean {
  return NEEDS_A_HUMAN.has(reason);
}

export function givesUp(reason: string): boolean {
  return GIVES_UP.has(reason);
}

export function saysDataDiffers(reason: string): boolean {
  return DATA_DIFFERS.has(reason);
}

/** Whether an agent says that no quorum answers it. */
export function missesQuorum(reason: string): boolean {
  return MISSES_QUORUM.has(reason);
}
