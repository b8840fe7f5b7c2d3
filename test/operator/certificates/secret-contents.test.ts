import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import type { KubeObject, LiveObject } from '../../../src/kube/kube-object.ts';
import { type Authorities, factsOf, trustBundleOf } from '../../../src/operator/certificates/authorities.ts';
import {
  authoritiesSecret,
  leafSecret,
  readAuthorities,
  readLeaf,
} from '../../../src/operator/certificates/secret-contents.ts';
import { wantedLeaves } from '../../../src/operator/certificates/wanted-leaves.ts';
import type { KeyPair } from '../../../src/pki/certificate.ts';
import { readCertificate } from '../../../src/pki/read-certificate.ts';
import { issueAuthority, issueLeaf } from '../../../src/pki/x509-issuer.ts';
import { objectNamesOf } from '../../../src/resources/names.ts';

const NOW_MS = Date.parse('2026-05-01T12:00:00Z');
const DAY_MS = 86_400_000;
const METADATA = { name: 'demo-ca', namespace: 'shop', labels: {} };
const LEAVES = wantedLeaves(objectNamesOf('demo'), 'shop', 'cluster.local', {});

let one: KeyPair;
let other: KeyPair;

before(async () => {
  one = await issueAuthority('one', NOW_MS, 3650 * DAY_MS);
  other = await issueAuthority('other', NOW_MS, 3650 * DAY_MS);
});

function asLive(object: KubeObject): LiveObject {
  return { ...object, metadata: { ...object.metadata, uid: 'u', resourceVersion: '1' } };
}

describe('the Secret of the authorities', () => {
  it('says all of every phase of a rotation, and is read back', () => {
    const rest = { sinceMs: NOW_MS, given: undefined };
    const given = { authorities: other.certificate, isWithOwn: true, sinceMs: NOW_MS };
    const phases: readonly Authorities[] = [
      { ...rest, current: one, next: undefined, previous: undefined, answered: '' },
      { ...rest, current: one, next: other, previous: undefined, answered: 'may' },
      { ...rest, current: other, next: undefined, previous: one.certificate, answered: 'may' },
      { ...rest, current: one, next: undefined, previous: undefined, answered: '', given },
    ];
    for (const phase of phases) {
      assert.deepEqual(readAuthorities(asLive(authoritiesSecret(METADATA, phase))), phase);
    }
  });

  it('trusts the same bundle before and after the next one begins to sign: members need not start anew', () => {
    const base = { sinceMs: NOW_MS, answered: '', given: undefined };
    const before: Authorities = { ...base, current: one, next: other, previous: undefined };
    const after: Authorities = { ...base, current: other, next: undefined, previous: one.certificate };
    assert.equal(trustBundleOf(before, 'peer'), trustBundleOf(after, 'peer'));
  });

  it('lets agents and users in by its own, and where certificates are given, peers by those alone', () => {
    const given = { authorities: other.certificate, isWithOwn: false, sinceMs: 0 };
    const authorities: Authorities = {
      current: one,
      next: undefined,
      previous: undefined,
      sinceMs: 0,
      answered: '',
      given,
    };
    assert.equal(trustBundleOf(authorities, 'peer'), other.certificate);
    assert.equal(trustBundleOf(authorities, 'agent'), one.certificate);
    const both = [one.certificate, other.certificate].toSorted().join('');
    assert.equal(trustBundleOf(authorities, 'client'), both);
    const onTheWay = { ...authorities, given: { ...given, isWithOwn: true } };
    assert.equal(trustBundleOf(onTheWay, 'peer'), both);
  });

  it('has no second copy of a key that somebody else keeps', () => {
    const authorities: Authorities = {
      current: one,
      next: other,
      previous: undefined,
      sinceMs: 0,
      answered: '',
      given: undefined,
    };
    const secret = asLive(authoritiesSecret(METADATA, authorities, one.certificate));
    assert.ok(!JSON.stringify(secret).includes(Buffer.from(one.key).toString('base64')));
    assert.equal(readAuthorities(secret)?.next?.key, other.key);
  });

  it('cannot sign with a key that is gone or another’s', () => {
    const authorities = { next: undefined, previous: undefined, sinceMs: 0, answered: '', given: undefined };
    for (const key of ['', other.key, 'nonsense']) {
      assert.equal(factsOf({ ...authorities, current: { ...one, key } }).current.canSign, false);
    }
    assert.equal(factsOf({ ...authorities, current: one }).current.canSign, true);
  });

  it('is none where somebody has emptied it', () => {
    assert.equal(readAuthorities(asLive({ metadata: METADATA, data: { 'tls.crt': '' } })), undefined);
    assert.equal(readAuthorities(asLive({ metadata: METADATA })), undefined);
  });
});

describe('the Secret of a certificate', () => {
  it('says whether it is of the authority that signs, and with whom it is stored', async () => {
    const authorities: Authorities = {
      current: one,
      next: undefined,
      previous: undefined,
      sinceMs: 0,
      answered: '',
      given: undefined,
    };
    const [wish] = LEAVES;
    assert.ok(wish !== undefined);
    const leaf = await issueLeaf(one, wish.request, NOW_MS);
    const secret = asLive(leafSecret(METADATA, leaf, trustBundleOf(authorities, 'peer')));
    const { stored } = readLeaf(secret, authorities, 'peer') ?? {};
    assert.deepEqual([stored?.hasItsKey, stored?.isCurrent, stored?.hasTrust], [true, true, true]);
    const rotated = { ...authorities, current: other, previous: one.certificate };
    const later = readLeaf(secret, rotated, 'peer')?.stored;
    assert.deepEqual([later?.isCurrent, later?.hasTrust], [false, false]);
  });
});

describe('the certificates of a cluster', () => {
  it('name every member there can ever be, exactly: etcd compares them with who dials (F81)', async () => {
    const peer = LEAVES.find(({ name }) => name === 'peer');
    assert.equal(peer?.request.dnsNames.length, 9);
    assert.ok(peer?.request.dnsNames.every((name) => !name.includes('*')));
    assert.equal(peer?.request.dnsNames[8], 'demo-8.demo-peer.shop.svc.cluster.local');
    assert.deepEqual(peer?.request.usages, ['server', 'client']);
  });

  it('name the Services in every form that people write', () => {
    const server = LEAVES.find(({ name }) => name === 'server');
    for (const name of ['demo-client', 'demo-client.shop', 'demo-client.shop.svc', 'localhost']) {
      assert.ok(server?.request.dnsNames.includes(name), name);
    }
  });

  it('fit into a certificate with the longest names there can be', async () => {
    const cluster = 'a'.repeat(52);
    const leaves = wantedLeaves(objectNamesOf(cluster), 'b'.repeat(63), 'cluster.local', {});
    for (const { request } of leaves) {
      assert.ok(request.commonName.length <= 64);
      assert.ok(request.dnsNames.every((name) => name.length <= 253));
      const leaf = await issueLeaf(one, request, NOW_MS);
      assert.deepEqual(readCertificate(leaf.certificate)?.dnsNames, request.dnsNames);
    }
  });

  it('live half as long again as they are used', () => {
    const [year] = wantedLeaves(objectNamesOf('demo'), 'shop', 'cluster.local', { rotationPeriod: '365d' });
    assert.equal(year?.request.lifeMs, 365 * 1.5 * DAY_MS);
    assert.equal(LEAVES[0]?.request.lifeMs, 90 * DAY_MS);
  });
});
