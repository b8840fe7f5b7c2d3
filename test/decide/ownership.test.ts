import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type Ownership, ownershipOf } from '../../src/decide/ownership.ts';
import type { VersionedRecord } from '../../src/model/formation-record.ts';
import { type Known, known, unknown } from '../../src/model/known.ts';
import type { MarkerFinding } from '../../src/model/volume.ts';
import {
  aMarker,
  aMemberView,
  aSelf,
  blocked,
  CLUSTER,
  dataVolume,
  discarding,
  FOREIGN_CLUSTER,
  formed,
  forming,
  memberId,
  NOW_MS,
  recorded,
  SEED_TOKEN,
  UID,
  unformed,
} from '../support/a-member-view.ts';
import { keysOf } from '../support/keys-of.ts';

const RECORDS = {
  unknown: unknown('the API server timed out'),
  absent: known('absent', NOW_MS),
  Unformed: recorded(unformed()),
  'Unformed, discarding': recorded(discarding()),
  Forming: recorded(forming()),
  Formed: recorded(formed()),
  Blocked: recorded(blocked()),
} as const satisfies Record<string, Known<VersionedRecord | 'absent'>>;

const seed = { kind: 'seed', token: SEED_TOKEN } as const;

const MARKERS = {
  none: { kind: 'none' },
  garbled: { kind: 'invalid', why: 'no JSON' },
  'that never saw a cluster': present({ clusterId: null }),
  'of the seed': present({ clusterId: null, intent: seed }),
  'of the seed on another volume': present({ clusterId: null, intent: seed, volumeId: 'volume-0' }),
  'of this cluster': present({}),
  'of an older generation': present({ generation: 0 }),
  'of another UID': present({ clusterUid: 'uid-0' }),
} as const satisfies Record<string, MarkerFinding>;

type Row = Readonly<Record<keyof typeof RECORDS, Ownership>>;

const UNTIED: Row = {
  unknown: 'unknown',
  absent: 'unknown',
  Unformed: 'unclaimed',
  'Unformed, discarding': 'unclaimed',
  Forming: 'foreign',
  Formed: 'own',
  Blocked: 'unknown',
};
const SEEN_FORMED: Row = { ...UNTIED, unknown: 'own', absent: 'own' };

/** Whose data of the recorded cluster is, by the marker beside it. */
const OWN_CLUSTER: Readonly<Record<keyof typeof MARKERS, Row>> = {
  none: UNTIED,
  garbled: UNTIED,
  'that never saw a cluster': UNTIED,
  'of the seed': { ...UNTIED, Forming: 'own' },
  'of the seed on another volume': UNTIED,
  'of this cluster': {
    ...SEEN_FORMED,
    Unformed: 'own',
    'Unformed, discarding': 'own',
    Forming: 'own',
    Blocked: 'own',
  },
  'of an older generation': { ...SEEN_FORMED, Formed: 'foreign' },
  'of another UID': SEEN_FORMED,
};

describe('data of the recorded cluster', () => {
  for (const marker of keysOf(MARKERS)) {
    for (const record of keysOf(RECORDS)) {
      const expected = OWN_CLUSTER[marker][record];
      it(`with a marker ${marker} is ${expected} when the record is ${record}`, () => {
        assert.equal(judge(marker, record, CLUSTER), expected);
      });
    }
  }
});

describe('data of an earlier cluster of this name', () => {
  const self = aSelf({ clusterUid: UID });
  const wal = { kind: 'present', clusterId: CLUSTER, memberId: memberId(1) } as const;
  const ownership = (clusterUid: string, record: keyof typeof RECORDS): Ownership =>
    ownershipOf(aMemberView({ self, volume: dataVolume({ clusterUid }), record: RECORDS[record] }), wal);

  it('is not own while the record is unknown, where the Pod was told which cluster it is of', () => {
    for (const record of ['unknown', 'absent'] as const) {
      assert.equal(ownership('uid-0', record), 'unknown');
      assert.equal(ownership(UID, record), 'own');
    }
  });

  it('is own as soon as a human has adopted it', () => {
    assert.equal(ownership('uid-0', 'Formed'), 'own');
  });

  it('is unclaimed before, and nothing of it is this cluster’s own', () => {
    assert.equal(ownership('uid-0', 'Unformed'), 'unclaimed');
    assert.equal(ownership('uid-0', 'Blocked'), 'unknown');
  });
});

describe('data of another cluster', () => {
  for (const marker of keysOf(MARKERS)) {
    it(`with a marker ${marker} is never own once the record says Formed`, () => {
      assert.equal(judge(marker, 'Formed', FOREIGN_CLUSTER), 'foreign');
    });
  }

  it('is not tied to this cluster by a marker that names this one', () => {
    assert.equal(judge('of this cluster', 'unknown', FOREIGN_CLUSTER), 'unknown');
    assert.equal(judge('of this cluster', 'Unformed', FOREIGN_CLUSTER), 'unclaimed');
  });
});

function judge(
  marker: keyof typeof MARKERS,
  record: keyof typeof RECORDS,
  clusterId: typeof CLUSTER,
): Ownership {
  const wal = { kind: 'present', clusterId, memberId: memberId(1) } as const;
  const volume = { kind: 'readable', marker: MARKERS[marker], wal, prunable: 0 } as const;
  return ownershipOf(aMemberView({ volume, record: RECORDS[record] }), wal);
}

function present(fields: Parameters<typeof aMarker>[0]): MarkerFinding {
  return { kind: 'present', marker: aMarker(fields) };
}
