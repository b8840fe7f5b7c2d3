import type { Stage } from './stage.ts';
import type { SubjectKind } from './subject.ts';

export type Formed = {
  /** From the request until three voters have started and a write through the Service was acknowledged. */
  readonly wholeMs: number;
  /** From then until the status says so; ours only. */
  readonly statusLagMs: number | undefined;
};

const SIZE = 3;

/** Makes a cluster of three, lets `look` see it, and takes it away again. */
export async function measureForming(
  stage: Stage,
  kind: SubjectKind,
  look: (name: string) => Promise<void> = () => Promise.resolve(),
): Promise<Formed> {
  const subject = stage.subject(kind);
  const createdMs = await subject.create(SIZE);
  const wholeMs = await stage.prober.untilWhole({ door: await subject.door(), voters: SIZE });
  const saidMs = kind !== 'plain' ? await stage.untilSaid(subject.name, SIZE) : undefined;
  await look(subject.name);
  await subject.remove();
  return {
    wholeMs: wholeMs - createdMs,
    statusLagMs: saidMs === undefined ? undefined : Math.max(0, saidMs - wholeMs),
  };
}

/** Makes several clusters of three at once; how long until the last of them is whole. */
export async function measureCrowd(stage: Stage, kind: SubjectKind, clusters: number): Promise<number> {
  const subjects = Array.from({ length: clusters }, () => stage.subject(kind));
  const startedMs = Date.now();
  const times = await Promise.all(
    subjects.map(async (subject) => {
      await subject.create(SIZE);
      return stage.prober.untilWhole({ door: await subject.door(), voters: SIZE });
    }),
  );
  if (kind === 'quorate') {
    await stage.whileCrowded(subjects.map(({ name }) => name));
  }
  await Promise.all(subjects.map((subject) => subject.remove()));
  return Math.max(...times) - startedMs;
}
