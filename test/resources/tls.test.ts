import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { clusterObjects } from '../../src/resources/cluster-objects.ts';
import { podTemplate } from '../../src/resources/pod-template.ts';
import {
  PLAIN,
  type TlsBlueprint,
  type TlsMode,
  tlsModeIn,
  tlsModeText,
} from '../../src/resources/tls-mode.ts';
import { aBlueprint, aWish, TLS } from './a-blueprint.ts';

const SPEC = { security: { tls: {} } };

function environmentOf(tls: TlsBlueprint): Readonly<Record<string, string | undefined>> {
  const { initContainers } = podTemplate(aBlueprint(SPEC, {}, {}, tls)).spec;
  const env = initContainers[0]?.env ?? [];
  return Object.fromEntries(env.map((each) => [each.name, 'value' in each ? each.value : undefined]));
}

describe('TLS in the Pods', () => {
  it('is told of in one annotation, which is read back', () => {
    const modes: readonly TlsMode[] = [
      PLAIN,
      { client: 'both', peer: 'prepared' },
      { client: 'tls', peer: 'tls' },
      { client: 'tls', peer: 'plain' },
    ];
    for (const mode of modes) {
      assert.deepEqual(tlsModeIn(tlsModeText(mode)), mode);
    }
    assert.deepEqual(tlsModeIn(undefined), PLAIN);
    assert.deepEqual(tlsModeIn('client=ssl,peer=yes'), PLAIN);
  });

  it('gives the agents’ certificate to no etcd, and the authority’s key to nobody', () => {
    const template = podTemplate(aBlueprint(SPEC, {}, {}, TLS));
    const [etcd] = template.spec.containers;
    assert.deepEqual(
      etcd?.volumeMounts.map(({ name }) => name).filter((name) => name.startsWith('tls-')),
      ['tls-client', 'tls-peer'],
    );
    assert.ok(!JSON.stringify(template).includes('demo-ca"'));
  });

  it('speaks otherwise only once all others can: https for one’s own side at the end of the way', () => {
    const onTheWay = environmentOf({ ...TLS, client: 'both', peer: 'prepared' });
    assert.deepEqual(
      [onTheWay['QUORATE_CLIENT_SCHEME'], onTheWay['QUORATE_PEER_SCHEME'], onTheWay['QUORATE_AGENT_CHANNEL']],
      ['http', 'http', 'either'],
    );
    const there = environmentOf(TLS);
    assert.deepEqual(
      [there['QUORATE_CLIENT_SCHEME'], there['QUORATE_PEER_SCHEME'], there['QUORATE_AGENT_CHANNEL']],
      ['https', 'https', 'tls'],
    );
  });

  it('asks peers for the name in their certificates only where all have it', () => {
    assert.equal(environmentOf({ ...TLS, isPeerNamed: false })['QUORATE_TLS_PEER_NAME'], undefined);
    assert.equal(environmentOf(TLS)['QUORATE_TLS_PEER_NAME'], 'etcd-peer');
  });

  it('restarts members when whom they trust changes, and for no new certificate', () => {
    const template = (peer: string) =>
      JSON.stringify(podTemplate(aBlueprint(SPEC, {}, {}, { ...TLS, trust: { ...TLS.trust, peer } })));
    assert.notEqual(template('a'), template('b'));
    assert.ok(!template('a').includes('serial'));
  });

  it('asks the agent whether etcd has started where a kubelet cannot ask etcd', () => {
    const probeOf = (tls?: TlsBlueprint) => {
      const spec = tls === undefined ? {} : SPEC;
      return podTemplate(aBlueprint(spec, {}, {}, tls)).spec.containers[0]?.startupProbe;
    };
    assert.deepEqual(probeOf(TLS), { ...probeOf(), httpGet: { path: '/started', port: 2382 } });
    assert.deepEqual(probeOf({ ...TLS, client: 'both' }), probeOf());
  });

  it('changes nothing about a cluster that speaks plain text', () => {
    const objects = clusterObjects(aBlueprint(), aWish());
    assert.doesNotMatch(JSON.stringify(objects), /tls|TLS|2383|https/);
  });
});
