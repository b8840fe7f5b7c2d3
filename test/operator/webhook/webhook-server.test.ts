/** The webhook as an API server meets it, and as anybody else may. */
import assert from 'node:assert/strict';
import type { AddressInfo } from 'node:net';
import { before, describe, it, type TestContext } from 'node:test';
import { Agent, request } from 'undici';
import type { LiveObject } from '../../../src/kube/kube-object.ts';
import type { Outcome } from '../../../src/kube/outcome.ts';
import { answerReviews, type ReviewOutcome } from '../../../src/operator/webhook/answer-reviews.ts';
import { openWebhookServer } from '../../../src/operator/webhook/webhook-server.ts';
import type { KeyPair } from '../../../src/pki/certificate.ts';
import { issueAuthority, issueLeaf } from '../../../src/pki/x509-issuer.ts';
import { showTo } from '../../../src/runtime/bounded-server.ts';
import { captureLog } from '../../support/captured-log.ts';
import { valueAt } from '../../support/real-api-server-client.ts';
import { aReview } from './a-review.ts';

const LEAF = {
  commonName: 'webhook',
  dnsNames: [],
  ipAddresses: ['127.0.0.1'],
  usages: ['server'],
  lifeMs: 3_600_000,
} as const;
const EVEN = { metadata: { name: 'demo', namespace: 'here' }, spec: { size: 4 } };
const NONE: Outcome<LiveObject> = { kind: 'not-found', message: 'no such ConfigMap' };

let authority: KeyPair;
before(async () => {
  authority = await issueAuthority('ours', Date.now(), 3_600_000);
});

type Ask = (
  body: string,
  how?: { method?: 'GET' | 'POST'; path?: string },
) => Promise<readonly [number, string]>;

async function serve(t: TestContext, limits: Outcome<LiveObject> = NONE, isReady = true): Promise<Ask> {
  const answer = answerReviews({
    reader: { read: async () => limits },
    limits: { namespace: 'operators', name: 'limits' },
    logger: captureLog().logger,
    onOutcome: () => {},
  });
  const server = await openWebhookServer({ host: '127.0.0.1', port: 0 }, answer);
  if (isReady) {
    showTo(server, { ...(await issueLeaf(authority, LEAF, Date.now())), authorities: authority.certificate });
  }
  const dispatcher = new Agent({ connect: { ca: authority.certificate } });
  t.after(async () => {
    await dispatcher.destroy();
    server.closeAllConnections();
    server.close();
  });
  const origin = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return async (body, { method = 'POST', path = '/validate' } = {}) => {
    const options = { method, dispatcher, ...(method === 'POST' ? { body } : {}) };
    const { statusCode, body: said } = await request(`${origin}${path}`, options);
    return [statusCode, await said.text()];
  };
}

describe('the webhook’s server', () => {
  it('answers a review by the rules, over TLS', async (t) => {
    const ask = await serve(t);
    const [status, text] = await ask(
      JSON.stringify(aReview('EtcdCluster', { next: EVEN, before: undefined })),
    );
    const said: unknown = JSON.parse(text);
    assert.deepEqual([status, valueAt(said, 'response.allowed')], [200, false]);
    assert.match(String(valueAt(said, 'response.status.message')), /^size must be odd/);
  });

  it('refuses connections until it has a certificate to show', async (t) => {
    const ask = await serve(t, NONE, false);
    await assert.rejects(ask('{}'));
  });

  it('says what is wrong with what is no review, and answers the next one', async (t) => {
    const ask = await serve(t);
    assert.deepEqual((await ask('{')).slice(0, 1), [400]);
    assert.deepEqual((await ask('', { method: 'GET' })).slice(0, 1), [405]);
    assert.deepEqual((await ask('{}', { path: '/' })).slice(0, 1), [404]);
    const body = aReview('EtcdBackup', { next: undefined, before: EVEN });
    assert.deepEqual((await ask(JSON.stringify(body))).slice(0, 1), [200]);
  });

  it('reads no more than a mebibyte', async (t) => {
    const ask = await serve(t);
    assert.deepEqual((await ask('x'.repeat(1024 * 1024 + 1))).slice(0, 1), [413]);
    assert.deepEqual((await ask('x'.repeat(1024 * 1024))).slice(0, 1), [400]);
  });

  it('gives no answer while limits are not known: unknown is not none', async (t) => {
    const ask = await serve(t, { kind: 'unknown', why: 'no answer' });
    const next = { ...EVEN, spec: { size: 3 } };
    const [status, text] = await ask(JSON.stringify(aReview('EtcdCluster', { next, before: undefined })));
    assert.deepEqual([status, text], [503, 'the ConfigMap limits cannot be read: no answer\n']);
  });

  it('applies the limits of the ConfigMap', async (t) => {
    const metadata = { name: 'limits', uid: 'u', resourceVersion: '1' };
    const ask = await serve(t, { kind: 'done', value: { metadata, data: { 'here.max-size': '1' } } });
    const next = { ...EVEN, spec: { size: 3 } };
    const [, text] = await ask(JSON.stringify(aReview('EtcdCluster', { next, before: undefined })));
    assert.match(text, /size must not grow beyond the limit/);
  });
});

describe('an answer', () => {
  it('is counted by what became of the review, and the log names the object and the rule', async () => {
    const outcomes: ReviewOutcome[] = [];
    const { logger, lines } = captureLog();
    const answer = answerReviews({
      reader: { read: async () => NONE },
      limits: { namespace: 'operators', name: 'limits' },
      logger,
      onOutcome: (outcome) => void outcomes.push(outcome),
    });
    const three = { ...EVEN, spec: { size: 3 } };
    for (const next of [three, EVEN]) {
      const body = JSON.stringify(aReview('EtcdCluster', { next, before: undefined }));
      await answer(body, AbortSignal.timeout(1_000));
    }
    await answer('', AbortSignal.timeout(1_000));
    assert.deepEqual(outcomes, ['allowed', 'refused', 'unanswered']);
    const [refused] = lines;
    assert.deepEqual(refused, {
      level: 'info',
      rule: 'odd-size',
      field: 'spec.size',
      namespace: 'here',
      object: 'demo',
      msg: 'refused',
    });
  });
});
