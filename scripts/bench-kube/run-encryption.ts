/** What encryption costs: clusters of ours over TLS against clusters of ours in plain text. */
import { figureOf } from '../../src/bench/figure.ts';
import { allAtMost } from '../../src/bench/target.ts';
import { measureForming } from './measure-forming.ts';
import { measureJoin } from './measure-join.ts';
import type { GroupRun } from './run-groups.ts';
import { floorPlus, inTurns, problemsOf, type RunParts, timeAgainst, timesFloor } from './turns.ts';

const AGAINST_OURS = { product: 'encrypted', floor: 'quorate' } as const;

export async function runEncryption(parts: RunParts): Promise<GroupRun> {
  const { stage } = parts;
  const residentBytes: number[] = [];
  const formed = await inTurns(parts, 'forming', AGAINST_OURS, (kind) =>
    measureForming(stage, kind, async (name) => {
      if (kind === 'encrypted') {
        residentBytes.push(await stage.agentBytes(`${name}-0`));
      }
    }),
  );
  const joined = await inTurns(parts, 'joining', AGAINST_OURS, (kind) => measureJoin(stage, kind));
  return {
    group: 'encryption',
    title: 'Over TLS',
    notes: [
      'How long a Pod takes to start varies by more than TLS may cost; from the gate on, only etcd and its agent are measured.',
    ],
    floorName: 'quorate in plain text',
    figures: [
      timeAgainst('apply → 3 voters and a write', formed, ({ wholeMs }) => wholeMs, timesFloor(1.2)),
      timeAgainst('3 → 5, last promotion', joined, ({ listedMs }) => listedMs, floorPlus(0.3)),
      timeAgainst('of that, gate → voter', joined, ({ joinMs }) => joinMs, floorPlus(0.3)),
      figureOf({
        name: 'agent, resident memory',
        unit: 'MB',
        product: residentBytes.map((bytes) => ({ kind: 'measured', value: bytes / 1e6 })),
        target: allAtMost(90, 'MB'),
      }),
    ],
    problems: [
      ...problemsOf('forming over TLS', formed.product),
      ...problemsOf('forming in plain text', formed.floor),
      ...problemsOf('joining over TLS', joined.product),
      ...problemsOf('joining in plain text', joined.floor),
    ],
  };
}
