/** How the tests reach etcd's JSON gateway. */
import { PORTS } from '../../../src/resources/ports.ts';
import type { TestCluster } from './a-cluster.ts';
import type { ClusterAccess, PodAnswer } from './cluster-access.ts';
import { createEtcdGateway, type EtcdGateway } from './etcd-gateway.ts';
import { PROGRAM_PORT, startProgram } from './program-pod.ts';

/** Asks etcd in a Pod, and gives what was answered. */
export type EtcdAsk = (pod: string, path: string, json: unknown) => Promise<PodAnswer>;

/** The asker tries three times, 4 s each. */
const ASK_MS_MAX = 15_000;

/** Through the API server, which has no certificate to show. */
export function askInPlainText(access: ClusterAccess, namespace: string, signal: AbortSignal): EtcdAsk {
  return (pod, path, json) =>
    access.askPod({ namespace, pod, port: PORTS.client }, { method: 'POST', path, json }, signal);
}

/** The members of `cluster`, whatever they speak. */
export function gatewayOf(cluster: TestCluster): EtcdGateway {
  const { ground, space } = cluster;
  const isPlain = cluster.object().spec.security?.tls === undefined;
  return createEtcdGateway(
    isPlain ? askInPlainText(ground.access, space.namespace, ground.signal) : askAsClient(cluster),
  );
}

/** Through a Pod that has what clients have; it is started with the first question. */
export function askAsClient(cluster: Pick<TestCluster, 'ground' | 'space' | 'name'>): EtcdAsk {
  const { ground, space, name } = cluster;
  const asker = `asker-${name}`;
  return async (pod, path, json) => {
    if (space.view.pod(asker)?.ready !== true) {
      await startProgram(cluster, {
        pod: asker,
        files: ['asker-program.ts', 'gateway-client.ts'],
        probePath: '/',
      });
    }
    const host = `${pod}.${name}-peer.${space.namespace}.svc.cluster.local:${PORTS.client}`;
    const query = new URLSearchParams({ host, path });
    return ground.access.askPod(
      { namespace: space.namespace, pod: asker, port: PROGRAM_PORT },
      { method: 'POST', path: `/ask?${query}`, json, timeoutMs: ASK_MS_MAX },
      ground.signal,
    );
  };
}
