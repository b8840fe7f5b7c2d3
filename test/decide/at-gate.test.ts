import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { decide } from '../../src/decide/decide.ts';
import { unknown } from '../../src/model/known.ts';
import {
  aMemberView,
  CLUSTER,
  dataVolume,
  FOREIGN_CLUSTER,
  formed,
  memberId,
  recorded,
  UID,
  unformed,
} from '../support/a-member-view.ts';
import { describeCases } from './decision-case.ts';
import { aRestart, GATE_CASES } from './gate-cases.ts';

describeCases('at the gate', GATE_CASES);

describe('a restart', () => {
  const silent = { kind: 'silent', why: 'connection refused' } as const;
  const away = unknown('connection refused');

  it('bears the member’s own ID', () => {
    const decision = decide(aRestart());
    assert.ok(decision.kind === 'resume');
    assert.equal(decision.memberId, memberId(1));
  });

  it('checks for corruption at start only while a quorum serves', () => {
    const serving = decide(aRestart());
    const alone = decide(aRestart({ voters: silent }));
    assert.ok(serving.kind === 'resume' && serving.initialCorruptCheck);
    assert.ok(alone.kind === 'resume' && !alone.initialCorruptCheck);
  });

  it('takes the learner limit from the record, else from the marker, else the one of adopted clusters', () => {
    const limitOf = (fields: Parameters<typeof aRestart>[0]): unknown => {
      const decision = decide(aRestart({ voters: silent, ...fields }));
      return decision.kind === 'resume' && decision.maxLearners;
    };
    assert.equal(limitOf({ record: recorded(formed({ maxLearners: 3 })) }), 3);
    assert.equal(limitOf({ record: away, volume: dataVolume({ maxLearners: 5 }) }), 5);
    assert.equal(limitOf({ record: away, volume: dataVolume({ maxLearners: null }) }), 1);
  });
});

describe('foreign data before anything was formed', () => {
  it('blocks the formation, and says whose it is and where', () => {
    const decision = decide(
      aMemberView({
        record: recorded(unformed()),
        volume: {
          kind: 'readable',
          marker: { kind: 'none' },
          wal: { kind: 'present', clusterId: FOREIGN_CLUSTER, memberId: memberId(7) },
          prunable: 0,
        },
      }),
    );
    assert.ok(decision.kind === 'block-formation' && decision.record.phase === 'Blocked');
    assert.equal(decision.resourceVersion, '7');
    assert.equal(decision.record.clusterUid, UID);
    assert.match(decision.record.message, /ordinal 1 .* member a7 of cluster cf/);
  });
});

describe('data nothing ties to this cluster', () => {
  it('waits and names what is missing', () => {
    const volume = dataVolume({ clusterId: FOREIGN_CLUSTER });
    const decision = decide(aRestart({ record: unknown('the API server timed out'), volume }));
    assert.equal(decision.reason, 'FormationUnknown');
    assert.match(decision.message, new RegExp(`cluster ${CLUSTER} .* the API server timed out`));
  });
});
