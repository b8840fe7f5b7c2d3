/** What a human's word makes of the data of an earlier cluster, and of a plain etcd's. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { decide } from '../../src/decide/decide.ts';
import { wantsOf } from '../../src/decide/wants.ts';
import { unknown } from '../../src/model/known.ts';
import type { MemberView } from '../../src/model/member-view.ts';
import type { Volume } from '../../src/model/volume.ts';
import {
  aMarker,
  aMember,
  aMemberView,
  anAnsweringAgent,
  aQuorum,
  aSelf,
  aSibling,
  CLUSTER,
  dataVolume,
  discarding,
  emptyVolume,
  FOREIGN_CLUSTER,
  formed,
  memberId,
  recorded,
  running,
  SEED_TOKEN,
  UID,
  unformed,
} from '../support/a-member-view.ts';
import { type DecisionCase, describeCases } from './decision-case.ts';
import { anUnformedView } from './forming-cases.ts';

/** The volumes were an earlier cluster's; this one has another UID. */
const OLD_UID = 'uid-0';
const SILENT = { kind: 'silent', why: 'connection refused' } as const;

/** What the human wrote: the cluster and generation of the data, and the UID of the new cluster. */
const ADOPTED = recorded(formed({ generation: 2, maxLearners: 4 }));

function adopted(volume: Volume, fields: Partial<MemberView> = {}): MemberView {
  return aMemberView({
    self: aSelf({ clusterUid: UID }),
    record: ADOPTED,
    voters: SILENT,
    volume,
    ...fields,
  });
}

function unmarked(fields: { clusterId?: typeof CLUSTER; place?: string } = {}): Volume {
  const { clusterId = CLUSTER, ...where } = fields;
  return {
    kind: 'readable',
    marker: { kind: 'none' },
    wal: { kind: 'present', clusterId, memberId: memberId(1), ...where },
    prunable: 0,
  };
}

const OF_OLD = dataVolume({ clusterUid: OLD_UID, generation: 2, maxLearners: 4 });

const ADOPTION_CASES: readonly DecisionCase[] = [
  {
    behaviour: 'starts the data of an earlier cluster that bears the adopted ID and generation',
    view: adopted(OF_OLD),
    expected: 'resume OwnData',
  },
  {
    behaviour: 'starts adopted data without a marker',
    view: adopted(unmarked()),
    expected: 'resume OwnData',
  },
  {
    behaviour: 'moves adopted data to data/ first, where a plain etcd left it elsewhere',
    view: adopted(unmarked({ place: 'default.etcd' })),
    expected: 'take-in-data PlainData',
  },
  {
    behaviour: 'sets data of another cluster aside',
    view: adopted(unmarked({ clusterId: FOREIGN_CLUSTER, place: '.' })),
    expected: 'set-data-aside ForeignData',
  },
  {
    behaviour: 'sets adopted data of another generation aside (F73)',
    view: adopted(dataVolume({ clusterUid: OLD_UID, generation: 1 })),
    expected: 'set-data-aside ForeignData',
  },
  {
    behaviour: 'sets the data of a member aside that the adopted cluster had removed',
    view: adopted(OF_OLD, { voters: aQuorum([aMember(0), aMember(2)]) }),
    expected: 'set-data-aside RemovedData',
  },
  {
    behaviour: 'joins with an empty volume of the earlier cluster',
    view: adopted(emptyVolume({ clusterUid: OLD_UID, generation: 2, released: true }), {
      voters: aQuorum([aMember(0), aMember(2)]),
    }),
    expected: 'write-marker JoinIntent',
  },
  {
    behaviour: 'takes no registration made for the earlier cluster for its own',
    view: adopted(
      emptyVolume({
        clusterUid: OLD_UID,
        generation: 2,
        intent: { kind: 'join', memberId: memberId(1) },
      }),
      {
        voters: aQuorum([
          aMember(0),
          aMember(1, { name: '', isLearner: true, clientUrls: [], contact: { kind: 'refuses' } }),
        ]),
      },
    ),
    expected: 'remove-lost-identity LostIdentity',
  },
  {
    behaviour: 'starts nothing of an earlier cluster while the API does not say that it is adopted (F18)',
    view: adopted(OF_OLD, { record: unknown('the API server timed out') }),
    expected: 'wait FormationUnknown',
  },
  {
    behaviour: 'starts adopted data without the API once its marker was rewritten (F84)',
    view: adopted(dataVolume({ generation: 2 }), { record: unknown('the API server timed out') }),
    expected: 'resume OwnData',
  },
  {
    behaviour: 'notes its new cluster in an old marker as soon as it runs',
    view: adopted(OF_OLD, { etcd: running(), voters: aQuorum([aMember(0), aMember(1)]) }),
    expected: 'write-marker FormationSeen',
  },
  {
    behaviour: 'notes its cluster on a volume without a marker as soon as it runs',
    view: adopted(unmarked(), { etcd: running(), voters: aQuorum([aMember(0), aMember(1)]) }),
    expected: 'write-marker FormationSeen',
  },
];

