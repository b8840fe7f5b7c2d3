import type {
  Answer,
  ChangeOutcome,
  HashKv,
  MaintenanceApi,
  MemberApi,
  Refusal,
} from '../../src/etcd/member-api.ts';
import type { PeerHttp } from '../../src/etcd/peer-http.ts';
import type { EtcdStatus } from '../../src/model/local-etcd.ts';
import { type EtcdId, learnersOf, type Member, quorumOf, votersOf } from '../../src/model/member.ts';
import type { PeerContact } from '../../src/model/voters-word.ts';
import { CLUSTER, memberId } from './a-member-view.ts';

/** A cluster in memory. It obeys the contract of `MemberApi` and `MaintenanceApi` as real etcd does. */
export type FakeEtcd = {
  readonly members: MemberApi;
  readonly maintenance: MaintenanceApi;
  readonly peers: PeerHttp;
  readonly clientUrl: (ordinal: number) => string;
  readonly peerUrl: (ordinal: number) => string;
  readonly join: (ordinal: number) => Promise<void>;
  readonly freeze: (ordinal: number) => void;
  readonly thaw: (ordinal: number) => void;
  /** The process ends; what it is listed as stays. */
  readonly kill: (ordinal: number) => void;
  readonly lead: (ordinal: number) => void;
  /** What becomes of the next changes, one word each: applied but not acknowledged, or dropped. */
  readonly loseNext: (...fates: readonly ('ack' | 'change')[]) => void;
  /** The members' connections are 5 s old: changes are taken again. */
  readonly openDoor: () => void;
  /** Every member says this of itself from now on. */
  readonly raise: (alarm: string) => void;
  /** Every question and change so far, such as `remove a2`. */
  readonly calls: string[];
  /** What the members answer with instead; for answers of a cluster that is not ours. */
  readonly disguise: (ordinal: number, clusterId: EtcdId) => void;
};

type Process = { state: 'runs' | 'frozen' | 'dead'; clusterId: EtcdId };
type Names = {
  /** What a member is called once it has started. */
  readonly memberName: (ordinal: number) => string;
  readonly clientUrl: (ordinal: number) => string;
  readonly peerUrl: (ordinal: number) => string;
};

const HOST_NAMES: Names = {
  memberName: (ordinal) => `m${ordinal}`,
  clientUrl: (ordinal) => `http://m${ordinal}:2379`,
  peerUrl: (ordinal) => `http://m${ordinal}:2380`,
};

