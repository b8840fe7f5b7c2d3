import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { LiveObject } from '../../../src/kube/kube-object.ts';
import type { ObjectPage, PageQuery } from '../../../src/kube/object-api.ts';
import type { Outcome } from '../../../src/kube/outcome.ts';
import { Warnings } from '../../../src/operator/pass/warnings.ts';
import { aManualClock, type ManualClock } from '../../support/a-clock.ts';

const KEY = 'ns/demo';
const START_MS = Date.parse('2026-01-02T03:04:05Z');
const SET = { uid: 'set-1', name: 'StatefulSet demo' };
const POD = { uid: 'pod-1', name: 'demo-1' };
const signal = new AbortController().signal;

type Said = { readonly reason: string; readonly ageMs?: number; readonly uid?: string };

/** Events of an API server that selects by UID, as a real one does. */
class Events {
  readonly asked: PageQuery[] = [];
  readonly clock: ManualClock = aManualClock(START_MS);
  said: readonly Said[] = [];
  failure: Outcome<ObjectPage> | undefined;

  async list(_type: unknown, query: PageQuery): Promise<Outcome<ObjectPage>> {
    this.asked.push(query);
    if (this.failure !== undefined) {
      return this.failure;
    }
    const items = this.said
      .filter(({ uid = SET.uid }) => query.fieldSelector?.includes(`involvedObject.uid=${uid},`))
      .map((said, index) => this.#event(said, index));
    return { kind: 'done', value: { items, resourceVersion: '1', continueToken: undefined } };
  }

  #event({ reason, ageMs = 0 }: Said, index: number): LiveObject {
    const lastTimestamp = new Date(this.clock.nowMs() - ageMs).toISOString();
    const metadata = { name: `event-${index}`, uid: `event-${index}`, resourceVersion: '1' };
    return { metadata, reason, message: `said ${reason}`, lastTimestamp };
  }
}

function aLook(said: readonly Said[]) {
  const events = new Events();
  events.said = said;
  const warnings = new Warnings(events, events.clock);
  return {
    events,
    warnings,
    look: (suspects = [SET]) => warnings.lookUp(KEY, 'ns', suspects, signal),
    reasonOf: (uid = SET.uid) => warnings.of(KEY, uid)?.reason,
  };
}

describe('what Kubernetes has warned of', () => {
  it('is not asked for where nobody is suspected', async () => {
    const { events, look } = aLook([{ reason: 'FailedCreate' }]);
    assert.deepEqual(await look([]), { againAfterMs: undefined });
    assert.deepEqual(events.asked, []);
  });

  it('is looked up for each suspect, by its UID', async () => {
    const { events, look, reasonOf } = aLook([
      { reason: 'FailedCreate' },
      { reason: 'FailedMount', uid: POD.uid },
    ]);
    await look([SET, POD]);
    assert.deepEqual([reasonOf(), reasonOf(POD.uid)], ['FailedCreate', 'FailedMount']);
    assert.deepEqual(
      events.asked.map(({ namespace, fieldSelector }) => [namespace, fieldSelector]),
      [SET, POD].map(({ uid }) => ['ns', `involvedObject.uid=${uid},type=Warning`]),
    );
  });

  it('is the newest of what matters: probes fail while etcd waits, and restarts are told elsewhere', async () => {
    const { look, reasonOf } = aLook([
      { reason: 'FailedCreate', ageMs: 3_000 },
      { reason: 'FailedMount', ageMs: 2_000 },
      { reason: 'Unhealthy' },
      { reason: 'BackOff' },
    ]);
    await look();
    assert.equal(reasonOf(), 'FailedMount');
  });

  it('is nothing that was said long before anything was amiss', async () => {
    const { look, reasonOf } = aLook([{ reason: 'FailedCreate', ageMs: 60_000 }]);
    await look();
    assert.equal(reasonOf(), undefined);
  });

  it('is looked up again soon at first, and ever more seldom', async () => {
    const { events, look } = aLook([]);
    const waits: (number | undefined)[] = [];
    for (let round = 0; round < 8; round++) {
      const { againAfterMs = 0 } = await look();
      waits.push(againAfterMs);
      events.clock.advance(againAfterMs);
    }
    assert.deepEqual(waits, [2_000, 2_000, 2_000, 3_000, 4_500, 6_750, 10_125, 15_187.5]);
  });

  it('is not looked up before its time, and what was found stays', async () => {
    const { events, look, reasonOf } = aLook([{ reason: 'FailedCreate' }]);
    await look();
    events.said = [];
    events.clock.advance(500);
    assert.deepEqual(await look(), { againAfterMs: 1_500 });
    assert.equal(reasonOf(), 'FailedCreate');
    assert.equal(events.asked.length, 1);
    events.clock.advance(1_500);
    await look();
    assert.equal(reasonOf(), undefined);
  });

  it('is forgotten once nothing is amiss, and with the cluster', async () => {
    const { look, reasonOf, warnings } = aLook([{ reason: 'FailedCreate' }]);
    await look();
    await look([]);
    assert.equal(reasonOf(), undefined);
    await look();
    warnings.forget(KEY);
    assert.equal(reasonOf(), undefined);
  });

  it('is unknown where the API server does not answer, and is asked for again', async () => {
    const { events, look, reasonOf } = aLook([{ reason: 'FailedCreate' }]);
    events.failure = { kind: 'unknown', why: 'no answer in time' };
    assert.deepEqual(await look(), { againAfterMs: 2_000 });
    assert.equal(reasonOf(), undefined);
    events.failure = undefined;
    events.clock.advance(2_000);
    await look();
    assert.equal(reasonOf(), 'FailedCreate');
  });
});