describeCases('an adoption', ADOPTION_CASES);

describe('adopted data', () => {
  it('is started with the learner limit a human wrote', () => {
    for (const volume of [OF_OLD, unmarked()]) {
      const decision = decide(adopted(volume));
      assert.equal(decision.kind === 'resume' && decision.maxLearners, 4);
    }
  });

  it('is noted with the new UID and the generation it has', () => {
    const decision = decide(adopted(OF_OLD, { etcd: running(), voters: aQuorum([aMember(0), aMember(1)]) }));
    assert.ok(decision.kind === 'write-marker');
    assert.deepEqual(decision.marker, {
      clusterUid: UID,
      generation: 2,
      maxLearners: 4,
      clusterId: CLUSTER,
      intent: { kind: 'none' },
      released: true,
    });
  });

  it('is named by its place where a plain etcd left it elsewhere', () => {
    const decision = decide(adopted(unmarked({ place: 'default.etcd' })));
    assert.ok(decision.kind === 'take-in-data');
    assert.deepEqual([decision.place, decision.memberId], ['default.etcd', memberId(1)]);
  });

  it('has its record asked for until its marker says that it is this cluster’s', () => {
    const record = unknown('the API was not asked');
    const isAsked = (clusterUid: string, fields: Partial<MemberView> = {}): boolean =>
      wantsOf(adopted(dataVolume({ clusterUid }), { etcd: running(), record, ...fields }), false).api;
    assert.equal(isAsked(OLD_UID), true);
    assert.equal(isAsked(UID), false);
    assert.equal(isAsked(OLD_UID, { self: aSelf() }), false, 'nobody said which it is');
    assert.equal(isAsked(OLD_UID, { record: ADOPTED }), true, 'the record says another');
    const restored = recorded(formed({ clusterUid: OLD_UID }));
    assert.equal(isAsked(OLD_UID, { record: restored }), false, 'the record of old was put back');
  });

  it('is asked about at length at the gate, until its marker says that it is this cluster’s', () => {
    assert.equal(wantsOf(adopted(OF_OLD), false).brief, false);
    assert.equal(wantsOf(adopted(dataVolume()), false).brief, true);
  });
});

describe('discarded data', () => {
  const view = (volume: Volume): MemberView =>
    anUnformedView(0, undefined, 0, { record: recorded(discarding()), volume });

  it('is set aside from wherever it lies', () => {
    for (const [volume, place] of [
      [OF_OLD, undefined],
      [unmarked({ place: '.' }), '.'],
      [unmarked({ place: 'default.etcd' }), 'default.etcd'],
    ] as const) {
      const decision = decide(view(volume));
      assert.ok(decision.kind === 'set-data-aside');
      assert.deepEqual([decision.reason, decision.place], ['DataDiscarded', place]);
    }
  });

  it('is not what this very cluster wrote, whatever an old record says', () => {
    assert.equal(decide(view(dataVolume())).kind, 'resume');
    const unsealed = dataVolume({ clusterId: null, intent: { kind: 'seed', token: SEED_TOKEN } });
    assert.equal(decide(view(unsealed)).kind, 'block-formation');
    const ofNextGeneration = dataVolume({ generation: 2 });
    assert.equal(decide(view(ofNextGeneration)).reason, 'DataDiscarded');
    const torn: Volume = {
      kind: 'readable',
      marker: { kind: 'present', marker: aMarker({ released: true }) },
      wal: { kind: 'unreadable', why: 'torn' },
      prunable: 0,
    };
    assert.equal(decide(view(torn)).reason, 'DataUnreadable');
  });

  it('is waited for on the other volumes before anybody seeds', () => {
    const siblings = [aSibling(1), aSibling(2, { agent: anAnsweringAgent({ hasData: true }) })];
    const decision = decide(anUnformedView(0, undefined, 0, { record: recorded(discarding()), siblings }));
    assert.deepEqual([decision.kind, decision.reason], ['wait', 'ForeignData']);
  });

  it('is not in the record any more once a seed is claimed', () => {
    const decision = decide(anUnformedView(0, undefined, 0, { record: recorded(discarding()) }));
    assert.ok(decision.kind === 'claim-seed');
    assert.deepEqual(
      { ...decision.record, phase: 'Unformed', seed: undefined },
      { ...unformed(), seed: undefined },
    );
  });

  it('leaves a volume on which the new cluster can be seeded', () => {
    const old = emptyVolume({ clusterUid: OLD_UID, released: true });
    assert.equal(decide(view(old)).kind, 'claim-seed');
  });
});