/** `voters` started voters led by ordinal 0; only one learner may join at a time. */
export function aFakeEtcd(voters = 1, names: Partial<Names> = {}): FakeEtcd {
  const { clientUrl, peerUrl, memberName } = { ...HOST_NAMES, ...names };
  const processes = new Map<string, Process>();
  const calls: string[] = [];
  const fates: ('ack' | 'change')[] = [];
  let members: readonly Member[] = [];
  /** Their processes go on answering for a moment. */
  const removed: Member[] = [];
  const alarms: string[] = [];
  let leader = memberId(0);
  let isDoorShut = false;

  const startProcess = (ordinal: number): void =>
    void processes.set(clientUrl(ordinal), { state: 'runs', clusterId: CLUSTER });
  const processOf = (member: Member): Process | undefined => processes.get(member.clientUrls[0] ?? '');
  const memberAt = (url: string): Member | undefined =>
    [...members, ...removed].find((member) => member.clientUrls.includes(url));
  const hasQuorum = (): boolean => {
    const all = votersOf(members);
    return all.filter((voter) => processOf(voter)?.state === 'runs').length >= quorumOf(all.length);
  };
  const silence = (url: string, signal: AbortSignal): { kind: 'unknown'; why: string } | undefined => {
    const process = processes.get(url);
    if (signal.aborted) {
      return { kind: 'unknown', why: 'given up before asking' };
    }
    return process?.state === 'runs'
      ? undefined
      : { kind: 'unknown', why: process?.state === 'frozen' ? '4 DEADLINE_EXCEEDED' : '14 UNAVAILABLE' };
  };

  const change = (
    what: string,
    url: string,
    signal: AbortSignal,
    refusal: () => Refusal | undefined,
    apply: () => void,
  ): ChangeOutcome => {
    calls.push(what);
    const silent = silence(url, signal);
    if (silent !== undefined) {
      return silent;
    }
    const refused = memberAt(url)?.isLearner === true ? 'learner-cannot' : refusal();
    if (refused !== undefined) {
      return { kind: 'refused', refusal: refused, text: `etcdserver: ${refused}` };
    }
    const fate = hasQuorum() ? fates.shift() : 'change';
    if (fate !== 'change') {
      apply();
    }
    return fate === undefined ? { kind: 'done' } : { kind: 'unknown', why: '4 DEADLINE_EXCEEDED' };
  };

  const api: MemberApi = {
    listMembers: async (url, linearizable, signal) => {
      calls.push(`list ${url}`);
      const silent = silence(url, signal);
      if (silent !== undefined) {
        return silent;
      }
      if (linearizable && memberAt(url)?.isLearner === true) {
        return { kind: 'unknown', why: 'etcdserver: rpc not supported for learner' };
      }
      return linearizable && !hasQuorum()
        ? { kind: 'unknown', why: 'etcdserver: request timed out' }
        : { kind: 'answered', value: { clusterId: processes.get(url)?.clusterId ?? CLUSTER, members } };
    },
    addLearner: async (url, newUrl, signal) => {
      const refusal = (): Refusal | undefined => {
        if (members.some((member) => member.peerUrls.includes(newUrl))) {
          return 'already-listed';
        }
        if (isDoorShut) {
          return 'unhealthy-cluster';
        }
        return learnersOf(members).length > 0 ? 'too-many-learners' : undefined;
      };
      return change(`add ${newUrl}`, url, signal, refusal, () => {
        const ordinal = [0, 1, 2, 3, 4, 5, 6, 7, 8].find((each) => peerUrl(each) === newUrl) ?? 9;
        const id = members.some((member) => member.id === memberId(ordinal))
          ? memberId(9)
          : memberId(ordinal);
        members = [...members, { id, name: '', peerUrls: [newUrl], clientUrls: [], isLearner: true }];
      });
    },
    promote: async (url, id, signal) => {
      const found = members.find((member) => member.id === id);
      const refusal = (): Refusal | undefined => {
        if (found === undefined) {
          return 'not-found';
        }
        if (!found.isLearner) {
          return 'not-a-learner';
        }
        return found.name === '' ? 'learner-not-ready' : undefined;
      };
      return change(`promote ${id}`, url, signal, refusal, () => {
        members = members.map((member) => (member.id === id ? { ...member, isLearner: false } : member));
        isDoorShut = true;
      });
    },
    remove: async (url, id, signal) => {
      const refusal = (): Refusal | undefined =>
        members.some((member) => member.id === id) ? undefined : 'not-found';
      return change(`remove ${id}`, url, signal, refusal, () => {
        removed.push(...members.filter((member) => member.id === id));
        members = members.filter((member) => member.id !== id);
        leader = id === leader ? (votersOf(members)[0]?.id ?? leader) : leader;
      });
    },
    updatePeerUrl: async (url, id, newUrl, signal) => {
      const refusal = (): Refusal | undefined => {
        if (!members.some((member) => member.id === id)) {
          return 'not-found';
        }
        return members.some((member) => member.id !== id && member.peerUrls.includes(newUrl))
          ? 'already-listed'
          : undefined;
      };
      return change(`update ${id} ${newUrl}`, url, signal, refusal, () => {
        members = members.map((member) => (member.id === id ? { ...member, peerUrls: [newUrl] } : member));
      });
    },
    moveLeader: async (url, target, signal) => {
      const refusal = (): Refusal | undefined => {
        if (memberAt(url)?.id !== leader) {
          return 'not-leader';
        }
        return votersOf(members).some((voter) => voter.id === target) ? undefined : 'bad-transferee';
      };
      return change(`move-leader ${target}`, url, signal, refusal, () => {
        leader = target;
      });
    },
  };

  const statusOf = (member: Member, process: Process): EtcdStatus => ({
    clusterId: process.clusterId,
    memberId: member.id,
    isLearner: member.isLearner,
    leaderId: hasQuorum() ? leader : null,
    version: '3.6.16',
    raftTerm: 2n,
    raftIndex: 100n,
    raftAppliedIndex: 100n,
    dbSizeBytes: 20_480,
    dbSizeInUseBytes: 16_384,
    errors: alarms,
  });

  const ask = <T>(what: string, url: string, signal: AbortSignal, answer: () => Answer<T>): Answer<T> => {
    calls.push(`${what} ${url}`);
    return silence(url, signal) ?? answer();
  };

  const maintenance: MaintenanceApi = {
    status: async (url, signal) =>
      ask('status', url, signal, () => {
        const member = memberAt(url);
        const process = processes.get(url);
        return member === undefined || process === undefined
          ? { kind: 'unknown', why: '14 UNAVAILABLE' }
          : { kind: 'answered', value: statusOf(member, process) };
      }),
    hashKv: async (url, revision, signal) =>
      ask<HashKv>('hash', url, signal, () =>
        revision > 1n
          ? { kind: 'unknown', why: 'etcdserver: mvcc: required revision is a future revision' }
          : { kind: 'answered', value: { hash: 4711, revision: 1n, compactRevision: -1n } },
      ),
    defragment: async (url, signal) =>
      ask('defragment', url, signal, () => ({ kind: 'answered', value: undefined })),
    disarmSpaceAlarm: async (url, signal) =>
      ask('disarm', url, signal, () => ({ kind: 'answered', value: undefined })),
  };

  /** The process behind a peer URL; peer and client port belong to the same one. */
  const behind = (url: string): Process | undefined => {
    const ordinal = [0, 1, 2, 3, 4, 5, 6, 7, 8].find((each) => peerUrl(each) === url);
    return ordinal === undefined ? undefined : processes.get(clientUrl(ordinal));
  };

  const peers: PeerHttp = {
    contact: async (url): Promise<PeerContact> => {
      calls.push(`contact ${url}`);
      const process = behind(url);
      if (process?.state === 'runs') {
        return { kind: 'answers', etcdVersion: '3.6.16' };
      }
      return process?.state === 'frozen' ? { kind: 'silent' } : { kind: 'refuses' };
    },
    clusterVersion: async (url) => {
      calls.push(`cluster-version ${url}`);
      return behind(url)?.state === 'runs' ? { major: 3, minor: 6, patch: 0 } : undefined;
    },
    localMembers: async (url) => {
      calls.push(`local-list ${url}`);
      const process = behind(url);
      return process?.state === 'runs'
        ? { kind: 'answered', value: { clusterId: process.clusterId, members } }
        : { kind: 'unknown', why: 'connection refused' };
    },
  };

  const setState = (ordinal: number, state: Process['state']): void => {
    const process = processes.get(clientUrl(ordinal));
    if (process !== undefined) {
      process.state = state;
    }
  };
  const started = (ordinal: number, isLearner: boolean): Member => ({
    id: memberId(ordinal),
    name: memberName(ordinal),
    peerUrls: [peerUrl(ordinal)],
    clientUrls: [clientUrl(ordinal)],
    isLearner,
  });
  for (let ordinal = 0; ordinal < voters; ordinal++) {
    members = [...members, started(ordinal, false)];
    startProcess(ordinal);
  }
  return {
    members: api,
    maintenance,
    peers,
    clientUrl,
    peerUrl,
    calls,
    join: async (ordinal) => {
      startProcess(ordinal);
      members = members.map((member) =>
        member.peerUrls.includes(peerUrl(ordinal)) ? { ...started(ordinal, true), id: member.id } : member,
      );
    },
    freeze: (ordinal) => setState(ordinal, 'frozen'),
    thaw: (ordinal) => setState(ordinal, 'runs'),
    kill: (ordinal) => setState(ordinal, 'dead'),
    lead: (ordinal) => {
      leader = memberId(ordinal);
    },
    loseNext: (...next) => void fates.push(...next),
    raise: (alarm) => void alarms.push(alarm),
    openDoor: () => {
      isDoorShut = false;
    },
    disguise: (ordinal, clusterId) => {
      const process = processes.get(clientUrl(ordinal));
      if (process !== undefined) {
        process.clusterId = clusterId;
      }
    },
  };
}
