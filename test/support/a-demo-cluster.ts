/** Stand-ins for what a tour moves: a cluster that only remembers, and etcds that say what they are told. */
import type { KeyValueApi } from '../../src/demo/key-value-api.ts';
import { MemberWatch } from '../../src/demo/member-watch.ts';
import { WriteLedger } from '../../src/demo/write-ledger.ts';
import { Writer } from '../../src/demo/writer.ts';
import type { MaintenanceApi, MemberApi } from '../../src/etcd/member-api.ts';
import { addressBlockOf, namesOf, pathsOf } from '../../src/local/cluster-layout.ts';
import type { LocalCluster } from '../../src/local/local-cluster.ts';
import type { AgentStatus } from '../../src/model/agent-status.ts';
import type { EtcdStatus } from '../../src/model/local-etcd.ts';
import type { EtcdId } from '../../src/model/member.ts';
import { clientUrlOf, memberNameOf, peerUrlOf } from '../../src/model/naming.ts';
import { id } from './a-member-view.ts';
import { anAgentStatus } from './an-agent-status.ts';

const BLOCK = addressBlockOf('127.80.7');
if (BLOCK === undefined) {
  throw new Error('127.80.7 is no block');
}
export const NAMES = namesOf('demo', 'default', BLOCK);

function never(): never {
  throw new Error('not part of this test');
}

/** What was done to the cluster, in order, such as `scale 5` and `kill 0 etcd SIGKILL`. */
export type DemoCluster = LocalCluster & { readonly done: readonly string[] };

type Hooks = {
  /** Called for each action; what it does to the members happens before the action is over. */
  readonly on?: (action: string) => void;
};

/** A cluster of `size` wanted members that does nothing by itself. */
export function aDemoCluster(size: number, hooks: Hooks = {}): DemoCluster {
  const done: string[] = [];
  let replicas = size;
  const note = (action: string): void => {
    done.push(action);
    hooks.on?.(action);
  };
  return {
    done,
    template: {
      names: NAMES,
      clusterUid: 'set-1',
      block: BLOCK ?? never(),
      paths: pathsOf('/nowhere'),
      etcdVersion: '3.6.16',
      etcdPath: '/nowhere/etcd',
      agentEntry: [],
      agentEnv: {},
      etcdOptions: {},
      apiUrl: '',
      graceSeconds: 30,
      supervisorMark: '',
      environment: {},
    },
    replicas: () => replicas,
    scale: (wanted) => {
      replicas = wanted;
      note(`scale ${wanted}`);
    },
    killContainer: (ordinal, container, signal) => {
      note(`kill ${ordinal} ${container} ${signal}`);
      return 200 + ordinal;
    },
    deletePod: async (ordinal) => note(`delete ${ordinal}`),
    wipeVolume: async (ordinal) => note(`wipe ${ordinal}`),
    deleteStatefulSet: never,
    snapshot: never,
    statuses: never,
    agentStatus: never,
    setEtcdVersion: never,
    setApiFault: never,
    setDnsFault: never,
    onEvent: never,
    stop: never,
    stopped: Promise.resolve(),
  };
}

/** A watch that has seen `size` members come up and serve. */
export function aServingWatch(size: number): MemberWatch {
  const watch = new MemberWatch();
  for (let ordinal = 0; ordinal < size; ordinal++) {
    bringUp(watch, ordinal);
  }
  return watch;
}

/** A Pod of `ordinal` appears, replacing the one that was, and serves. */
export function bringUp(watch: MemberWatch, ordinal: number): void {
  const pod = { ordinal, podUid: `uid-${ordinal}-${watch.board.size}` };
  const atMs = 0;
  watch.noteEvent({ ...pod, kind: 'pod-created', atMs });
  watch.noteEvent({
    ...pod,
    kind: 'container-started',
    container: 'agent',
    pid: 100 + ordinal,
    restarts: 0,
    atMs,
  });
  watch.noteEvent({
    ...pod,
    kind: 'container-started',
    container: 'etcd',
    pid: 200 + ordinal,
    restarts: 0,
    atMs,
  });
  watch.noteStatus(pod, servingStatus(ordinal));
}

export function servingStatus(ordinal: number): AgentStatus {
  return {
    ...anAgentStatus({ ordinal }),
    clientUrl: clientUrlOf(NAMES, ordinal),
    peerUrl: peerUrlOf(NAMES, ordinal),
  };
}

/** Member lists of `size` voters, whoever is asked. */
export function votersListed(size: () => number): MemberApi {
  const members = (): ReturnType<typeof Array.from<number>> =>
    Array.from({ length: size() }, (_, index) => index);
  return {
    listMembers: async () => ({
      kind: 'answered',
      value: {
        clusterId: id('c1'),
        members: members().map((ordinal) => ({
          id: id(`${ordinal + 1}`),
          name: memberNameOf(NAMES, ordinal),
          peerUrls: [peerUrlOf(NAMES, ordinal)],
          clientUrls: [clientUrlOf(NAMES, ordinal)],
          isLearner: false,
        })),
      },
    }),
    addLearner: never,
    updatePeerUrl: never,
    promote: never,
    remove: never,
    moveLeader: never,
  };
}

/** etcds of which that of `leader` leads. */
export function ledBy(leader: () => number): MaintenanceApi {
  const idOf = (ordinal: number): EtcdId => id(`${ordinal + 1}`);
  return {
    status: async (clientUrl) => {
      const ordinal = Number(/1([0-8]):/.exec(clientUrl)?.[1]);
      return { kind: 'answered', value: etcdStatus(idOf(ordinal), idOf(leader())) };
    },
    hashKv: never,
    defragment: never,
    disarmSpaceAlarm: never,
  };
}

function etcdStatus(memberId: EtcdId, leaderId: EtcdId): EtcdStatus {
  return {
    clusterId: id('c1'),
    memberId,
    leaderId,
    isLearner: false,
    version: '3.6.16',
    raftTerm: 2n,
    raftIndex: 1n,
    raftAppliedIndex: 1n,
    dbSizeBytes: 0,
    dbSizeInUseBytes: 0,
    errors: [],
  };
}

/** A writer whose every put is acknowledged at once; run it with `writer.run(t.signal)`. */
export function aHappyWriter(watch: MemberWatch): { readonly writer: Writer; readonly ledger: WriteLedger } {
  const api: KeyValueApi = {
    put: async () => ({ kind: 'acknowledged', clusterId: id('c1') }),
    readPage: never,
  };
  const ledger = new WriteLedger(0);
  const writer = new Writer({
    api,
    ledger,
    nowMs: () => performance.now(),
    endpoints: () => (watch.board.size === 0 ? [] : ['http://any']),
    onGap: () => undefined,
    onUnanswered: () => undefined,
  });
  return { writer, ledger };
}
