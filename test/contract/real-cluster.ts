import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { createEtcd3Clients, type Etcd3Clients } from '../../src/etcd/etcd3-clients.ts';
import { createEtcd3MaintenanceApi } from '../../src/etcd/etcd3-maintenance-api.ts';
import { createEtcd3MemberApi } from '../../src/etcd/etcd3-member-api.ts';
import type { ChangeOutcome, MaintenanceApi, MemberApi } from '../../src/etcd/member-api.ts';
import { refusalIn } from '../../src/etcd/refusal.ts';
import { type EtcdVersion, formatEtcdVersion, maxLearnersOf } from '../../src/model/etcd-version.ts';
import { type EtcdId, etcdIdOfHex, type Member } from '../../src/model/member.ts';
import { type EtcdProcess, startEtcd } from '../support/etcd-process.ts';
import { claimLoopbackAddresses, type LoopbackAddresses } from '../support/loopback-address.ts';
import { type Change, type ContractCluster, describeList, type Outcome } from './membership-script.ts';

const START_MS = 8_000;
const LEADER_MS = 15_000;
const POLL_MS = 50;
const MEMBERS = [0, 1, 2, 3] as const;

type Real = {
  readonly version: EtcdVersion;
  readonly directory: string;
  readonly addresses: LoopbackAddresses;
  readonly clients: Etcd3Clients;
  readonly members: MemberApi;
  readonly maintenance: MaintenanceApi;
  readonly signal: AbortSignal;
  readonly processes: Map<number, EtcdProcess>;
  readonly ended: Set<number>;
};

/** A cluster of real etcds of `version` on loopback. */
export async function createRealCluster(version: EtcdVersion, signal: AbortSignal): Promise<ContractCluster> {
  const clients = createEtcd3Clients();
  const real: Real = {
    version,
    directory: await mkdtemp(join(tmpdir(), 'quorate-contract-')),
    addresses: await claimLoopbackAddresses(),
    clients,
    members: createEtcd3MemberApi(clients),
    maintenance: createEtcd3MaintenanceApi(clients),
    signal,
    processes: new Map(),
    ended: new Set(),
  };
  const kill = async (member: number): Promise<void> => {
    await real.processes.get(member)?.stop('SIGKILL');
  };
  return {
    start: async (member, as) => {
      await startReal(real, member, as);
      await until(real, async () => real.ended.has(member) || (await serves(real, member)), START_MS);
      return real.ended.has(member) ? 'exits' : (await serves(real, member)) ? 'serves' : 'waits';
    },
    kill,
    wipe: async (member) => {
      await kill(member);
      await rm(directoryOf(real, member), { recursive: true });
    },
    exits: async (member) => {
      await until(real, async () => real.ended.has(member), START_MS);
      return real.ended.has(member);
    },
    change: (change, via) => askReal(real, change, via),
    list: async () => describeList(await listOf(real, true), (member) => numberOf(real, member)),
    leader: () => leaderOf(real),
    wait: (ms) => delay(ms, undefined, { signal }),
    [Symbol.asyncDispose]: async () => {
      await Promise.all([...real.processes.keys()].map(kill));
      clients.close();
      await real.addresses[Symbol.asyncDispose]();
      await rm(real.directory, { recursive: true });
    },
  };
}

async function startReal(real: Real, member: number, as: 'seed' | 'joiner'): Promise<void> {
  const name = `m${member}`;
  const listed = (await listOf(real, true)) ?? (await listOf(real, false)) ?? [];
  const peers = listed.map((other) => {
    const number = numberOf(real, other);
    return `m${number}=${other.peerUrls[0] ?? ''}`;
  });
  const maxLearners = real.version.minor >= 6 ? { 'max-learners': maxLearnersOf(real.version) } : {};
  real.ended.delete(member);
  const process = await startEtcd({
    version: formatEtcdVersion(real.version),
    address: real.addresses.of(member),
    dataDirectory: directoryOf(real, member),
    name,
    until: 'spawned',
    signal: real.signal,
    extraConfig: {
      'initial-cluster': as === 'seed' ? `${name}=${peerUrlOf(real, member)}` : peers.join(','),
      'initial-cluster-state': as === 'seed' ? 'new' : 'existing',
      'initial-cluster-token': 'contract',
      ...maxLearners,
    },
  });
  real.processes.set(member, process);
  process.exited.then(() => real.ended.add(member)).catch(() => {});
}

