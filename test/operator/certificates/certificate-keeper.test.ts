import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { LiveObject } from '../../../src/kube/kube-object.ts';
import { CLIENTS_MS } from '../../../src/operator/certificates/authority-plan.ts';
import { certificatesIn, isSignedBy, readCertificate } from '../../../src/pki/read-certificate.ts';
import { aCertifiedCluster, DAY_MS, digestOf, START_MS, statusOf } from './a-certified-cluster.ts';

/** After this the keeper looks at what it made itself once more. */
const LOOK_MS = 600_000;

describe('the keeper of certificates', () => {
  it('makes an authority and a Secret for each use, and then leaves them alone', async (t) => {
    const { keep, records, textOf, later } = aCertifiedCluster(t);
    const kept = await keep();
    assert.ok(kept.kind === 'kept', JSON.stringify(kept));
    for (const name of ['server', 'peer', 'agent', 'client']) {
      const certificate = textOf(`demo-${name}-tls`, 'tls.crt');
      assert.ok(isSignedBy(certificate, textOf('demo-ca', 'ca.crt')), name);
      assert.equal(textOf(`demo-${name}-tls`, 'ca.crt'), textOf('demo-ca', 'ca.crt'));
      assert.equal(textOf(`demo-${name}-tls`, 'next.key'), '');
    }
    const trust = digestOf(textOf('demo-ca', 'ca.crt'));
    assert.deepEqual(kept.trust, { client: trust, peer: trust, agent: trust });
    await keep();
    records.calls.length = 0;
    await keep();
    assert.equal(records.calls.length, 0, 'what is settled is not looked at again at once');
    later(LOOK_MS);
    await keep();
    assert.equal(records.calls.length, 5);
    assert.ok(records.calls.every((call) => call.startsWith('read ')));
  });

  it('gives each user without a password a certificate of that name, and renews it while there is such a user', async (t) => {
    const { keep, know, later, textOf } = aCertifiedCluster(t);
    know(['app', 'Data Team']);
    const kept = await keep();
    assert.ok(kept.kind === 'kept', JSON.stringify(kept));
    const secrets = new Map(kept.expiries.map(({ certificate, secret }) => [certificate, secret]));
    const app = 'demo-user-app-tls';
    assert.equal(secrets.get('user/app'), app);
    const other = secrets.get('user/Data Team') ?? '';
    assert.match(other, /^demo-user-[0-9a-f]{16}-tls$/, 'no object can be called as the user is');
    for (const [user, secret] of [
      ['app', app],
      ['Data Team', other],
    ] as const) {
      const facts = readCertificate(textOf(secret, 'tls.crt'));
      assert.deepEqual(
        { commonName: facts?.commonName, usages: facts?.usages, names: facts?.dnsNames },
        { commonName: user, usages: ['client'], names: [] },
      );
      assert.ok(isSignedBy(textOf(secret, 'tls.crt'), textOf('demo-ca', 'ca.crt')));
      assert.equal(textOf(secret, 'ca.crt'), textOf('demo-ca', 'ca.crt'));
    }
    know(['app']);
    const [before, left] = [textOf(app, 'tls.crt'), textOf(other, 'tls.crt')];
    later(60 * DAY_MS);
    await keep();
    assert.notEqual(textOf(app, 'tls.crt'), before);
    assert.equal(textOf(other, 'tls.crt'), left, 'etcd knows no such user any more');
  });

  it('calls nobody root or quorate-operator but the agents', async (t) => {
    const { keep, textOf } = aCertifiedCluster(t);
    await keep();
    const named = ['server', 'peer', 'agent', 'client'].map((leaf) => {
      const facts = readCertificate(textOf(`demo-${leaf}-tls`, 'tls.crt'));
      return [leaf, facts?.commonName];
    });
    assert.deepEqual(
      named.filter(([, name]) => name === 'root' || name === 'quorate-operator'),
      [['agent', 'root']],
    );
  });

  it('renews a certificate after two thirds of its life, and changes nobody’s trust by that', async (t) => {
    const { keep, later, textOf, join } = aCertifiedCluster(t);
    await keep();
    join();
    const [before, trust] = [textOf('demo-peer-tls', 'tls.crt'), textOf('demo-ca', 'ca.crt')];
    later(60 * DAY_MS);
    await keep();
    const after = textOf('demo-peer-tls', 'tls.crt');
    assert.notEqual(after, before);
    assert.equal(readCertificate(after)?.notBeforeMs, START_MS + 60 * DAY_MS - 300_000);
    assert.equal(textOf('demo-ca', 'ca.crt'), trust);
  });

  it('replaces the authority in three phases, each once every member has followed, and nobody is cut off', async (t) => {
    const cluster = aCertifiedCluster(t);
    await cluster.keep();
    for (const _ of [0, 1, 2]) {
      cluster.join();
    }
    const first = cluster.textOf('demo-ca', 'tls.crt');
    cluster.ask('may');
    for (let pass = 0; pass < 40; pass++) {
      await cluster.keep();
      cluster.later(CLIENTS_MS);
      const member = cluster.members[pass % 3];
      assert.ok(member !== undefined);
      // Files come to each in its own time, and it starts anew in its own turn.
      if (pass % 2 === 0) {
        cluster.takeUp(member);
      } else {
        cluster.restart(member);
      }
      assert.ok(cluster.isAtPeace(), `pass ${pass}`);
    }
    const last = cluster.textOf('demo-ca', 'ca.crt');
    assert.equal(certificatesIn(last).length, 1);
    assert.notEqual(last, first);
    assert.ok(cluster.members.every(({ loaded }) => loaded.get('peer') === last));
  });

  it('looks again within seconds while a phase waits: nobody tells that clients had their time', async (t) => {
    const { keep, join, ask, later, restart, members } = aCertifiedCluster(t);
    await keep();
    join();
    ask('may');
    await keep();
    for (const member of members) {
      restart(member);
    }
    for (const step of ['trust-next is done', 'clients take their time'] as const) {
      const kept = await keep();
      assert.ok(kept.kind === 'kept' && kept.againAtMs <= START_MS + 20_000, step);
      later(10_000);
    }
  });

  it('goes no further while a member is not heard', async (t) => {
    const { keep, join, ask, later, textOf, members } = aCertifiedCluster(t);
    await keep();
    join();
    ask('may');
    await keep();
    later(DAY_MS);
    await keep([...members.map(statusOf), undefined]);
    assert.notEqual(textOf('demo-ca', 'next.crt'), '', 'the first phase goes on');
  });

  it('goes on trusting the authority whose Secret somebody has removed, and replaces it (F80)', async (t) => {
    const cluster = aCertifiedCluster(t);
    await cluster.keep();
    for (const _ of [0, 1, 2]) {
      cluster.join();
    }
    const lost = cluster.textOf('demo-ca', 'tls.crt');
    cluster.records.put('demo-ca', undefined);
    await cluster.keep();
    const trusted = cluster.textOf('demo-ca', 'ca.crt');
    assert.ok(trusted.includes(lost), 'the lost one is trusted still');
    assert.equal(certificatesIn(trusted).length, 2);
    for (const member of cluster.members) {
      cluster.restart(member);
      assert.ok(cluster.isAtPeace());
    }
    cluster.later(CLIENTS_MS);
    await cluster.keep();
    assert.ok(!cluster.textOf('demo-ca', 'tls.crt').includes(lost), 'the new one signs');
  });

  it('issues a certificate whose Secret was removed or spoilt', async (t) => {
    const { keep, records, textOf, later } = aCertifiedCluster(t);
    await keep();
    records.put('demo-peer-tls', undefined);
    later(LOOK_MS);
    await keep();
    const spoilt = records.get('demo-server-tls') as LiveObject;
    records.put('demo-server-tls', { ...spoilt, data: { 'tls.crt': 'bm9uc2Vuc2U=' } });
    later(LOOK_MS);
    await keep();
    for (const name of ['demo-peer-tls', 'demo-server-tls']) {
      assert.ok(isSignedBy(textOf(name, 'tls.crt'), textOf('demo-ca', 'ca.crt')), name);
    }
  });

  it('touches no Secret of its names that is somebody else’s', async (t) => {
    const { keep, records } = aCertifiedCluster(t);
    const metadata = { name: 'demo-ca', namespace: 'shop', uid: 'u', resourceVersion: '1' };
    records.put('demo-ca', { metadata, data: {} });
    assert.deepEqual(await keep(), { kind: 'name-taken', secret: 'demo-ca' });
    assert.deepEqual(records.get('demo-ca')?.['data'], {});
  });

  it('makes no new authority while it cannot know whether there is one', async (t) => {
    const { keep, records } = aCertifiedCluster(t);
    records.mode = { kind: 'unknown', why: 'no answer in time' };
    assert.deepEqual(await keep(), { kind: 'failed', why: 'no answer in time' });
    records.mode = { kind: 'refused', status: 403, reason: 'Forbidden', message: 'secrets is forbidden' };
    assert.equal((await keep()).kind, 'forbidden');
    assert.ok(records.calls.every((call) => call.startsWith('read ')));
  });
});
