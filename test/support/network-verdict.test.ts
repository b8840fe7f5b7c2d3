import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { isLetThrough } from './network-verdict.ts';

const web = { namespace: 'a', labels: { app: 'web' }, portNames: { http: 80 } };
const friend = { namespace: 'a', labels: { app: 'friend' } };
const stranger = { namespace: 'b', labels: { app: 'friend' } };

function aPolicy(spec: object): unknown {
  const podSelector = { matchLabels: { app: 'web' } };
  return {
    kind: 'NetworkPolicy',
    metadata: { namespace: 'a' },
    spec: { podSelector, policyTypes: ['Ingress'], ...spec },
  };
}
const ports = [{ port: 80, protocol: 'TCP' }];

describe('what policies let through', () => {
  it('is everything where no policy is about the Pod', () => {
    assert.ok(isLetThrough([], stranger, web, 22));
    assert.ok(isLetThrough([aPolicy({ policyTypes: ['Egress'] })], stranger, web, 22));
    assert.ok(isLetThrough([aPolicy({})], web, friend, 22));
  });

  it('is nothing where one is about it and lets nobody in', () => {
    assert.ok(!isLetThrough([aPolicy({})], friend, web, 80));
  });

  it('is what any one of them lets in', () => {
    const from = [{ podSelector: { matchLabels: { app: 'friend' } } }];
    const policies = [aPolicy({}), aPolicy({ ingress: [{ from, ports }] })];
    assert.ok(isLetThrough(policies, friend, web, 80));
    assert.ok(!isLetThrough(policies, friend, web, 81));
    assert.ok(
      !isLetThrough(policies, stranger, web, 80),
      'a selector of Pods is about the policy’s namespace',
    );
  });

  it('is by namespace where a peer says one', () => {
    const namespaceSelector = { matchLabels: { 'kubernetes.io/metadata.name': 'b' } };
    const policy = aPolicy({ ingress: [{ from: [{ namespaceSelector }], ports }] });
    assert.ok(isLetThrough([policy], stranger, web, 80));
    assert.ok(!isLetThrough([policy], friend, web, 80));
  });

  it('takes both ends to agree, and knows ports by name', () => {
    const named = [{ port: 'http', protocol: 'TCP' }];
    const out = { ...Object(aPolicy({ policyTypes: ['Egress'], egress: [{ ports: named }] })) };
    out.spec = { ...out.spec, podSelector: { matchLabels: { app: 'friend' } } };
    assert.ok(isLetThrough([out], friend, web, 80));
    assert.ok(!isLetThrough([out], friend, web, 22));
    assert.ok(!isLetThrough([out, aPolicy({})], friend, web, 80));
  });

  it('is not guessed where a policy says what is not known here', () => {
    for (const spec of [
      { ingress: [{ from: [{ ipBlock: { cidr: '10.0.0.0/8' } }], ports }] },
      { ingress: [{ ports: [{ port: 80, endPort: 90, protocol: 'TCP' }] }] },
      { ingress: [{ from: [], ports }] },
      { ingress: [{}] },
      { podSelector: { matchExpressions: [] } },
    ]) {
      assert.throws(() => isLetThrough([aPolicy(spec)], friend, web, 80), JSON.stringify(spec));
    }
  });
});
