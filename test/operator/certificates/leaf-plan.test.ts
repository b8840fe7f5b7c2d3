import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type LeafView, planLeaf, type StoredLeaf } from '../../../src/operator/certificates/leaf-plan.ts';

const DAY_MS = 86_400_000;
const NOW_MS = 1_000 * DAY_MS;
const REQUEST = {
  commonName: 'etcd-peer',
  dnsNames: ['a', 'b'],
  ipAddresses: [],
  usages: ['server', 'client'],
  lifeMs: 90 * DAY_MS,
} as const;
const { lifeMs: _, ...SAME } = REQUEST;

function stored(fields: Partial<StoredLeaf> = {}): StoredLeaf {
  const facts = {
    ...SAME,
    isAuthority: false,
    notBeforeMs: NOW_MS,
    notAfterMs: NOW_MS + 90 * DAY_MS,
    fingerprint: 'f',
  };
  return { facts, hasItsKey: true, isCurrent: true, hasTrust: true, ...fields };
}

function plan(fields: Partial<LeafView> = {}) {
  return planLeaf({
    nowMs: NOW_MS,
    stored: stored(),
    request: REQUEST,
    isRotated: true,
    periodMs: undefined,
    ...fields,
  });
}

function whyOf(fields: Partial<LeafView>): string {
  const step = plan(fields);
  return step.kind === 'issue' ? step.why : step.kind;
}

describe('the plan of a certificate', () => {
  it('rests until two thirds of its life are over, and says until when', () => {
    assert.deepEqual(plan(), { kind: 'rest', againAtMs: NOW_MS + 60 * DAY_MS });
    assert.equal(whyOf({ nowMs: NOW_MS + 60 * DAY_MS }), 'Expiring');
  });

  it('renews it as often as it is asked to, and never later than it would by itself', () => {
    assert.equal(whyOf({ periodMs: 7 * DAY_MS, nowMs: NOW_MS + 7 * DAY_MS }), 'Expiring');
    assert.equal(whyOf({ periodMs: 365 * DAY_MS, nowMs: NOW_MS + 60 * DAY_MS }), 'Expiring');
  });

  it('lets it expire where rotation is off, and issues another one then', () => {
    assert.equal(whyOf({ isRotated: false, nowMs: NOW_MS + 89 * DAY_MS }), 'rest');
    assert.equal(whyOf({ isRotated: false, nowMs: NOW_MS + 90 * DAY_MS }), 'Expired');
  });

  it('issues what is missing, unreadable, without its key, or of an authority that signs no more', () => {
    assert.equal(whyOf({ stored: null }), 'Missing');
    assert.equal(whyOf({ stored: 'unreadable' }), 'Unreadable');
    assert.equal(whyOf({ stored: stored({ hasItsKey: false }) }), 'Unreadable');
    assert.equal(whyOf({ stored: stored({ isCurrent: false }) }), 'NewAuthority');
  });

  it('issues another one for other names or usages, and none for another order of them', () => {
    assert.equal(whyOf({ request: { ...REQUEST, dnsNames: ['a', 'b', 'c'] } }), 'NamesChanged');
    assert.equal(whyOf({ request: { ...REQUEST, dnsNames: ['a'] } }), 'NamesChanged');
    assert.equal(whyOf({ request: { ...REQUEST, usages: ['server'] } }), 'NamesChanged');
    assert.equal(whyOf({ request: { ...REQUEST, dnsNames: ['b', 'a'] } }), 'rest');
  });

  it('stores the new authorities beside a certificate that stays', () => {
    assert.equal(whyOf({ stored: stored({ hasTrust: false }) }), 'store-trust');
  });
});
