/** Action lists on a cluster's membership that the model of etcd and real etcd must answer alike. */
import type { Refusal } from '../../src/etcd/member-api.ts';
import type { EtcdVersion } from '../../src/model/etcd-version.ts';
import { isStarted, type Member } from '../../src/model/member.ts';

/** One thing done to the cluster; members are numbered by their URLs. */
export type Step =
  | { readonly do: 'start'; readonly member: number; readonly as: 'seed' | 'joiner' }
  | { readonly do: 'kill' | 'wipe' | 'exits'; readonly member: number }
  | {
      readonly do: 'add-learner' | 'add-voter' | 'promote' | 'remove';
      readonly member: number;
      readonly via?: number;
    }
  | { readonly do: 'move-leader'; readonly to: number; readonly via?: number }
  /** The member gets the peer URL of `to`, and goes by that number from then on. */
  | { readonly do: 'update-url'; readonly member: number; readonly to: number; readonly via?: number }
  | { readonly do: 'wait'; readonly ms: number };

export type Change = Extract<
  Step,
  { readonly do: 'add-learner' | 'add-voter' | 'promote' | 'remove' | 'move-leader' | 'update-url' }
>;

/** What came of a change; `unknown` when no answer came. */
export type Outcome = 'done' | 'unknown' | Refusal;

/** What both clusters can do. */
export type ContractCluster = AsyncDisposable & {
  /** Starts etcd on the member's directory as it is, and waits a few seconds for it to serve clients or end. */
  start(member: number, as: 'seed' | 'joiner'): Promise<'serves' | 'exits' | 'waits'>;
  /** SIGKILL. */
  kill(member: number): Promise<void>;
  /** SIGKILL, and the data directory is gone. */
  wipe(member: number): Promise<void>;
  /** Whether the process ends by itself within a few seconds. */
  exits(member: number): Promise<boolean>;
  change(step: Change, via: number): Promise<Outcome>;
  /** Such as `0 1L 2L?`: voters, learners, and those that never started. Undefined without a quorum. */
  list(): Promise<string | undefined>;
  leader(): Promise<number>;
  wait(ms: number): Promise<void>;
};

/** A change that raft dropped without a word is made again so often. */
const ATTEMPTS_MAX = 6;
const RETRY_MS = 400;
/** An election takes 1 to 2 s, and a look without an answer 1 s. */
const LOOKS_MAX = 4;

/** Does `steps` one after another and writes down what came of each. */
export async function transcribe(
  cluster: ContractCluster,
  steps: readonly Step[],
): Promise<readonly string[]> {
  const lines: string[] = [];
  for (const step of steps) {
    const outcome = await take(cluster, step);
    const list = step.do === 'wait' ? undefined : await settledList(cluster);
    lines.push(`${nameOf(step)}: ${outcome}; ${list ?? 'no quorum'}`);
  }
  return lines;
}

async function take(cluster: ContractCluster, step: Step): Promise<string> {
  switch (step.do) {
    case 'start':
      return cluster.start(step.member, step.as);
    case 'kill':
      await cluster.kill(step.member);
      return 'killed';
    case 'wipe':
      await cluster.wipe(step.member);
      return 'wiped';
    case 'exits':
      return (await cluster.exits(step.member)) ? 'ended' : 'runs on';
    case 'wait':
      await cluster.wait(step.ms);
      return 'waited';
    default:
      return insist(cluster, step);
  }
}

/** Asks again after no answer, as whoever looks at the list first would. */
async function insist(cluster: ContractCluster, step: Change): Promise<Outcome> {
  for (let attempt = 1; ; attempt++) {
    const before = await cluster.list();
    const outcome = await cluster.change(step, step.via ?? (await cluster.leader()));
    if (outcome !== 'unknown' || attempt === ATTEMPTS_MAX || before === undefined) {
      return outcome;
    }
    if ((await cluster.list()) !== before) {
      return 'done';
    }
    await cluster.wait(RETRY_MS);
  }
}

/** The list once two looks in a row agree: elections and names take their time. */
async function settledList(cluster: ContractCluster): Promise<string | undefined> {
  let before = await cluster.list();
  for (let attempt = 1; attempt < LOOKS_MAX; attempt++) {
    await cluster.wait(RETRY_MS);
    const now = await cluster.list();
    if (now !== undefined && now === before) {
      return now;
    }
    before = now;
  }
  return before;
}

function nameOf(step: Step): string {
  const { do: verb, ...rest } = step;
  return [verb, ...Object.entries(rest).map(([key, value]) => `${key} ${value}`)].join(' ');
}

export type Script = {
  readonly name: string;
  readonly steps: readonly Step[];
  readonly only?: (version: EtcdVersion) => boolean;
};

const SEED: Step = { do: 'start', member: 0, as: 'seed' };
/** etcd counts a link only once it is this old (`HealthInterval`). */
const HEALTHY: Step = { do: 'wait', ms: 5_500 };

