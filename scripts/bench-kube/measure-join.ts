import { membershipCallIn } from '../../src/demo/membership-call-count.ts';
import type { AgentLine } from '../../src/local/agent-line.ts';
import type { Stage } from './stage.ts';
import type { SubjectKind } from './subject.ts';

export type Joined = {
  /** From the edit of the size until two voters more are listed and have started. */
  readonly listedMs: number;
  /**
   * Of that, from when an etcd waited at the gate until it was promoted, by its agent's own clock; of the member that
   * waited less for the other.
   */
  readonly joinMs: number;
};

const SIZE = 3;
const NEWCOMERS = [3, 4] as const;

/** Two members join a cluster of three. */
export async function measureJoin(stage: Stage, kind: SubjectKind): Promise<Joined> {
  const subject = stage.subject(kind);
  await subject.create(SIZE);
  const door = await subject.door();
  await stage.prober.untilWhole({ door, voters: SIZE });
  await stage.untilSaid(subject.name, SIZE);
  const editedMs = await subject.resize(SIZE + NEWCOMERS.length);
  const listedMs = await stage.prober.untilWhole({ door, voters: SIZE + NEWCOMERS.length });
  await stage.untilSaid(subject.name, SIZE + NEWCOMERS.length);
  const logs = await Promise.all(NEWCOMERS.map((each) => stage.agentLines(`${subject.name}-${each}`)));
  await subject.remove();
  return { listedMs: listedMs - editedMs, joinMs: Math.min(...logs.map(joinMsOf)) };
}

/** @throws Error when the agent's log does not tell of a join */
function joinMsOf(lines: readonly AgentLine[]): number {
  const gated = lines.find((line) => line['decision'] !== undefined && line['reason'] !== 'EtcdNotAsking');
  const promoted = lines.find((line) => {
    const made = membershipCallIn(line);
    return made?.call === 'MemberPromote' && made.outcome === 'done';
  });
  if (gated === undefined || promoted === undefined) {
    throw new Error('the agent that joined says nothing of it');
  }
  return timeOf(promoted) - timeOf(gated);
}

function timeOf(line: AgentLine): number {
  return Date.parse(String(line['time']));
}
