import type { Stage } from './stage.ts';

export type Scaled = {
  readonly from: number;
  readonly to: number;
  /** From the edit of the size until exactly so many voters are listed and have started. */
  readonly listedMs: number;
  /** From then until the status lists them. */
  readonly statusLagMs: number;
  /** From then until the status says that all of them serve clients. */
  readonly servingLagMs: number;
  readonly longestGapMs: number;
};

const SIZES = [1, 3, 5, 3] as const;

/** Takes one cluster through the sizes, while a client writes. */
export async function measureScaling(stage: Stage): Promise<readonly Scaled[]> {
  const subject = stage.subject('quorate');
  const [first, ...others] = SIZES;
  await subject.create(first);
  const door = await subject.door();
  await stage.prober.untilWhole({ door, voters: first });
  const scaled: Scaled[] = [];
  let from: number = first;
  for (const to of others) {
    await stage.untilSaid(subject.name, from);
    const [times, written] = await stage.prober.whileWriting(door, async () => {
      const editedMs = await subject.resize(to);
      const listedMs = await stage.prober.untilWhole({ door, voters: to });
      const toldMs = await stage.untilListed(subject.name, to);
      return { editedMs, listedMs, toldMs, saidMs: await stage.untilSaid(subject.name, to) };
    });
    scaled.push({
      from,
      to,
      listedMs: times.listedMs - times.editedMs,
      statusLagMs: Math.max(0, times.toldMs - times.listedMs),
      servingLagMs: Math.max(0, times.saidMs - times.listedMs),
      longestGapMs: written.longestGapMs,
    });
    from = to;
  }
  await subject.remove();
  return scaled;
}
