import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import {
  clientUrlOf,
  dnsNameOf,
  hostOf,
  memberNameOf,
  ORDINAL_MAX,
  ordinalOfMember,
  ordinalOfPeerUrl,
  ordinalOfPodName,
  peerUrlOf,
} from '../../src/model/naming.ts';
import { NAMES } from '../support/a-member-view.ts';

const ON_ONE_MACHINE = { ...NAMES, hostTemplate: '127.80.0.1{ordinal}' };
const ordinals = Array.from({ length: ORDINAL_MAX + 1 }, (_, ordinal) => ordinal);

describe('the names of a member', () => {
  it('are those of its Pod behind the headless Service', () => {
    assert.equal(memberNameOf(NAMES, 2), 'demo-2');
    assert.equal(dnsNameOf(NAMES, 2), 'demo-2.demo-peer.default.svc.cluster.local');
    assert.equal(peerUrlOf(NAMES, 2), 'http://demo-2.demo-peer.default.svc.cluster.local:2380');
    assert.equal(clientUrlOf(NAMES, 2), 'http://demo-2.demo-peer.default.svc.cluster.local:2379');
  });

  it('are loopback addresses on one machine', () => {
    assert.equal(hostOf(ON_ONE_MACHINE, 3), '127.80.0.13');
    assert.equal(peerUrlOf({ ...ON_ONE_MACHINE, peerScheme: 'https' }, 3), 'https://127.80.0.13:2380');
  });

  it('lead back to the ordinal under both schemes: a cluster changes its own member by member (F82)', () => {
    const secure = { ...NAMES, peerScheme: 'https' } as const;
    assert.deepEqual(
      ordinals.map((ordinal) => ordinalOfPeerUrl(NAMES, peerUrlOf(secure, ordinal))),
      ordinals,
    );
    assert.deepEqual(
      ordinals.map((ordinal) => ordinalOfPeerUrl(secure, peerUrlOf(NAMES, ordinal))),
      ordinals,
    );
  });

  it('lead back to the ordinal', () => {
    for (const names of [NAMES, ON_ONE_MACHINE]) {
      assert.deepEqual(
        ordinals.map((ordinal) => ordinalOfPeerUrl(names, peerUrlOf(names, ordinal))),
        ordinals,
      );
    }
    assert.deepEqual(
      ordinals.map((ordinal) => ordinalOfPodName('demo', memberNameOf(NAMES, ordinal))),
      ordinals,
    );
  });

  it('are no ordinal’s where the URL is none of this cluster’s', () => {
    const strange = [
      '',
      'http://elsewhere:2380',
      `${peerUrlOf(NAMES, 0)}/`,
      peerUrlOf(NAMES, ORDINAL_MAX + 1),
    ];
    for (const url of strange) {
      assert.equal(ordinalOfPeerUrl(NAMES, url), undefined, url);
    }
  });
});

describe('the ordinal of a listed member', () => {
  const elsewhere = 'http://localhost:2380';

  it('is that of its peer URL, whatever it is called', () => {
    for (const name of ['', 'default', 'demo-1']) {
      assert.equal(ordinalOfMember(NAMES, { name, peerUrls: [peerUrlOf(NAMES, 2)] }), 2);
    }
  });

  it('is that of its name where its peer URL is none of this cluster’s', () => {
    assert.equal(ordinalOfMember(NAMES, { name: 'demo-1', peerUrls: [elsewhere] }), 1);
    assert.equal(ordinalOfMember(NAMES, { name: 'demo-1', peerUrls: [] }), 1);
  });

  it('is none where neither is this cluster’s', () => {
    assert.equal(ordinalOfMember(NAMES, { name: 'default', peerUrls: [elsewhere] }), undefined);
    assert.equal(ordinalOfMember(NAMES, { name: '', peerUrls: [elsewhere] }), undefined);
  });
});

describe('the ordinal in a Pod’s name', () => {
  it('is none of names that only look alike', () => {
    const strange = [
      'demo',
      'demo-',
      'demo-01',
      'demo--1',
      'demo-1 ',
      'demo-9',
      'demo-1e0',
      'other-1',
      'demo-1-2',
    ];
    for (const name of strange) {
      assert.equal(ordinalOfPodName('demo', name), undefined, name);
    }
  });

  it('belongs to the whole name before it, dashes and digits included', () => {
    assert.equal(ordinalOfPodName('demo-1', 'demo-1-2'), 2);
  });

  it('is never made up from garbage', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (cluster, pod) => {
        const ordinal = ordinalOfPodName(cluster, pod);
        assert.ok(ordinal === undefined || `${cluster}-${ordinal}` === pod);
      }),
    );
  });
});
