import { CLAIM } from '../../src/operator/kinds.ts';
import type { Door } from './prober.ts';
import type { Stage } from './stage.ts';
import { deletePod, must, type Subject, type SubjectKind } from './subject.ts';

const SIZE = 3;

export type Returned = {
  /** From the deletion of the leader's Pod until its successor answers as a voter. */
  readonly backMs: number;
  /** Longest time without an acknowledged write meanwhile. */
  readonly longestGapMs: number;
};

/** Deletes the leader's Pod of a cluster of three, while a client writes. */
export async function measureLeaderPod(stage: Stage, kind: SubjectKind): Promise<Returned> {
  const subject = stage.subject(kind);
  const door = await wholeCluster(stage, subject);
  const leader = await stage.leaderOf(subject.name, SIZE);
  const [backMs, written] = await stage.prober.whileWriting(door, async () => {
    const successor = stage.successorOf(leader);
    const deletedMs = await deletePod(stage, leader);
    return (await stage.prober.untilServes({ base: await successor })) - deletedMs;
  });
  await subject.remove();
  return { backMs, longestGapMs: written.longestGapMs };
}

/** Deletes a follower's Pod and claim; from the end of the Pod until three voters are listed without the lost one. */
export async function measureLostVolume(stage: Stage): Promise<number> {
  const subject = stage.subject('quorate');
  const door = await wholeCluster(stage, subject);
  const leader = await stage.leaderOf(subject.name, SIZE);
  const pod = leader.endsWith('-2') ? `${subject.name}-1` : `${subject.name}-2`;
  const without = await stage.memberIdOf(pod);
  const place = { namespace: stage.view.namespace, name: `data-${pod}` };
  must(await stage.api.remove(CLAIM, place, {}, stage.signal));
  const gone = stage.untilGone(pod);
  await deletePod(stage, pod);
  const goneMs = await gone;
  const healedMs = await stage.prober.untilWhole({ door, voters: SIZE, without });
  await subject.remove();
  return healedMs - goneMs;
}

async function wholeCluster(stage: Stage, subject: Subject): Promise<Door> {
  await subject.create(SIZE);
  const door = await subject.door();
  await stage.prober.untilWhole({ door, voters: SIZE });
  if (subject.kind === 'quorate') {
    await stage.untilSaid(subject.name, SIZE);
  }
  return door;
}