function joined(member: number): readonly Step[] {
  return [
    { do: 'add-learner', member },
    { do: 'start', member, as: 'joiner' },
    { do: 'promote', member },
  ];
}

/** What etcd before 3.5.31 and 3.6.12 gets wrong: it lists a learner as a voter from then on (L26). */
export const URLS_CHANGE: Script = {
  name: 'peer URLs change, those of voters and of learners, and stay what they were made',
  steps: [
    SEED,
    { do: 'update-url', member: 0, to: 3 },
    { do: 'update-url', member: 3, to: 3 },
    { do: 'add-learner', member: 3 },
    { do: 'update-url', member: 3, to: 0 },
    { do: 'add-learner', member: 1 },
    { do: 'update-url', member: 0, to: 1 },
    { do: 'update-url', member: 1, to: 2 },
    { do: 'update-url', member: 2, to: 1 },
    { do: 'start', member: 1, as: 'joiner' },
    { do: 'update-url', member: 1, to: 1, via: 1 },
    { do: 'update-url', member: 1, to: 1 },
    { do: 'promote', member: 1 },
    { do: 'update-url', member: 1, to: 1 },
    { do: 'update-url', member: 2, to: 3 },
  ],
};

export const SCRIPTS: readonly Script[] = [
  {
    name: 'learners are registered, refused, promoted and removed',
    steps: [
      SEED,
      { do: 'add-learner', member: 1 },
      { do: 'add-learner', member: 1 },
      { do: 'promote', member: 1 },
      { do: 'add-learner', member: 2 },
      { do: 'start', member: 1, as: 'joiner' },
      { do: 'add-learner', member: 3, via: 1 },
      { do: 'move-leader', to: 1 },
      { do: 'promote', member: 1 },
      { do: 'promote', member: 1 },
      { do: 'remove', member: 2 },
      { do: 'promote', member: 2 },
    ],
  },
  {
    name: 'young links refuse an add and not the removal of a learner',
    steps: [
      SEED,
      ...joined(1),
      { do: 'add-learner', member: 2 },
      HEALTHY,
      ...joined(2),
      { do: 'add-learner', member: 3 },
      { do: 'remove', member: 2 },
      HEALTHY,
      { do: 'add-learner', member: 3 },
      { do: 'remove', member: 3 },
      { do: 'remove', member: 2 },
      { do: 'exits', member: 2 },
      { do: 'start', member: 2, as: 'joiner' },
    ],
  },
  {
    name: 'a dead voter holds up adds until it is removed',
    steps: [
      SEED,
      ...joined(1),
      HEALTHY,
      ...joined(2),
      HEALTHY,
      { do: 'wipe', member: 2 },
      { do: 'add-learner', member: 3 },
      { do: 'remove', member: 2 },
      { do: 'add-learner', member: 2 },
      { do: 'start', member: 2, as: 'joiner' },
      { do: 'promote', member: 2 },
    ],
  },
  {
    name: 'the leader moves, is removed and the last member stays',
    steps: [
      SEED,
      ...joined(1),
      HEALTHY,
      { do: 'move-leader', to: 1, via: 1 },
      { do: 'move-leader', to: 1 },
      { do: 'remove', member: 1 },
      { do: 'exits', member: 1 },
      { do: 'remove', member: 0 },
      { do: 'start', member: 1, as: 'joiner' },
    ],
  },
  {
    name: 'a wiped member starts under its old ID and nobody minds',
    steps: [
      SEED,
      ...joined(1),
      HEALTHY,
      ...joined(2),
      { do: 'wipe', member: 2 },
      { do: 'start', member: 2, as: 'joiner' },
      { do: 'start', member: 3, as: 'joiner' },
    ],
  },
  {
    name: 'a dead learner is promoted, and of two voters the dead one stays',
    steps: [
      SEED,
      { do: 'add-learner', member: 1 },
      { do: 'start', member: 1, as: 'joiner' },
      { do: 'kill', member: 1 },
      { do: 'promote', member: 1 },
      { do: 'remove', member: 1 },
      { do: 'start', member: 1, as: 'joiner' },
    ],
  },
  {
    name: 'an unstarted voter stops everything until it starts',
    steps: [
      SEED,
      { do: 'add-voter', member: 1 },
      { do: 'promote', member: 1 },
      { do: 'start', member: 1, as: 'joiner' },
    ],
  },
  {
    name: 'members come back with their data',
    steps: [
      SEED,
      ...joined(1),
      { do: 'kill', member: 0 },
      { do: 'start', member: 0, as: 'joiner' },
      { do: 'kill', member: 1 },
      { do: 'start', member: 1, as: 'joiner' },
    ],
  },
  URLS_CHANGE,
];

/** The list in short words, ordered by number. */
export function describeList(
  members: readonly Member[] | undefined,
  numberOf: (member: Member) => number,
): string | undefined {
  return members
    ?.map((member) => `${numberOf(member)}${member.isLearner ? 'L' : ''}${isStarted(member) ? '' : '?'}`)
    .toSorted()
    .join(' ');
}
