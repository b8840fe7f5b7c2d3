import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { describe, it, type TestContext } from 'node:test';
import type { TlsSpec } from '../../../src/api/security-spec.ts';
import type { LiveObject } from '../../../src/kube/kube-object.ts';
import type { AgentStatus } from '../../../src/model/agent-status.ts';
import type { Side } from '../../../src/model/certificates.ts';
import { CLIENTS_MS } from '../../../src/operator/certificates/authority-plan.ts';
import {
  CertificateKeeper,
  type CertificatesOf,
  type Keeping,
} from '../../../src/operator/certificates/certificate-keeper.ts';
import { dataIn } from '../../../src/operator/certificates/secret-contents.ts';
import { certificatesIn, isSignedBy, readCertificate } from '../../../src/pki/read-certificate.ts';
import { issueAuthority, issueLeaf } from '../../../src/pki/x509-issuer.ts';
import { objectNamesOf } from '../../../src/resources/names.ts';
import { anAgentStatus } from '../../support/an-agent-status.ts';
import { fakeRecords } from '../election/fake-records.ts';

const START_MS = Date.parse('2026-05-01T12:00:00Z');
const DAY_MS = 86_400_000;
const NAMES = objectNamesOf('demo');
const LABELS = { 'etcd.etcd.io/cluster': 'demo', 'app.kubernetes.io/managed-by': 'quorate' };
const SECRET_OF: Readonly<Record<Side, string>> = {
  client: 'demo-server-tls',
  peer: 'demo-peer-tls',
  agent: 'demo-agent-tls',
};

/** A member as far as its certificates go: what its Pod has, and what its etcd has read at its start. */
type Member = { loaded: string; readonly files: Map<Side, { certificate: string; authorities: string }> };

function aCluster(t: TestContext, tls: TlsSpec = {}, issues: CertificatesOf['issues'] = 'all') {
  const records = fakeRecords();
  let nowMs = START_MS;
  let request = '';
  const members: Member[] = [];
  const keeper = new CertificateKeeper({
    secrets: records,
    issuer: { authority: issueAuthority, leaf: issueLeaf },
    nowMs: () => nowMs,
    random: Math.random,
  });
  const textOf = (name: string, key: string): string => {
    const secret = records.get(name);
    return secret === undefined ? '' : (dataIn(secret).get(key) ?? '');
  };
  const takeUp = (member: Member): void => {
    for (const side of ['client', 'peer', 'agent'] as const) {
      const name = SECRET_OF[side];
      member.files.set(side, { certificate: textOf(name, 'tls.crt'), authorities: textOf(name, 'ca.crt') });
    }
  };
  const restart = (member: Member): void => {
    takeUp(member);
    member.loaded = member.files.get('peer')?.authorities ?? '';
  };
  const statuses = (): readonly AgentStatus[] => members.map((member) => statusOf(member));
  return {
    records,
    textOf,
    members,
    takeUp,
    restart,
    join: () => {
      const member: Member = { loaded: '', files: new Map() };
      restart(member);
      members.push(member);
    },
    ask: (word: string) => {
      request = word;
    },
    later: (ms: number) => {
      nowMs += ms;
    },
    keep: (heard: readonly (AgentStatus | undefined)[] = statuses()): Promise<Keeping> =>
      keeper.keep(
        {
          names: NAMES,
          namespace: 'shop',
          clusterDomain: 'cluster.local',
          tls,
          issues,
          request,
          statuses: heard,
          metadataOf: (name) => ({ name, namespace: 'shop', labels: LABELS }),
        },
        t.signal,
      ),
    /** Whether every member takes what every other one shows now. */
    isAtPeace: () =>
      members.every((one) =>
        members.every((other) => isSignedBy(other.files.get('peer')?.certificate ?? '', one.loaded)),
      ),
  };
}

function statusOf(member: Member): AgentStatus {
  const certificates = [...member.files].map(([side, { certificate, authorities }]) => ({
    side,
    certificate: digestOf(certificate),
    authorities: digestOf(authorities),
    loadedAuthorities: digestOf(side === 'agent' ? authorities : member.loaded),
    notAfter: '2026-08-01T00:00:00Z',
  }));
  return { ...anAgentStatus(), certificates };
}