function directoryOf(real: Real, member: number): string {
  return join(real.directory, `m${member}`);
}

function peerUrlOf(real: Real, member: number): string {
  return `http://${real.addresses.of(member)}:2380`;
}

function clientUrlOf(real: Real, member: number): string {
  return `http://${real.addresses.of(member)}:2379`;
}

function numberOf(real: Real, member: Member): number {
  return MEMBERS.find((number) => member.peerUrls.includes(peerUrlOf(real, number))) ?? -1;
}

async function serves(real: Real, member: number): Promise<boolean> {
  return (await real.maintenance.status(clientUrlOf(real, member), real.signal)).kind === 'answered';
}

async function until(real: Real, isOver: () => Promise<boolean>, forMs: number): Promise<void> {
  const deadlineMs = performance.now() + forMs;
  while (!(await isOver()) && performance.now() < deadlineMs) {
    await delay(POLL_MS, undefined, { signal: real.signal });
  }
}

/** The members that still run, in turn. */
function running(real: Real): readonly number[] {
  return [...real.processes.keys()].filter((member) => !real.ended.has(member));
}

async function listOf(real: Real, linearizable: boolean): Promise<readonly Member[] | undefined> {
  for (const member of running(real)) {
    const answer = await real.members.listMembers(clientUrlOf(real, member), linearizable, real.signal);
    if (answer.kind === 'answered') {
      return answer.value.members;
    }
  }
  return undefined;
}

async function leaderOf(real: Real): Promise<number> {
  let leader = 0;
  await until(
    real,
    async () => {
      for (const member of running(real)) {
        const status = await real.maintenance.status(clientUrlOf(real, member), real.signal);
        if (status.kind === 'answered' && status.value.leaderId === status.value.memberId) {
          leader = member;
          return true;
        }
      }
      return false;
    },
    LEADER_MS,
  );
  return leader;
}

async function askReal(real: Real, change: Change, via: number): Promise<Outcome> {
  const url = clientUrlOf(real, via);
  switch (change.do) {
    case 'add-learner':
      return wordOf(await real.members.addLearner(url, peerUrlOf(real, change.member), real.signal));
    case 'add-voter':
      return addVoter(real, url, peerUrlOf(real, change.member));
    case 'promote':
      return wordOf(await real.members.promote(url, await idOf(real, change.member), real.signal));
    case 'remove':
      return wordOf(await real.members.remove(url, await idOf(real, change.member), real.signal));
    case 'update-url': {
      const id = await idOf(real, change.member);
      return wordOf(await real.members.updatePeerUrl(url, id, peerUrlOf(real, change.to), real.signal));
    }
    case 'move-leader':
      return wordOf(await real.members.moveLeader(url, await idOf(real, change.to), real.signal));
  }
}

/** The product never adds voters, so its adapter cannot. */
async function addVoter(real: Real, url: string, peerUrl: string): Promise<Outcome> {
  try {
    await real.clients.of(url).cluster.memberAdd({ peerURLs: [peerUrl], isLearner: false });
    return 'done';
  } catch (error) {
    return refusalIn(String(error)) ?? 'unknown';
  }
}

function wordOf(outcome: ChangeOutcome): Outcome {
  return outcome.kind === 'refused' ? outcome.refusal : outcome.kind;
}

/** The ID of a member, or of nobody. */
async function idOf(real: Real, member: number): Promise<EtcdId> {
  const listed = (await listOf(real, true))?.find((candidate) => numberOf(real, candidate) === member);
  const nobody = etcdIdOfHex('f00');
  if (nobody === undefined) {
    throw new Error('f00 is an ID');
  }
  return listed?.id ?? nobody;
}
