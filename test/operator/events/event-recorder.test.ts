import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { setImmediate as settled } from 'node:timers/promises';
import type { EventNote, EventSubject } from '../../../src/operator/events/event-record.ts';
import {
  createEventRecorder,
  type EventRecorder,
  RECORDER_RULES,
  type RecorderNews,
  type RecorderRules,
} from '../../../src/operator/events/event-recorder.ts';
import { aManualClock, type ManualClock } from '../../support/a-clock.ts';
import { type FakeRecords, fakeRecords } from '../election/fake-records.ts';

const SUBJECT: EventSubject = {
  apiVersion: 'etcd.etcd.io/v1',
  kind: 'EtcdCluster',
  namespace: 'ns',
  name: 'main',
  uid: 'uid-main',
};
const HELD: EventNote = { type: 'Warning', reason: 'ScalingHeld', message: 'main-1 is unhealthy' };

type Bench = {
  readonly recorder: EventRecorder;
  readonly events: FakeRecords;
  readonly clock: ManualClock;
  readonly news: readonly RecorderNews[];
  readonly stop: AbortController;
  readonly ended: Promise<void>;
  /** The Events as they are now. */
  readonly written: () => readonly { readonly reason: unknown; readonly count: unknown }[];
  /** Waits until so many writes came to an end, well or not. */
  readonly ends: (count: number) => Promise<void>;
};

function aBench(t: TestContext, rules: Partial<RecorderRules> = {}): Bench {
  const [events, clock, stop] = [fakeRecords(), aManualClock(), new AbortController()];
  const news: RecorderNews[] = [];
  let draws = 0;
  const recorder = createEventRecorder({
    events,
    source: { component: 'quorate-operator', instance: 'pod-1' },
    clock,
    random: () => {
      draws += 1;
      return draws / 1_000;
    },
    onNews: (each) => news.push(each),
    rules: { ...RECORDER_RULES, backOff: { baseMs: 1, capMs: 2 }, ...rules },
  });
  const ended = recorder.run(stop.signal);
  t.after(async () => {
    stop.abort();
    events.mode = 'well';
    await ended;
  });
  const names = (): string[] => [...new Set(events.calls.map((call) => call.split(' ')[1] ?? ''))];
  return {
    recorder,
    events,
    clock,
    news,
    stop,
    ended,
    written: () =>
      names().flatMap((name) => {
        const event = events.get(name);
        return event === undefined ? [] : [{ reason: event['reason'], count: event['count'] }];
      }),
    ends: async (count) => {
      while (news.filter((each) => each.kind !== 'withheld').length < count) {
        await settled();
      }
    },
  };
}

const note = (reason: string): EventNote => ({ type: 'Normal', reason, message: 'so it is' });

describe('the event recorder', () => {
  it('writes what kubectl describe shows of an object', async (t) => {
    const { recorder, events, ends, clock } = aBench(t);
    recorder.record(SUBJECT, HELD);
    await ends(1);
    const name = events.calls[0]?.split(' ')[1] ?? '';
    assert.match(name, /^main\.[0-9a-f]+$/);
    const { metadata, ...rest } = events.get(name) ?? { metadata: undefined };
    assert.equal(metadata?.namespace, 'ns');
    assert.deepEqual(rest, {
      involvedObject: SUBJECT,
      ...HELD,
      source: { component: 'quorate-operator' },
      reportingComponent: 'quorate-operator',
      reportingInstance: 'pod-1',
      firstTimestamp: clock.timestamp(),
      lastTimestamp: clock.timestamp(),
      count: 1,
    });
  });

  it('counts a repetition in the same Event while it is young', async (t) => {
    const { recorder, events, ends, clock, written } = aBench(t);
    recorder.record(SUBJECT, HELD);
    await ends(1);
    clock.advance(500_000);
    recorder.record(SUBJECT, HELD);
    await ends(2);
    assert.deepEqual(written(), [{ reason: 'ScalingHeld', count: 2 }]);
    const event = events.get(events.calls[0]?.split(' ')[1] ?? '');
    assert.notEqual(event?.['firstTimestamp'], event?.['lastTimestamp']);

    clock.advance(600_000);
    recorder.record(SUBJECT, HELD);
    recorder.record(SUBJECT, note('Scaled'));
    recorder.record({ ...SUBJECT, uid: 'another' }, HELD);
    await ends(5);
    assert.deepEqual(
      written().map(({ count }) => count),
      [2, 1, 1, 1],
    );
  });

  it('writes once for many that come before it gets to it', async (t) => {
    const { recorder, events, ends, written } = aBench(t);
    for (let time = 0; time < 50; time++) {
      recorder.record(SUBJECT, HELD);
    }
    await ends(1);
    assert.deepEqual(written(), [{ reason: 'ScalingHeld', count: 50 }]);
    assert.equal(events.calls.length, 1);
  });

  it('cuts what Kubernetes would refuse as too long', async (t) => {
    const { recorder, events, ends } = aBench(t);
    recorder.record({ ...SUBJECT, name: 'n'.repeat(253) }, { ...HELD, message: 'm'.repeat(5_000) });
    await ends(1);
    const name = events.calls[0]?.split(' ')[1] ?? '';
    assert.ok(name.length <= 253);
    assert.equal(String(events.get(name)?.['message']).length, 1_024);
  });

  it('puts Events of what is cluster-wide into the namespace default', async (t) => {
    const { recorder, events, ends } = aBench(t);
    recorder.record({ ...SUBJECT, namespace: undefined }, HELD);
    await ends(1);
    assert.equal(events.get(events.calls[0]?.split(' ')[1] ?? '')?.metadata.namespace, 'default');
  });
});

