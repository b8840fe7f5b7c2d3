import { clientUrlOf, peerUrlOf } from '../model/naming.ts';
import type { AgentWord } from './agent-client.ts';
import type { ApiState, Pod } from './api-state.ts';
import { PORTS, podAddressOf } from './cluster-layout.ts';
import type { ClusterSnapshot, MemberSnapshot } from './cluster-snapshot.ts';
import type { ContainerView } from './container.ts';
import type { Kubelet } from './kubelet.ts';
import type { PodTemplate } from './pod-commands.ts';

/** Asks all agents at once, so a silent one delays the picture once and not the others. */
export async function takeSnapshot(
  state: ApiState,
  kubelet: Kubelet,
  template: PodTemplate,
  ask: (ordinal: number) => Promise<AgentWord>,
): Promise<ClusterSnapshot> {
  const pods = [...state.pods].sort((a, b) => a.ordinal - b.ordinal);
  const members = await Promise.all(
    pods.map(async (pod) => memberSnapshot(pod, kubelet, template, await ask(pod.ordinal))),
  );
  return {
    name: state.statefulSet.name,
    namespace: state.namespace,
    folder: template.paths.folder,
    etcdVersion: template.etcdVersion,
    apiUrl: template.apiUrl,
    replicas: state.statefulSet.replicas,
    members,
  };
}

const NOT_YET: ContainerView = {
  state: 'created',
  pid: null,
  startedAtMs: null,
  restarts: 0,
  lastExit: null,
};

function memberSnapshot(pod: Pod, kubelet: Kubelet, template: PodTemplate, word: AgentWord): MemberSnapshot {
  const { names, paths, block } = template;
  const { ordinal } = pod;
  const address = podAddressOf(block, ordinal);
  const runner = kubelet.runnerOf(ordinal);
  const isRunner = runner?.podUid === pod.uid;
  return {
    name: pod.name,
    ordinal,
    podUid: pod.uid,
    address,
    peerUrl: peerUrlOf(names, ordinal),
    clientUrl: clientUrlOf(names, ordinal),
    agentUrl: `http://${address}:${PORTS.agent}`,
    isDeleting: pod.deletion !== null,
    agent: isRunner ? runner.containerOf('agent') : NOT_YET,
    etcd: isRunner ? runner.containerOf('etcd') : NOT_YET,
    volume: paths.volumeOf(ordinal),
    dataFolder: paths.dataOf(ordinal),
    agentLog: paths.logOf(ordinal, 'agent'),
    etcdLog: paths.logOf(ordinal, 'etcd'),
    word: word.kind === 'unchanged' ? { kind: 'silent', why: 'it answered only that nothing changed' } : word,
  };
}
