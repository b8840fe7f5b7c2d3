import { PATIENCE_MS } from '../../src/decide/patience.ts';
import { known, unknown } from '../../src/model/known.ts';
import type { MemberView } from '../../src/model/member-view.ts';
import type { Sibling } from '../../src/model/sibling.ts';
import {
  aHistory,
  aMemberView,
  anAnsweringAgent,
  anIntent,
  aSelf,
  aSibling,
  emptyVolume,
  forming,
  NOW_MS,
  recorded,
  SEED_TOKEN,
  unformed,
} from '../support/a-member-view.ts';
import type { DecisionCase } from './decision-case.ts';

const ABSENT: Partial<Sibling> = { pod: known({ kind: 'absent' }, NOW_MS) };
const PENDING: Partial<Sibling> = {
  pod: known({ kind: 'present', podUid: 'pod-0', address: '', running: false, deleting: false }, NOW_MS),
};

/** An empty, named volume of `ordinal`, while the record says that nothing was ever formed. */
export function anUnformedView(
  ordinal: number,
  first: Partial<Sibling> | undefined,
  waitedMs = 0,
  fields: Partial<MemberView> = {},
): MemberView {
  return aMemberView({
    self: aSelf({ ordinal }),
    volume: emptyVolume({ clusterUid: null, clusterId: null, maxLearners: null }),
    record: recorded(unformed()),
    voters: { kind: 'unasked' },
    siblings: first === undefined ? [aSibling(1), aSibling(2)] : [aSibling(0, first)],
    history: aHistory('forming', waitedMs),
    ...fields,
  });
}

export const FORMING_CASES: readonly DecisionCase[] = [
  {
    behaviour: 'ordinal 0 claims the seed at once',
    view: anUnformedView(0, undefined),
    expected: 'claim-seed Unformed',
  },
  {
    behaviour: 'a higher ordinal leaves the seed to an ordinal 0 that runs, however long it takes',
    view: anUnformedView(1, {}, 3_600_000),
    expected: 'wait SeedElsewhere',
  },
  {
    behaviour: 'a higher ordinal does not seed while ordinal 0 is unknown',
    view: anUnformedView(1, { pod: unknown('the API server timed out') }, 3_600_000),
    expected: 'wait SeedTurn',
  },
  {
    behaviour: 'a higher ordinal does not seed while it has not seen ordinal 0 at all',
    view: anUnformedView(1, undefined, 3_600_000),
    expected: 'wait SeedTurn',
  },
  {
    behaviour: 'ordinal 1 waits its patience for an ordinal 0 that is gone',
    view: anUnformedView(1, ABSENT, PATIENCE_MS.seedPerOrdinal - 1),
    expected: 'wait SeedTurn',
  },
  {
    behaviour: 'ordinal 1 seeds in the place of an ordinal 0 that stays away',
    view: anUnformedView(1, ABSENT, PATIENCE_MS.seedPerOrdinal),
    expected: 'claim-seed Unformed',
  },
  {
    behaviour: 'ordinal 1 seeds in the place of an ordinal 0 that cannot be scheduled',
    view: anUnformedView(1, PENDING, PATIENCE_MS.seedPerOrdinal),
    expected: 'claim-seed Unformed',
  },
  {
    behaviour: 'ordinal 2 waits longer than ordinal 1',
    view: anUnformedView(2, ABSENT, 2 * PATIENCE_MS.seedPerOrdinal - 1),
    expected: 'wait SeedTurn',
  },
  {
    behaviour: 'ordinal 2 seeds when ordinals 0 and 1 had their time',
    view: anUnformedView(2, ABSENT, 2 * PATIENCE_MS.seedPerOrdinal),
    expected: 'claim-seed Unformed',
  },
  {
    behaviour: 'nobody seeds over data that another volume holds',
    view: anUnformedView(0, undefined, 0, {
      siblings: [aSibling(1), aSibling(2, { agent: anAnsweringAgent({ hasData: true }) })],
    }),
    expected: 'wait ForeignData',
  },
  {
    behaviour: 'a seed notes its claim before it starts',
    view: anUnformedView(1, {}, 0, { record: recorded(forming()) }),
    expected: 'write-marker SeedClaimed',
  },
  {
    behaviour: 'a seed whose claim is noted starts',
    view: anUnformedView(1, {}, 0, {
      record: recorded(forming()),
      volume: emptyVolume({ clusterId: null, intent: { kind: 'seed', token: SEED_TOKEN } }),
    }),
    expected: 'seed SeedClaimed',
  },
  {
    behaviour: 'a seed that was let start and left no data claims the next attempt',
    view: anUnformedView(1, {}, 0, {
      record: recorded(forming()),
      volume: emptyVolume({ clusterId: null, intent: { kind: 'seed', token: SEED_TOKEN }, released: true }),
    }),
    expected: 'claim-seed SeedVolumeLost',
  },
  {
    behaviour: 'a seed on a new volume claims the next attempt',
    view: anUnformedView(1, {}, 0, { record: recorded(forming({ volumeId: 'volume-lost', attempt: 2 })) }),
    expected: 'claim-seed SeedVolumeLost',
  },
  {
    behaviour: 'a seed notes the new token after a later attempt was claimed',
    view: anUnformedView(1, {}, 0, {
      record: recorded(forming({ attempt: 2 })),
      volume: emptyVolume({ clusterId: null, intent: { kind: 'seed', token: SEED_TOKEN } }),
    }),
    expected: 'write-marker SeedClaimed',
  },
  {
    behaviour: 'nobody takes over a seed of another ordinal',
    view: anUnformedView(1, ABSENT, 3_600_000, { record: recorded(forming({ ordinal: 0 })) }),
    expected: 'wait SeedElsewhere',
  },
  {
    behaviour: 'a set scaled to 0 forms nothing',
    view: anUnformedView(0, undefined, 0, { intent: anIntent({ replicas: 0 }) }),
    expected: 'stay-out ScaledAway',
  },
  {
    behaviour: 'a volume without a marker is named before anything is claimed',
    view: anUnformedView(0, undefined, 0, {
      volume: { kind: 'readable', marker: { kind: 'none' }, wal: { kind: 'none' }, prunable: 0 },
    }),
    expected: 'write-marker NewVolume',
  },
];
