import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { EtcdClusterSpec } from '../../src/api/etcd-cluster.ts';
import { DEFAULT_ETCD_VERSION } from '../../src/model/etcd-version.ts';
import { blueprintOf, type Unbuildable } from '../../src/resources/blueprint.ts';
import { aBlueprint, aSource, someSettings } from './a-blueprint.ts';

function refusalOf(spec: EtcdClusterSpec): Unbuildable {
  const blueprint = blueprintOf(aSource(spec), someSettings(), 'plain');
  assert.ok('refused' in blueprint);
  return blueprint;
}

describe('a blueprint', () => {
  it('has a default for everything', () => {
    const { image, options, names } = aBlueprint();
    assert.equal(image, `quay.io/coreos/etcd:v${DEFAULT_ETCD_VERSION}`);
    assert.equal(options, '{}');
    assert.deepEqual(names, {
      cluster: 'demo',
      agent: 'demo-agent',
      config: 'demo-config',
      formation: 'demo-formation',
      peerService: 'demo-peer',
      clientService: 'demo-client',
      caSecret: 'demo-ca',
      serverSecret: 'demo-server-tls',
      peerSecret: 'demo-peer-tls',
      agentSecret: 'demo-agent-tls',
      clientSecret: 'demo-client-tls',
      rootSecret: 'demo-root',
    });
  });

  for (const [repository, version, image] of [
    ['quay.io/coreos/etcd', '3.5.9', 'quay.io/coreos/etcd:v3.5.9'],
    ['quay.io/coreos/etcd', 'v3.5.21', 'quay.io/coreos/etcd:v3.5.21'],
    ['gcr.io/etcd-development/etcd', '3.6.16', 'gcr.io/etcd-development/etcd:v3.6.16'],
    ['localhost:5000/etcd', '3.6.16', 'localhost:5000/etcd:v3.6.16'],
    ['bitnami/etcd', 'v3.5.21', 'bitnami/etcd:3.5.21'],
    ['docker.io/bitnamilegacy/etcd', 'v3.5.21', 'docker.io/bitnamilegacy/etcd:3.5.21'],
    ['mirror.example/hub/bitnami/etcd', '3.6.16', 'mirror.example/hub/bitnami/etcd:3.6.16'],
    ['registry.example/not-bitnami-at-all', '3.6.16', 'registry.example/not-bitnami-at-all:v3.6.16'],
  ] as const) {
    it(`names the tag that ${repository} has for ${version}`, () => {
      assert.equal(aBlueprint({ repository, version }).image, image);
    });
  }

  for (const [repository, what] of [
    ['quay.io/coreos/etcd:v3.6.16', 'tag'],
    ['quay.io/coreos/etcd@sha256:0123', 'digest'],
    ['quay.io/coreos/etcd:v3.6.16@sha256:0123', 'digest'],
  ] as const) {
    it(`refuses ${repository}, since the version says which image is meant`, () => {
      const { refused, message } = refusalOf({ repository });
      assert.equal(refused, 'RepositoryInvalid');
      assert.match(message, new RegExp(`remove the ${what}`));
    });
  }

  it('refuses versions nobody has tried', () => {
    for (const version of ['3.4.23', '4.0.0', '3.8.1', 'latest']) {
      assert.equal(refusalOf({ version }).refused, 'VersionUnsupported');
    }
  });

  it('refuses options that this etcd would refuse or ignore', () => {
    const { refused, message } = refusalOf({
      version: '3.5.35',
      etcd: { electionTimeoutMs: 300, extraArgs: { 'log-format': 'json', 'data-dir': '/tmp' } },
    });
    assert.equal(refused, 'OptionsInvalid');
    assert.match(message, /electionTimeoutMs.*data-dir.*log-format/);
    assert.equal(refusalOf({ etcd: { quotaBackendBytes: 'much' } }).refused, 'OptionsInvalid');
  });

  it('has the same text for the same options, in whatever order they were written', () => {
    const one = aBlueprint({ etcd: { extraArgs: { 'max-wals': '3', cors: '*' }, snapshotCount: 7 } });
    const other = aBlueprint({ etcd: { snapshotCount: 7, extraArgs: { cors: '*', 'max-wals': '3' } } });
    assert.equal(one.options, other.options);
  });
});
