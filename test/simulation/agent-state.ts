/** One agent process: what it remembers, and what others may ask it. */
import type { Decision } from '../../src/model/decision.ts';
import type { VersionedRecord } from '../../src/model/formation-record.ts';
import type { Known } from '../../src/model/known.ts';
import type { History } from '../../src/model/member-view.ts';
import type { VotersWord } from '../../src/model/voters-word.ts';
import type { Pod } from './kube-state.ts';

/** Lost when the process dies, all of it. */
export type Agent = {
  readonly pod: Pod;
  isAlive: boolean;
  /** SIGSTOP until then, in ms. */
  pausedUntilMs: number;
  history: History;
  toConfirm: Decision | undefined;
  /** The last view's voters, for `wantsOf`. */
  lastVoters: VotersWord;
  /** A formed record never changes again within a generation, so it is kept. */
  formed: Known<VersionedRecord>;
  answeredAtMs: number | undefined;
  runningSinceMs: number | undefined;
  failedStarts: number;
  decision: Decision | undefined;
  /** The decision before that. */
  decisionBefore: Decision | undefined;
  /** How often it has looked, and at which look it made its last membership call. */
  looks: number;
  calledOnLook: number;
  /** How often its preStop hook moved the leader. */
  handOvers: number;
  decidedFirstMs: number;
  /** When the look began that the latest decision rests on. */
  lookedAtMs: number;
  /** When its loop began the present turn. */
  turnStartedMs: number;
  /** How far the etcd beside it truly was behind its leader then, in raft entries. */
  lag: number;
  hasData: boolean;
  /** The preStop hook is at work. */
  isLeaving: boolean;
};
