import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type Expiry, expiryFinding } from '../../../src/operator/plan/certificate-expiry.ts';

const NOW_MS = Date.parse('2026-05-01T12:00:00Z');
const DAY_MS = 86_400_000;

function ending(inMs: number, certificate: Expiry['certificate'] = 'peer'): Expiry {
  return { certificate, secret: `demo-${certificate}-tls`, notAfterMs: NOW_MS + inMs };
}

describe('the end of certificates', () => {
  it('is not spoken of while it is far, or where there is none', () => {
    assert.equal(expiryFinding([], NOW_MS), undefined);
    assert.equal(expiryFinding([ending(30 * DAY_MS)], NOW_MS), undefined);
  });

  it('is told 30, 7 and 1 days before, in a sentence that is the same all the time between', () => {
    const sentences = [30, 29, 7, 6, 1, 0.5].map(
      (days) => expiryFinding([ending(days * DAY_MS - 1)], NOW_MS)?.message.split('Z')[1],
    );
    assert.match(sentences[0] ?? '', /less than 30 days/);
    assert.match(sentences[2] ?? '', /less than 7 days/);
    assert.match(sentences[4] ?? '', /less than a day/);
    assert.equal(new Set(sentences).size, 3);
    const at = (nowMs: number) => expiryFinding([ending(6 * DAY_MS)], nowMs)?.message;
    assert.equal(at(NOW_MS), at(NOW_MS + 3 * DAY_MS));
  });

  it('is told of the one that ends first', () => {
    const found = expiryFinding([ending(9 * DAY_MS), ending(8 * DAY_MS, 'server')], NOW_MS);
    assert.match(found?.message ?? '', /server certificate in Secret demo-server-tls/);
    assert.equal(found?.status, 'True');
  });

  it('that is over is a failure', () => {
    const found = expiryFinding([ending(-1)], NOW_MS);
    assert.deepEqual([found?.status, found?.reason], ['False', 'CertificateExpired']);
  });
});
