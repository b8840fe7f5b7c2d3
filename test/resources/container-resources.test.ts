import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { numberOf } from '../../src/api/quantity.ts';
import { etcdResourcesOf } from '../../src/resources/container-resources.ts';
import { anySpec } from './any-spec.ts';

describe('the resources of etcd’s container', () => {
  for (const [title, given, expected] of [
    [
      'are the defaults where none are given',
      undefined,
      { requests: { cpu: '100m', memory: '128Mi' }, limits: { cpu: '1000m', memory: '1Gi' } },
    ],
    [
      'are what is given',
      { requests: { cpu: '50m', memory: '64Mi' }, limits: { cpu: '100m', memory: '128Mi' } },
      { requests: { cpu: '50m', memory: '64Mi' }, limits: { cpu: '100m', memory: '128Mi' } },
    ],
    [
      'keep the defaults of what is not given beside it',
      { limits: { memory: '2Gi' } },
      { requests: { cpu: '100m', memory: '128Mi' }, limits: { cpu: '1000m', memory: '2Gi' } },
    ],
    [
      'raise a default limit to the request',
      { requests: { cpu: 2, memory: '4Gi' } },
      { requests: { cpu: '2', memory: '4Gi' }, limits: { cpu: '2', memory: '4Gi' } },
    ],
    [
      'lower a default request to the limit',
      { limits: { cpu: '50m', memory: '100Mi' } },
      { requests: { cpu: '50m', memory: '100Mi' }, limits: { cpu: '50m', memory: '100Mi' } },
    ],
    [
      'pass on other kinds',
      { requests: { 'ephemeral-storage': '1Gi' }, limits: { 'ephemeral-storage': '2Gi' } },
      {
        requests: { cpu: '100m', memory: '128Mi', 'ephemeral-storage': '1Gi' },
        limits: { cpu: '1000m', memory: '1Gi', 'ephemeral-storage': '2Gi' },
      },
    ],
  ] as const) {
    it(title, () => {
      assert.deepEqual(etcdResourcesOf(given), expected);
    });
  }

  it('never request more than their limit', () => {
    fc.assert(
      fc.property(anySpec, ({ resources }) => {
        const { requests, limits } = etcdResourcesOf(resources);
        for (const [name, most] of Object.entries(limits)) {
          assert.ok((numberOf(requests[name] ?? 0) ?? 0) <= (numberOf(most) ?? 0), name);
        }
      }),
    );
  });
});
