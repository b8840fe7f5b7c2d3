import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { decide } from '../../src/decide/decide.ts';
import { isLogToBeNoted } from '../../src/decide/log-note.ts';
import { isLogInQuestion } from '../../src/decide/old-log.ts';
import { wantsOf } from '../../src/decide/wants.ts';
import type { LogTail } from '../../src/model/log-tail.ts';
import type { MemberView } from '../../src/model/member-view.ts';
import {
  aMemberView,
  CLUSTER,
  dataVolume,
  emptyVolume,
  memberId,
  running,
} from '../support/a-member-view.ts';
import { describeCases } from './decision-case.ts';
import { anOldLog, anUnnotedVoter, CLEAN_LOG, OLD_LOG, OLD_LOG_CASES, selfOf } from './old-log-cases.ts';

describeCases('with a log that an older etcd wrote,', OLD_LOG_CASES);

describe('the start that cleans a log', () => {
  const countOf = (view: MemberView): number | undefined => {
    const decision = decide(view);
    assert.ok(decision.kind === 'resume');
    assert.equal(decision.message.includes('requests of etcd 3.5'), decision.snapshotCount !== undefined);
    return decision.snapshotCount;
  };
  const logOf = (entries: bigint): LogTail => ({ kind: 'read', entries, lastIndex: 900n, lastV2Index: 899n });

  it('has etcd write a snapshot as soon as it has replayed all entries, and one at least', () => {
    assert.equal(countOf(anOldLog(6)), 11);
    assert.equal(countOf(anOldLog(6, { log: logOf(100_000n) })), 99_999);
    assert.equal(countOf(anOldLog(6, { log: logOf(2n) })), 1);
    assert.equal(countOf(anOldLog(6, { log: logOf(1n) })), 1);
  });

  it('is the only one that changes anything', () => {
    assert.equal(countOf(anOldLog(6, { log: CLEAN_LOG })), undefined);
    assert.equal(countOf(anOldLog(6, { log: { kind: 'unknown', why: 'EIO' } })), undefined);
    assert.equal(countOf(anOldLog(6, { log: { kind: 'unread' } })), undefined);
    assert.equal(countOf(anOldLog(5)), undefined);
    assert.equal(countOf(anOldLog(7, { log: CLEAN_LOG })), undefined);
  });

  it('says in its message what it does', () => {
    assert.match(decide(anOldLog(6)).message, /starting it, with a snapshot after 11 entries, since its log/);
  });
});

describe('a wait with a log that is too old', () => {
  it('says up to where it is, and what to do', () => {
    const { message } = decide(anOldLog(7, { voters: { kind: 'silent', why: 'nobody' } }));
    assert.match(message, /member a1 .*up to index 4 that etcd 3\.5 wrote and 3\.7 dies of; not starting it/);
    assert.match(message, /Set the version back to 3\.6, .* and then to this one again\.$/);
  });
});

describe('a note on the log', () => {
  it('changes nothing else of the marker', () => {
    const decision = decide(anUnnotedVoter(6, { log: CLEAN_LOG, clusterMinor: 6 }));
    const { volumeId: _name, ...before } = markerIn(anUnnotedVoter(6));
    assert.deepEqual(decision.kind === 'write-marker' && decision.marker, { ...before, logCleanFor: 6 });
  });

  it('goes alone when it is taken back', () => {
    const view = anOldLog(7, { volume: dataVolume({ logCleanFor: 6 }) });
    const decision = decide(view);
    const { volumeId: _name, logCleanFor: _note, ...before } = markerIn(view);
    assert.deepEqual(decision.kind === 'write-marker' && decision.marker, before);
  });
});

describe('the log is read through at the gate', () => {
  const inQuestion = (minor: number, fields: Partial<MemberView> = {}): boolean =>
    isLogInQuestion(aMemberView({ self: selfOf(minor), volume: dataVolume(), ...fields }));

  it('by 3.6 and later, until it is noted for that minor', () => {
    assert.deepEqual(
      [5, 6, 7, 8].map((minor) => inQuestion(minor)),
      [false, true, true, true],
    );
    const noted = (logCleanFor: number) => ({ volume: dataVolume({ logCleanFor }) });
    assert.deepEqual(
      [5, 6, 7].map((minor) => inQuestion(minor, noted(6))),
      [false, false, true],
    );
    assert.deepEqual(
      [6, 7, 8].map((minor) => inQuestion(minor, noted(7))),
      [false, false, true],
    );
  });

  it('of data that etcd could be started on, whether an agent has been there or not', () => {
    assert.equal(inQuestion(6, { volume: emptyVolume() }), false);
    assert.equal(inQuestion(6, { volume: { kind: 'unreadable', why: 'EIO' } }), false);
    assert.equal(inQuestion(6, { etcd: running() }), false);
    const wal = { kind: 'present', clusterId: CLUSTER, memberId: memberId(1) } as const;
    const plain = { kind: 'readable', marker: { kind: 'none' }, wal, prunable: 0 } as const;
    assert.equal(inQuestion(6, { volume: plain }), true);
    assert.equal(inQuestion(6, { volume: { ...plain, wal: { ...wal, place: '.' } } }), false);
  });
});

describe('the log is read once more while etcd runs', () => {
  it('by a voter of 3.6 that is let serve and has not noted it', () => {
    assert.deepEqual(
      [5, 6, 7].map((minor) => isLogToBeNoted(anUnnotedVoter(minor))),
      [false, true, false],
    );
    const not: readonly Partial<MemberView>[] = [
      { volume: dataVolume({ logCleanFor: 6 }) },
      { volume: dataVolume({ released: false }) },
      { volume: { kind: 'unreadable', why: 'EIO' } },
      { etcd: running({ isLearner: true }) },
      { etcd: { kind: 'absent' } },
    ];
    assert.deepEqual(
      not.map((fields) => isLogToBeNoted(anUnnotedVoter(6, fields))),
      not.map(() => false),
    );
  });
});

describe('a look at the gate with a log that is too old', () => {
  it('takes its time to hear which versions the others run', () => {
    const wanted = (minor: number, log: LogTail): readonly boolean[] => {
      const { brief, contacts } = wantsOf(anOldLog(minor, { log }), false);
      return [brief, contacts];
    };
    assert.deepEqual(wanted(7, OLD_LOG), [false, true]);
    assert.deepEqual(wanted(7, CLEAN_LOG), [true, false]);
    assert.deepEqual(wanted(6, OLD_LOG), [true, false]);
  });
});

function markerIn(view: MemberView) {
  assert.ok(view.volume.kind === 'readable' && view.volume.marker.kind === 'present');
  return view.volume.marker.marker;
}
