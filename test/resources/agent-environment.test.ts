import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as v from 'valibot';
import { readAgentConfig } from '../../src/agent/config.ts';
import type { EnvironmentVariable } from '../../src/api/kubernetes.ts';
import { peerUrlOf } from '../../src/model/naming.ts';
import { agentEnvironment } from '../../src/resources/agent-environment.ts';
import type { Blueprint } from '../../src/resources/blueprint.ts';
import { formationConfigMap, unformedRecord } from '../../src/resources/config-map.ts';
import { etcdContainer } from '../../src/resources/etcd-container.ts';
import { aBlueprint, FULL_SPEC } from './a-blueprint.ts';

const DOWNWARD: Readonly<Record<string, string>> = {
  'metadata.namespace': 'shop',
  'metadata.name': 'demo-2',
  'metadata.uid': 'pod-uid',
  'status.podIP': '10.124.1.7',
};

const sourceSchema = v.strictObject({ fieldRef: v.strictObject({ fieldPath: v.string() }) });

/** The environment as the kubelet makes it for Pod `demo-2`. */
function asInAPod(blueprint: Blueprint): Readonly<Record<string, string>> {
  const entries = agentEnvironment(blueprint).map((each) => [each.name, textOf(each)]);
  return { ...Object.fromEntries(entries), KUBERNETES_SERVICE_HOST: '10.96.0.1' };
}

function textOf({ value, valueFrom }: EnvironmentVariable): string | undefined {
  if (valueFrom === undefined) {
    return value;
  }
  const source = v.parse(sourceSchema, valueFrom);
  return DOWNWARD[source.fieldRef.fieldPath];
}

describe('the agent’s environment', () => {
  it('is one the agent takes, and nothing in it is unknown to it', () => {
    for (const blueprint of [aBlueprint(), aBlueprint(FULL_SPEC), aBlueprint({ version: '3.5.9' })]) {
      const finding = readAgentConfig(asInAPod(blueprint));
      assert.deepEqual(finding.ok ? [] : finding.problems, []);
    }
  });

  it('leads to the names, ports and paths of the other objects', () => {
    const blueprint = aBlueprint(FULL_SPEC);
    const finding = readAgentConfig(asInAPod(blueprint));
    assert.ok(finding.ok);
    const { config } = finding;
    assert.equal(
      config.recordConfigMap,
      formationConfigMap(blueprint, unformedRecord('u', blueprint.version)).metadata.name,
    );
    assert.equal(peerUrlOf(config.names, 2), 'http://demo-2.demo-peer.shop.svc.cluster.local:2380');
    const etcd = etcdContainer(blueprint);
    assert.deepEqual(
      etcd.ports?.map(({ containerPort }) => containerPort),
      [config.names.clientPort, config.names.peerPort, config.metricsPort],
    );
    assert.deepEqual(etcd.command, ['etcd', `--config-file=${config.gate}`]);
    assert.deepEqual(etcd.lifecycle?.preStop, { httpGet: { path: '/leave', port: config.agentPort } });
    assert.ok(etcd.volumeMounts.some(({ mountPath }) => mountPath === config.volume));
    assert.equal(config.graceSeconds, 120);
    assert.equal(config.etcdOptions.quotaBackendBytes, 4 * 1024 ** 3);
    assert.deepEqual(config.etcdOptions.extraArgs, { 'log-level': 'warn', 'max-request-bytes': '3145728' });
  });

  it('has no variable twice', () => {
    const names = agentEnvironment(aBlueprint()).map(({ name }) => name);
    assert.equal(new Set(names).size, names.length);
  });
});
