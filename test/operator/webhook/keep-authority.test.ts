import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { SECRET } from '../../../src/operator/kinds.ts';
import { type KeptAuthority, keepAuthority } from '../../../src/operator/webhook/keep-authority.ts';
import { AUTHORITY_LIFE_MS, type WebhookAuthority } from '../../../src/operator/webhook/webhook-authority.ts';
import { certificatesIn, isSignedBy } from '../../../src/pki/read-certificate.ts';
import { issueAuthority, issueLeaf } from '../../../src/pki/x509-issuer.ts';
import { anEmptySecret, type FakeSecrets, fakeSecrets } from './fake-secrets.ts';

const NOW_MS = Date.parse('2026-05-01T12:00:00Z');
const PLACE = { namespace: 'here', name: 'ours' };
const LEAF = {
  commonName: 'x',
  dnsNames: ['x.here.svc'],
  ipAddresses: [],
  usages: ['server'] as const,
  lifeMs: 1e9,
};

function keep(records: FakeSecrets, nowMs = NOW_MS): Promise<KeptAuthority> {
  return keepAuthority({ records, issueAuthority, nowMs: () => nowMs }, PLACE, AbortSignal.timeout(10_000));
}

async function kept(records: FakeSecrets, nowMs = NOW_MS): Promise<WebhookAuthority> {
  const found = await keep(records, nowMs);
  assert.ok(found.kind === 'kept', JSON.stringify(found));
  return found.authority;
}

describe('the authority of the webhook', () => {
  it('is made where there is none, in the Secret of the chart as well as without it', async () => {
    for (const records of [fakeSecrets(), fakeSecrets(anEmptySecret())]) {
      const made = await kept(records);
      assert.deepEqual(await kept(records), made);
      assert.equal(certificatesIn(made.bundle).length, 1);
    }
  });

  it('leaves the rest of the Secret as it was', async () => {
    const records = fakeSecrets(anEmptySecret());
    await kept(records);
    assert.deepEqual(
      [records.stored?.metadata.labels, records.stored?.['type']],
      [{ kept: 'yes' }, 'Opaque'],
    );
  });

  it('is one for all replicas: who is late takes up what the other wrote', async () => {
    for (const empty of [undefined, anEmptySecret()]) {
      const records = fakeSecrets(empty);
      const before = await records.read(SECRET, PLACE, AbortSignal.timeout(10_000));
      const first = await kept(records);
      // The late one has read the Secret before the first one wrote it.
      const readings = [before];
      const read: FakeSecrets['read'] = async (...how) => readings.shift() ?? records.read(...how);
      assert.deepEqual(await kept({ ...records, read }), first);
    }
  });

  it('is followed by another when two thirds of its life are over, and trusted until its end', async () => {
    const records = fakeSecrets();
    const first = await kept(records);
    const second = await kept(records, NOW_MS + AUTHORITY_LIFE_MS * 0.7);
    assert.notEqual(second.pair.certificate, first.pair.certificate);
    const shown = await issueLeaf(first.pair, LEAF, NOW_MS);
    const next = await issueLeaf(second.pair, LEAF, NOW_MS);
    assert.deepEqual(
      [shown, next].map(({ certificate }) => isSignedBy(certificate, second.bundle)),
      [true, true],
    );
    const third = await kept(records, NOW_MS + AUTHORITY_LIFE_MS * 1.5);
    assert.equal(certificatesIn(third.bundle).length, 2);
    assert.equal(isSignedBy(shown.certificate, third.bundle), false);
  });

  it('is made anew where the Secret holds nothing that could sign', async () => {
    const records = fakeSecrets();
    const first = await kept(records);
    assert.ok(records.stored !== undefined);
    records.stored = { ...records.stored, data: { 'ca.crt': 'AAAA', 'ca.key': 'AAAA' } };
    assert.notDeepEqual(await kept(records), first);
  });

  it('is not known while the Secret cannot be read, and nothing is written over it', async () => {
    const records = fakeSecrets(anEmptySecret());
    const blind: FakeSecrets = { ...records, read: async () => ({ kind: 'unknown', why: 'no answer' }) };
    assert.deepEqual(await keep(blind), { kind: 'failed', why: 'Secret ours: no answer' });
    assert.deepEqual(records.stored, anEmptySecret());
  });
});