function digestOf(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

describe('the keeper of certificates', () => {
  it('makes an authority and a Secret for each use, and then leaves them alone', async (t) => {
    const { keep, records, textOf, later } = aCluster(t);
    const kept = await keep();
    assert.ok(kept.kind === 'kept', JSON.stringify(kept));
    for (const name of ['server', 'peer', 'agent', 'client']) {
      const certificate = textOf(`demo-${name}-tls`, 'tls.crt');
      assert.ok(isSignedBy(certificate, textOf('demo-ca', 'ca.crt')), name);
      assert.equal(textOf(`demo-${name}-tls`, 'ca.crt'), textOf('demo-ca', 'ca.crt'));
      assert.equal(textOf(`demo-${name}-tls`, 'next.key'), '');
    }
    assert.equal(kept.trust, digestOf(textOf('demo-ca', 'ca.crt')));
    await keep();
    records.calls.length = 0;
    await keep();
    assert.equal(records.calls.length, 0, 'what is settled is not looked at again at once');
    later(60_000);
    await keep();
    assert.equal(records.calls.length, 5);
    assert.ok(records.calls.every((call) => call.startsWith('read ')));
  });

  it('issues the agents’ alone where etcd’s are given', async (t) => {
    const { keep, records } = aCluster(t, {}, 'agents');
    await keep();
    assert.equal(records.get('demo-server-tls'), undefined);
    assert.ok(records.get('demo-agent-tls') !== undefined);
  });

  it('renews a certificate after two thirds of its life, and changes nobody’s trust by that', async (t) => {
    const { keep, later, textOf, join } = aCluster(t);
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
    const cluster = aCluster(t);
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
    assert.ok(cluster.members.every(({ loaded }) => loaded === last));
  });

  it('goes no further while a member is not heard', async (t) => {
    const { keep, join, ask, later, textOf, members } = aCluster(t);
    await keep();
    join();
    ask('may');
    await keep();
    later(DAY_MS);
    await keep([...members.map(statusOf), undefined]);
    assert.notEqual(textOf('demo-ca', 'next.crt'), '', 'the first phase goes on');
  });

  it('goes on trusting the authority whose Secret somebody has removed, and replaces it (F80)', async (t) => {
    const cluster = aCluster(t);
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
    const { keep, records, textOf, later } = aCluster(t);
    await keep();
    records.put('demo-peer-tls', undefined);
    later(60_000);
    await keep();
    const spoilt = records.get('demo-server-tls') as LiveObject;
    records.put('demo-server-tls', { ...spoilt, data: { 'tls.crt': 'bm9uc2Vuc2U=' } });
    later(60_000);
    await keep();
    for (const name of ['demo-peer-tls', 'demo-server-tls']) {
      assert.ok(isSignedBy(textOf(name, 'tls.crt'), textOf('demo-ca', 'ca.crt')), name);
    }
  });

  it('touches no Secret of its names that is somebody else’s', async (t) => {
    const { keep, records } = aCluster(t);
    const metadata = { name: 'demo-ca', namespace: 'shop', uid: 'u', resourceVersion: '1' };
    records.put('demo-ca', { metadata, data: {} });
    assert.deepEqual(await keep(), { kind: 'name-taken', secret: 'demo-ca' });
    assert.deepEqual(records.get('demo-ca')?.['data'], {});
  });

  it('makes no new authority while it cannot know whether there is one', async (t) => {
    const { keep, records } = aCluster(t);
    records.mode = { kind: 'unknown', why: 'no answer in time' };
    assert.deepEqual(await keep(), { kind: 'failed', why: 'no answer in time' });
    records.mode = { kind: 'refused', status: 403, reason: 'Forbidden', message: 'secrets is forbidden' };
    assert.equal((await keep()).kind, 'forbidden');
    assert.ok(records.calls.every((call) => call.startsWith('read ')));
  });
});