describe('the event recorder in trouble', () => {
  it('lets one object flood nobody, and still counts', async (t) => {
    const { recorder, events, ends, clock, news, written } = aBench(t, {
      bucket: { tokens: 3, refillMs: 1_000 },
    });
    for (const reason of ['A', 'B', 'C', 'D', 'D']) {
      recorder.record(SUBJECT, note(reason));
    }
    recorder.record({ ...SUBJECT, uid: 'another' }, HELD);
    await ends(4);
    assert.equal(events.calls.length, 4);
    assert.deepEqual(
      news.filter((each) => each.kind === 'withheld'),
      Array(2).fill({ kind: 'withheld', why: 'too-many' }),
    );
    clock.advance(1_000);
    recorder.record(SUBJECT, note('D'));
    await ends(5);
    assert.deepEqual(written().at(-1), { reason: 'D', count: 3 });
  });

  it('has room for so many and no more', (t) => {
    const { recorder, news } = aBench(t, { pendingMax: 2 });
    for (const reason of ['A', 'B', 'C']) {
      recorder.record(SUBJECT, note(reason));
    }
    assert.deepEqual(news, [{ kind: 'withheld', why: 'no-room' }]);
  });

  it('remembers so many and no more', async (t) => {
    const { recorder, ends, written } = aBench(t, { tallyMax: 2 });
    for (const reason of ['A', 'B', 'C', 'A']) {
      recorder.record(SUBJECT, note(reason));
      await settled();
    }
    await ends(4);
    assert.deepEqual(
      written().map(({ count }) => count),
      [1, 1, 1, 1],
    );
  });

  it('tries again when nobody answers, and finds out that it was written', async (t) => {
    const { recorder, events, ends, written } = aBench(t, { backOff: { baseMs: 50, capMs: 50 } });
    events.mode = 'done-unheard';
    recorder.record(SUBJECT, HELD);
    while (events.calls.length === 0) {
      await settled();
    }
    events.mode = 'well';
    await ends(1);
    assert.deepEqual(
      events.calls.map((call) => call.split(' ')[0]),
      ['create', 'create', 'update'],
    );
    assert.deepEqual(written(), [{ reason: 'ScalingHeld', count: 1 }]);
  });

  it('gives up one Event after a few attempts, or at once when it is refused, and goes on', async (t) => {
    const { recorder, events, ends, news, written } = aBench(t);
    events.mode = { kind: 'unknown', why: 'connection refused' };
    recorder.record(SUBJECT, note('A'));
    await ends(1);
    assert.equal(events.calls.length, 4);
    events.mode = { kind: 'refused', status: 403, reason: 'Forbidden', message: 'being terminated' };
    recorder.record(SUBJECT, note('B'));
    await ends(2);
    assert.equal(events.calls.length, 5);
    assert.deepEqual(news, [
      { kind: 'lost', why: 'connection refused' },
      { kind: 'lost', why: 'being terminated (403 Forbidden)' },
    ]);
    events.mode = 'well';
    recorder.record(SUBJECT, note('A'));
    await ends(3);
    assert.deepEqual(written(), [{ reason: 'A', count: 2 }]);
  });

  it('writes anew an Event that lived its hour', async (t) => {
    const { recorder, events, ends, written } = aBench(t);
    recorder.record(SUBJECT, HELD);
    await ends(1);
    events.put(events.calls[0]?.split(' ')[1] ?? '', undefined);
    recorder.record(SUBJECT, HELD);
    await ends(2);
    assert.deepEqual(written(), [{ reason: 'ScalingHeld', count: 2 }]);
  });

  it('writes its last words when it is told to stop, for a second', async (t) => {
    const { recorder, events, stop, ended, written } = aBench(t);
    recorder.record(SUBJECT, HELD);
    stop.abort();
    await ended;
    assert.deepEqual(written(), [{ reason: 'ScalingHeld', count: 1 }]);

    const silent = aBench(t);
    silent.events.mode = 'silent';
    silent.recorder.record(SUBJECT, HELD);
    silent.stop.abort();
    await silent.ended;
    assert.equal(events.calls.length, 1);
  });
});
