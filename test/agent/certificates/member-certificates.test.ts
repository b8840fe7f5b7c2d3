import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { before, describe, it, type TestContext } from 'node:test';
import { MemberCertificates } from '../../../src/agent/certificates/member-certificates.ts';
import type { TlsSettings } from '../../../src/agent/certificates/tls-settings.ts';
import type { KeyPair } from '../../../src/pki/certificate.ts';
import { issueAuthority, issueLeaf } from '../../../src/pki/x509-issuer.ts';
import { aManualClock } from '../../support/a-clock.ts';
import { anAgentConfig } from '../../support/an-agent-config.ts';
import { captureLog } from '../../support/captured-log.ts';
import { aMountedSecret, tlsFilesOf } from '../../support/mounted-secret.ts';

const NOW_MS = Date.parse('2026-05-01T12:00:00Z');
const DAY_MS = 86_400_000;

let old: KeyPair;
let next: KeyPair;
let leaf: KeyPair;
let renewed: KeyPair;

before(async () => {
  [old, next] = [await issueAuthority('a', NOW_MS, DAY_MS), await issueAuthority('b', NOW_MS, DAY_MS)];
  const request = {
    commonName: 'root',
    dnsNames: [],
    ipAddresses: [],
    usages: ['client'],
    lifeMs: DAY_MS,
  } as const;
  leaf = await issueLeaf(old, request, NOW_MS);
  renewed = await issueLeaf(old, request, NOW_MS);
});

async function aMember(t: TestContext, fields: Partial<TlsSettings> = {}) {
  const secret = await aMountedSecret(t);
  const clock = aManualClock();
  const log = captureLog();
  const { folder } = secret;
  const settings = {
    ...anAgentConfig().tls,
    folders: { client: folder, peer: folder, agent: folder },
    ...fields,
  };
  let changes = 0;
  const start = () =>
    new MemberCertificates({
      settings,
      notePath: join(folder, 'started.json'),
      clock,
      logger: log.logger,
      onChange: () => {
        changes += 1;
      },
    });
  return { secret, clock, log, start, changes: () => changes };
}

describe('the certificates of a member', () => {
  it('are unused where nothing is encrypted', async (t) => {
    const { start } = await aMember(t, { folders: {} });
    assert.deepEqual(await start().look(t.signal), { kind: 'unused' });
    assert.deepEqual(start().status(), []);
  });

  it('cannot be used until all sides have theirs, which is said once and for what', async (t) => {
    const { secret, clock, start, log } = await aMember(t);
    const certificates = start();
    const found = await certificates.look(t.signal);
    assert.ok(found.kind === 'unusable' && found.why.includes('tls.crt'), JSON.stringify(found));
    await secret.put(tlsFilesOf(leaf, old.certificate));
    clock.advance(5_000);
    assert.deepEqual(await certificates.look(t.signal), { kind: 'usable' });
    const warned = log.lines.filter(({ msg }) => String(msg).startsWith('certificate not taken up'));
    assert.equal(warned.length, 3);
  });

  it('are taken up while everything runs', async (t) => {
    const { secret, clock, start, changes } = await aMember(t);
    const certificates = start();
    await secret.put(tlsFilesOf(leaf, old.certificate));
    await certificates.look(t.signal);
    const shown = certificates.towardsEtcd;
    assert.equal(certificates.towardsEtcd, shown, 'connections are kept by it');
    await secret.put(tlsFilesOf(renewed, old.certificate));
    clock.advance(5_000);
    await certificates.look(t.signal);
    assert.equal(certificates.towardsEtcd?.certificate, renewed.certificate);
    assert.equal(changes(), 6);
  });

  it('wait before the first start in a Pod for the authorities that the Pod was made to trust (F80)', async (t) => {
    const bundle = old.certificate + next.certificate;
    const { secret, clock, start } = await aMember(t, { trust: { peer: digestOf(bundle) } });
    const certificates = start();
    await secret.put(tlsFilesOf(leaf, old.certificate));
    assert.equal((await certificates.look(t.signal)).kind, 'unusable');
    await secret.put(tlsFilesOf(leaf, bundle));
    clock.advance(5_000);
    assert.equal((await certificates.look(t.signal)).kind, 'usable');
    await certificates.noteStarted();
    await secret.put(tlsFilesOf(leaf, old.certificate));
    clock.advance(5_000);
    assert.equal((await certificates.look(t.signal)).kind, 'usable', 'a later start takes what is there');
  });

  it('do not wait for ever: that would be an outage of our own making', async (t) => {
    const { secret, clock, start } = await aMember(t, { trust: { client: digestOf('nothing') } });
    const certificates = start();
    await secret.put(tlsFilesOf(leaf, old.certificate));
    await certificates.look(t.signal);
    clock.advance(180_000);
    assert.equal((await certificates.look(t.signal)).kind, 'usable');
  });

  it('tell what etcd trusts since its start, also an agent that restarted meanwhile (F80)', async (t) => {
    const { secret, clock, start } = await aMember(t);
    const first = start();
    await secret.put(tlsFilesOf(leaf, old.certificate));
    await first.look(t.signal);
    assert.deepEqual(
      first.status().map(({ loadedAuthorities }) => loadedAuthorities),
      [null, null, digestOf(old.certificate)],
    );
    await first.noteStarted();
    const bundle = old.certificate + next.certificate;
    await secret.put(tlsFilesOf(leaf, bundle));
    clock.advance(5_000);
    const second = start();
    await second.look(t.signal);
    const [client] = second.status();
    assert.deepEqual(client, {
      side: 'client',
      certificate: digestOf(leaf.certificate),
      authorities: digestOf(bundle),
      loadedAuthorities: digestOf(old.certificate),
      notAfter: '2026-05-02T12:00:00.000Z',
    });
  });

  it('are the agent’s own towards etcd, which is believed by the members’ authorities', async (t) => {
    const members = await aMountedSecret(t);
    const agents = await aMountedSecret(t);
    await members.put(tlsFilesOf(renewed, old.certificate));
    await agents.put(tlsFilesOf(leaf, next.certificate));
    const folders = { client: members.folder, agent: agents.folder };
    const certificates = (await aMember(t, { folders })).start();
    await certificates.look(t.signal);
    const { certificate, authorities } = certificates.towardsEtcd ?? {};
    assert.deepEqual([certificate, authorities], [leaf.certificate, old.certificate]);
  });
});

function digestOf(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
