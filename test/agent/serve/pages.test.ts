import assert from 'node:assert/strict';
import { before, describe, it, type TestContext } from 'node:test';
import { createAgentMetrics } from '../../../src/agent/agent-metrics.ts';
import { Pages } from '../../../src/agent/serve/pages.ts';
import { StatusBoard } from '../../../src/agent/serve/status-board.ts';
import type { KeyPair } from '../../../src/pki/certificate.ts';
import { readCertificate } from '../../../src/pki/read-certificate.ts';
import { issueAuthority, issueLeaf } from '../../../src/pki/x509-issuer.ts';
import { createHttpClient, type HttpAnswer } from '../../../src/runtime/http-client.ts';
import type { TlsMaterial } from '../../../src/runtime/tls-material.ts';
import { aManualClock } from '../../support/a-clock.ts';
import { aSelf } from '../../support/a-member-view.ts';
import { captureLog } from '../../support/captured-log.ts';
import { claimLoopbackAddresses } from '../../support/loopback-address.ts';

const DAY_MS = 86_400_000;
const NAME = 'demo-1.demo-peer.shop.svc';
const PAGES = ['/livez', '/readyz', '/started', '/leave', '/status', '/reach?ordinal=1', '/metrics'];

let authority: KeyPair;

before(async () => {
  authority = await issueAuthority('ca', Date.now(), DAY_MS);
});

async function material(commonName: string, by = authority, trusted = authority): Promise<TlsMaterial> {
  const request = {
    commonName,
    dnsNames: [NAME],
    ipAddresses: [],
    usages: ['server', 'client'],
    lifeMs: DAY_MS,
  } as const;
  return { ...(await issueLeaf(by, request, Date.now())), authorities: trusted.certificate };
}

async function served(t: TestContext, channel: 'plain' | 'either' | 'tls') {
  const addresses = await claimLoopbackAddresses();
  let shown = await material('root');
  const pages = new Pages({
    board: new StatusBoard(aSelf(), aManualClock()),
    registry: createAgentMetrics().registry,
    logger: captureLog().logger,
    isReady: async () => ({ ready: true, why: 'voter' }),
    hasServed: () => true,
    canReach: async () => true,
    leave: async () => ({ kind: 'stay', reason: 'StillWanted', message: 'A restart.' }),
    signal: t.signal,
    listenAddress: addresses.of(0),
    agentPort: 2382,
    tls: { channel, port: 2383 },
    identity: () => shown,
  });
  await pages.listen();
  await pages.refresh();
  t.after(async () => {
    pages.close();
    await addresses[Symbol.asyncDispose]();
  });
  const ask = async (scheme: 'http' | 'https', path: string, identity?: TlsMaterial): Promise<HttpAnswer> => {
    const http = createHttpClient({ identity: () => identity });
    const port = scheme === 'http' ? 2382 : 2383;
    const url = `${scheme}://${addresses.of(0)}:${port}${path}`;
    const answer = await http.send({ url, serverName: NAME, timeoutMs: 5_000 }, t.signal);
    await http.close();
    return answer;
  };
  const show = async (other: TlsMaterial): Promise<void> => {
    shown = other;
    await pages.refresh();
  };
  return { ask, show };
}

function statusOf(answer: HttpAnswer): number | string {
  return answer.kind === 'answered' ? answer.status : answer.kind;
}

describe('the agent’s pages', () => {
  it('are all in plain text where nothing is encrypted', async (t) => {
    const { ask } = await served(t, 'plain');
    for (const page of PAGES) {
      assert.equal(statusOf(await ask('http', page)), 200, page);
    }
    assert.equal(statusOf(await ask('https', '/status', await material('root'))), 'refused');
  });

  it('over TLS are for siblings and operator; in plain text only what probes and hooks ask for', async (t) => {
    const { ask } = await served(t, 'tls');
    const plain = await Promise.all(PAGES.map(async (page) => statusOf(await ask('http', page))));
    assert.deepEqual(plain, [200, 200, 200, 200, 404, 404, 404]);
    for (const name of ['root', 'quorate-operator']) {
      const identity = await material(name);
      for (const page of PAGES) {
        assert.equal(statusOf(await ask('https', page, identity)), 200, `${name} ${page}`);
      }
    }
  });

  it('are for both on the way to TLS', async (t) => {
    const { ask } = await served(t, 'either');
    assert.equal(statusOf(await ask('http', '/status')), 200);
    assert.equal(statusOf(await ask('https', '/status', await material('root'))), 200);
  });

  it('are not for who shows nothing, a certificate of a user, or one that nobody here has signed', async (t) => {
    const { ask } = await served(t, 'tls');
    const strangers = await issueAuthority('ca', Date.now(), DAY_MS);
    assert.equal(statusOf(await ask('https', '/status', await material('shop'))), 403);
    assert.equal(statusOf(await ask('https', '/status', await material('root', strangers))), 'unknown');
    assert.equal(statusOf(await ask('https', '/status')), 'unknown');
  });

  it('are shown with a new certificate, and for a new authority, as soon as there is one', async (t) => {
    const { ask, show } = await served(t, 'tls');
    const next = await issueAuthority('next', Date.now(), DAY_MS);
    const visitor = await material('root', next, next);
    assert.equal(statusOf(await ask('https', '/status', visitor)), 'unknown');
    await show({ ...(await material('root', next)), authorities: authority.certificate + next.certificate });
    assert.equal(statusOf(await ask('https', '/status', visitor)), 200);
    assert.equal(readCertificate(visitor.certificate)?.commonName, 'root');
  });
});
