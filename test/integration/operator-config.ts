import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import type { OperatorConfig } from '../../src/operator/operator-config.ts';
import type { RealApiServer } from '../support/real-api-server.ts';

/** A kubeconfig of its own for whoever has this token; for who may do everything unless given. */
export async function kubeconfigFor(
  t: TestContext,
  { url, ca, token: everything }: RealApiServer,
  token = everything,
): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'quorate-operator-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const path = join(folder, 'kubeconfig');
  const certificate = Buffer.from(ca).toString('base64');
  const config = {
    'current-context': 'here',
    contexts: [{ name: 'here', context: { cluster: 'c', user: 'u' } }],
    clusters: [{ name: 'c', cluster: { server: url, 'certificate-authority-data': certificate } }],
    users: [{ name: 'u', user: { token } }],
  };
  await writeFile(path, JSON.stringify(config));
  return path;
}

/** What an operator is told that serves one namespace, where its Lease is, too. */
export function configWith(kubeconfig: string, namespace: string): OperatorConfig {
  return {
    namespaces: [namespace],
    kubeconfig,
    podNamespace: undefined,
    secretsAccess: undefined,
    leaderElection: { namespace, name: 'quorate-operator' },
    agentImage: 'registry.example/quorate:0.1.0',
    agentImagePullPolicy: 'IfNotPresent',
    clusterDomain: 'cluster.local',
    sidecarMode: 'auto',
    workers: 2,
    metricsAddress: undefined,
    healthAddress: undefined,
    webhook: undefined,
    logLevel: 'silent',
  };
}
