/** Where everything is measured: one namespace, its view, the prober, and a few questions to them. */
import { type AgentLine, parseAgentLine } from '../../src/local/agent-line.ts';
import type { ClusterAccess } from '../../test/e2e/support/cluster-access.ts';
import { askInPlainText } from '../../test/e2e/support/etcd-ask.ts';
import { createEtcdGateway } from '../../test/e2e/support/etcd-gateway.ts';
import type { Kubectl } from '../../test/e2e/support/kubectl.ts';
import type { Seen } from '../../test/e2e/support/namespace-view.ts';
import type { Prober } from './prober.ts';
import { type Subject, type SubjectKind, type SubjectParts, subjectOf } from './subject.ts';

export type Stage = SubjectParts & {
  readonly prober: Prober;
  /** One that was not there before. */
  readonly subject: (kind: SubjectKind) => Subject;
  /** When the status first said, of the spec as it is, that all of so many members serve. */
  readonly untilSaid: (cluster: string, size: number) => Promise<number>;
  /** When the status first listed, of the spec as it is, exactly so many members, all of them voters. */
  readonly untilListed: (cluster: string, size: number) => Promise<number>;
  /** The Pod whose member leads. */
  readonly leaderOf: (cluster: string, size: number) => Promise<string>;
  /** In decimal. */
  readonly memberIdOf: (pod: string) => Promise<string>;
  /** Where the member in the Pod is asked that takes the place of the one that is there now. */
  readonly successorOf: (pod: string) => Promise<string>;
  /** When the Pod that is there now was removed. */
  readonly untilGone: (pod: string) => Promise<number>;
  /** Resident memory of the agent in that Pod. */
  readonly agentBytes: (pod: string) => Promise<number>;
  /** What the agent in that Pod has logged so far. */
  readonly agentLines: (pod: string) => Promise<readonly AgentLine[]>;
  /** Looks at the operator while these clusters are all it has. */
  readonly whileCrowded: (clusters: readonly string[]) => Promise<void>;
};

export type StageParts = SubjectParts & {
  readonly access: ClusterAccess;
  readonly prober: Prober;
  readonly kubectl: Kubectl;
  readonly whileCrowded: () => Promise<void>;
};

const CLIENT_PORT = 2379;

/** A stage on which names are used once. */
export function openStage(parts: StageParts): Stage {
  const { view, access, signal } = parts;
  const gateway = createEtcdGateway(askInPlainText(access, view.namespace, signal));
  let made = 0;
  return {
    ...parts,
    subject: (kind) => {
      made += 1;
      return subjectOf(kind, `${kind === 'quorate' ? 'q' : 'p'}${made}`, parts);
    },
    untilSaid: (cluster, size) => untilSaid(parts, cluster, size),
    untilListed: (cluster, size) => untilListed(parts, cluster, size),
    leaderOf: async (cluster, size) => {
      const names = Array.from({ length: size }, (_, ordinal) => `${cluster}-${ordinal}`);
      const statuses = await Promise.all(names.map((pod) => gateway.status(pod)));
      const leader = names.find((_, at) => statuses[at]?.leaderId === statuses[at]?.memberId);
      if (leader === undefined) {
        throw new Error(`nobody leads ${cluster}`);
      }
      return leader;
    },
    memberIdOf: async (pod) => BigInt(`0x${(await gateway.status(pod)).memberId}`).toString(),
    successorOf: (pod) => successorOf(parts, pod),
    untilGone: (pod) => untilGone(parts, pod),
    agentBytes: (pod) => agentBytes(parts, pod),
    agentLines: async (pod) =>
      (await parts.kubectl.must(['logs', pod, '-c', 'agent']))
        .split('\n')
        .map(parseAgentLine)
        .filter((line) => line !== undefined),
    whileCrowded: async (clusters) => {
      await Promise.all(clusters.map((cluster) => untilSaid(parts, cluster, 3)));
      await parts.whileCrowded();
    },
  };
}

async function untilSaid({ view }: StageParts, cluster: string, size: number): Promise<number> {
  return view.until(`${cluster} says that ${size} members serve`, () => {
    const object = view.cluster(cluster);
    const { status } = object ?? {};
    const isSaid =
      object?.spec.size === size &&
      status?.observedGeneration === object.metadata.generation &&
      status?.readyReplicas === size &&
      status.phase === 'Running';
    return isSaid ? lastSeenMs(view.history, 'EtcdCluster', cluster) : undefined;
  });
}

async function untilListed({ view }: StageParts, cluster: string, size: number): Promise<number> {
  return view.until(`${cluster} lists ${size} voters`, () => {
    const object = view.cluster(cluster);
    const { members = [], observedGeneration } = object?.status ?? {};
    const isListed =
      object?.spec.size === size &&
      observedGeneration === object.metadata.generation &&
      members.length === size &&
      members.every(({ role }) => role === 'Leader' || role === 'Voter');
    return isListed ? lastSeenMs(view.history, 'EtcdCluster', cluster) : undefined;
  });
}

function lastSeenMs(history: readonly Seen[], kind: string, name: string): number {
  return history.findLast((seen) => seen.kind === kind && seen.name === name)?.atMs ?? Date.now();
}

async function untilGone({ view }: StageParts, pod: string): Promise<number> {
  const uid = view.pod(pod)?.uid;
  await view.until(`Pod ${pod} is gone`, () => view.pod(pod)?.uid !== uid);
  const gone = view.history.findLast(({ kind, object }) => kind === 'Pod' && object.metadata.uid === uid);
  return gone?.atMs ?? Date.now();
}

/** The agent is the first process of its container, and Node is there to read with. */
async function agentBytes({ kubectl }: StageParts, pod: string): Promise<number> {
  const script =
    "console.log(/VmRSS:\\s+(\\d+) kB/.exec(require('node:fs').readFileSync('/proc/1/status','utf8'))[1])";
  const command = ['exec', pod, '-c', 'agent', '--', '/usr/local/bin/node', '--eval', script];
  return Number((await kubectl.must(command)).trim()) * 1_024;
}

async function successorOf(parts: StageParts, pod: string): Promise<string> {
  const uid = parts.view.pod(pod)?.uid;
  const address = (): string | undefined => {
    const seen = parts.view.history.findLast(({ kind, name }) => kind === 'Pod' && name === pod);
    const status = seen?.object['status'] as { readonly podIP?: string } | undefined;
    return seen?.object.metadata.uid === uid || seen?.change === 'removed' ? undefined : status?.podIP;
  };
  return `http://${await parts.view.until(`Pod ${pod} has a successor`, address)}:${CLIENT_PORT}`;
}
