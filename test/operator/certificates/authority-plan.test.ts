import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import {
  type AuthorityFacts,
  type AuthorityView,
  CLIENTS_MS,
  planAuthority,
  type StoredAuthorities,
} from '../../../src/operator/certificates/authority-plan.ts';

const YEAR_MS = 365 * 86_400_000;
const NOW_MS = 10 * YEAR_MS;

function anAuthority(name: string, fields: Partial<AuthorityFacts> = {}): AuthorityFacts {
  return {
    fingerprint: name,
    notBeforeMs: NOW_MS,
    notAfterMs: NOW_MS + 10 * YEAR_MS,
    canSign: true,
    ...fields,
  };
}

function stored(fields: Partial<StoredAuthorities> = {}): StoredAuthorities {
  const current = anAuthority('a');
  return { current, next: undefined, previous: undefined, sinceMs: 0, answered: '', ...fields };
}

function plan(fields: Partial<AuthorityView> = {}) {
  const members = { isTrustLoaded: true, areLeavesTaken: true };
  return planAuthority({ nowMs: NOW_MS, stored: stored(), members, request: '', isRotated: true, ...fields });
}

describe('the plan of an authority', () => {
  it('makes the first one', () => {
    assert.deepEqual(plan({ stored: null }), { kind: 'create' });
  });

  it('rests while it is young and nobody asks', () => {
    assert.deepEqual(plan(), { kind: 'rest' });
  });

  it('makes the next one after two thirds of its life, unless rotation is off', () => {
    const nowMs = NOW_MS + 7 * YEAR_MS;
    assert.deepEqual(plan({ nowMs }), { kind: 'trust-next', why: 'Expiring' });
    assert.deepEqual(plan({ nowMs, isRotated: false }), { kind: 'rest' });
  });

  it('answers a request once', () => {
    assert.deepEqual(plan({ request: 'may' }), { kind: 'trust-next', why: 'Requested' });
    assert.deepEqual(plan({ request: 'may', stored: stored({ answered: 'may' }) }), { kind: 'rest' });
  });

  it('replaces one whose key is lost, also where rotation is off and members do not say', () => {
    const members = { isTrustLoaded: 'unknown', areLeavesTaken: 'unknown' } as const;
    const lost = stored({ current: anAuthority('a', { canSign: false }) });
    assert.deepEqual(plan({ stored: lost, members, isRotated: false }), {
      kind: 'trust-next',
      why: 'KeyLost',
    });
  });

  it('does not begin a rotation before every member has loaded what the last one left', () => {
    const members = { isTrustLoaded: 'unknown', areLeavesTaken: true } as const;
    assert.deepEqual(plan({ request: 'may', members }), { kind: 'rest', waitingFor: 'TrustLoaded' });
  });

  it('signs with the next one only when every member trusts it, and clients had time to', () => {
    const both = stored({ next: anAuthority('b'), sinceMs: NOW_MS - CLIENTS_MS });
    const members = { isTrustLoaded: 'unknown', areLeavesTaken: true } as const;
    assert.deepEqual(plan({ stored: both, members }), { kind: 'rest', waitingFor: 'TrustLoaded' });
    assert.deepEqual(plan({ stored: { ...both, sinceMs: NOW_MS } }), { kind: 'rest', waitingFor: 'Clients' });
    assert.deepEqual(plan({ stored: both }), { kind: 'sign-with-next' });
  });

  it('drops the previous one only when every member shows a certificate of the new one', () => {
    const after = stored({ previous: anAuthority('z'), sinceMs: NOW_MS - CLIENTS_MS });
    const members = { isTrustLoaded: true, areLeavesTaken: false };
    assert.deepEqual(plan({ stored: after, members }), { kind: 'rest', waitingFor: 'LeavesTaken' });
    assert.deepEqual(plan({ stored: after }), { kind: 'drop-previous' });
  });

  it('never leaves two members that do not trust each other, whoever restarts or takes up files when', () => {
    fc.assert(
      fc.property(fc.array(fc.nat({ max: 8 }), { minLength: 20, maxLength: 200 }), (events) => {
        aCluster(events).run();
      }),
      { numRuns: 300 },
    );
  });
});

type Held = {
  trust: readonly string[];
  leafBy: string;
  onDisk: { trust: readonly string[]; leafBy: string };
};

/** Three members that take up files and restart when `events` say so, and an operator that carries its plan out. */
function aCluster(events: readonly number[]) {
  let nowMs = NOW_MS;
  let serial = 1;
  let state = stored({ sinceMs: nowMs });
  const fresh = (): Held['onDisk'] => ({ trust: trustOf(state), leafBy: state.current.fingerprint });
  const members: Held[] = [0, 1, 2].map(() => {
    const onDisk = fresh();
    return { ...onDisk, onDisk };
  });
  const carryOut = (request: string): void => {
    const trust = trustOf(state).join();
    const step = planAuthority({
      nowMs,
      stored: state,
      request,
      isRotated: true,
      members: {
        isTrustLoaded: members.every((member) => member.trust.join() === trust),
        areLeavesTaken: members.every(({ onDisk }) => onDisk.leafBy === state.current.fingerprint),
      },
    });
    switch (step.kind) {
      case 'trust-next':
        serial += 1;
        state = { ...state, next: anAuthority(`a${serial}`), sinceMs: nowMs, answered: request };
        break;
      case 'sign-with-next':
        assert.ok(state.next !== undefined);
        state = { ...state, current: state.next, previous: state.current, next: undefined, sinceMs: nowMs };
        break;
      case 'drop-previous':
        state = { ...state, previous: undefined, sinceMs: nowMs };
        break;
      default:
        break;
    }
  };
  return {
    run: () => {
      for (const [index, event] of events.entries()) {
        nowMs += CLIENTS_MS / 2;
        const member = members[event % 3];
        assert.ok(member !== undefined);
        if (event < 3) {
          member.onDisk = fresh();
        } else if (event < 6) {
          member.trust = member.onDisk.trust;
        } else {
          carryOut(event === 8 ? `request ${index}` : state.answered);
        }
        for (const one of members) {
          for (const other of members) {
            assert.ok(
              one.trust.includes(other.onDisk.leafBy),
              `${one.trust.join()} does not take ${other.onDisk.leafBy}`,
            );
          }
        }
      }
    },
  };
}

function trustOf({ current, next, previous }: StoredAuthorities): readonly string[] {
  return [current, next, previous].flatMap((one) => (one === undefined ? [] : [one.fingerprint])).toSorted();
}
