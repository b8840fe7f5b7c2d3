import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseEtcdVersion, TESTED_ETCD_VERSIONS } from '../../src/model/etcd-version.ts';
import { type EtcdProbes, etcdProbesOf } from '../../src/resources/etcd-probes.ts';

function probesOf(text: string): EtcdProbes {
  const version = parseEtcdVersion(text);
  assert.ok(version !== undefined);
  return etcdProbesOf(version);
}

describe('the probes of etcd', () => {
  for (const version of [...TESTED_ETCD_VERSIONS, '3.5.19', '3.6.0']) {
    it(`ask etcd ${version} itself: whether its client port is served yet, then on its metrics listener`, () => {
      const { startupProbe, livenessProbe, readinessProbe } = probesOf(version);
      assert.deepEqual(handlerOf(startupProbe), { httpGet: { path: '/livez', port: 2379 } });
      assert.deepEqual(handlerOf(livenessProbe), { httpGet: { path: '/livez', port: 2381 } });
      assert.deepEqual(handlerOf(readinessProbe), { httpGet: { path: '/readyz', port: 2381 } });
    });
  }

  it('ask the agent for readiness where etcd calls learners ready', () => {
    const { livenessProbe, readinessProbe } = probesOf('3.5.18');
    assert.deepEqual(handlerOf(livenessProbe), { httpGet: { path: '/livez', port: 2381 } });
    assert.deepEqual(handlerOf(readinessProbe), { httpGet: { path: '/readyz', port: 2382 } });
  });

  it('only knock where etcd cannot be asked', () => {
    const { startupProbe, livenessProbe } = probesOf('3.5.9');
    assert.deepEqual(handlerOf(startupProbe), { tcpSocket: { port: 2379 } });
    assert.deepEqual(handlerOf(livenessProbe), { tcpSocket: { port: 2381 } });
  });

  it('let etcd wait at the gate for as long as it takes', () => {
    const { periodSeconds, failureThreshold } = probesOf('3.6.16').startupProbe;
    assert.ok(periodSeconds * failureThreshold >= 365 * 24 * 3600);
    assert.ok(failureThreshold < 2 ** 31);
  });
});

function handlerOf(probe: EtcdProbes['startupProbe']): object {
  const { periodSeconds: _, timeoutSeconds: _t, failureThreshold: _f, ...handler } = probe;
  return handler;
}
