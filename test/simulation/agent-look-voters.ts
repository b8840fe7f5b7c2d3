/** What the voters say, asked as the shell asks them. */
import type { Wants } from '../../src/decide/wants.ts';
import type { EtcdStatus } from '../../src/model/local-etcd.ts';
import type { EtcdId, Member } from '../../src/model/member.ts';
import type { MemberView } from '../../src/model/member-view.ts';
import { ordinalOfMember } from '../../src/model/naming.ts';
import type { ContactedMember, LeaderWord, PeerContact, VotersWord } from '../../src/model/voters-word.ts';
import { believedClusterId, statusOf } from './agent-look.ts';
import type { Agent } from './agent-state.ts';
import { resolve } from './dns-model.ts';
import { isServing, linearizableList } from './etcd-calls.ts';
import { type EtcdProc, procAt } from './etcd-state.ts';
import { canDial } from './network.ts';
import { NAMES, ordinalOf, podOfAddress, type World } from './world.ts';

/** Asks for the member list: of the etcd beside the agent, or of the peers. */
export function askVoters(world: World, agent: Agent, view: MemberView, wants: Wants): VotersWord {
  if (wants.voters === 'none') {
    return { kind: 'unasked' };
  }
  const clusterId = believedClusterId(view);
  if (clusterId === null && wants.voters === 'peers') {
    return { kind: 'unasked' };
  }
  const ordinals = wants.voters === 'own' ? [agent.pod.ordinal] : ordinalsToAsk(agent, view);
  return survey(world, agent, ordinals, clusterId, wants.contacts);
}

/** Everybody wanted or listed but me; three where neither is known. */
function ordinalsToAsk(agent: Agent, view: MemberView): readonly number[] {
  const ordinals = new Set<number>();
  const wanted = view.intent.known ? view.intent.value.replicas : 3;
  for (let ordinal = 0; ordinal < wanted; ordinal++) {
    ordinals.add(ordinal);
  }
  for (const ordinal of listedOrdinals(agent.lastVoters)) {
    ordinals.add(ordinal);
  }
  ordinals.delete(agent.pod.ordinal);
  return [...ordinals];
}

export function listedOrdinals(voters: VotersWord): readonly number[] {
  const members = 'members' in voters ? voters.members : [];
  return members.flatMap((member) => ordinalOfMember(NAMES, member) ?? []);
}

/** Asks `ordinals` in any order until one answer is conclusive. */
export function survey(
  world: World,
  agent: Agent,
  ordinals: readonly number[],
  clusterId: EtcdId | null,
  contacts: boolean,
): VotersWord {
  const statuses: EtcdStatus[] = [];
  let believed: { readonly members: readonly Member[]; readonly clusterId: EtcdId } | undefined;
  const first = world.random.below(Math.max(1, ordinals.length));
  for (let turn = 0; turn < ordinals.length; turn++) {
    const proc = askedProc(world, agent, ordinals[(first + turn) % ordinals.length] ?? 0);
    if (proc === undefined || !isServing(proc)) {
      continue;
    }
    // Both are asked at once; which is answered first is chance.
    const isStatusFirst = world.random.chance(0.5);
    const before = statusOf(world, proc);
    const list = isBelieved(world, proc, clusterId) ? linearizableList(world, proc) : undefined;
    const status = isStatusFirst ? before : statusOf(world, proc);
    statuses.push(status);
    if (list !== undefined) {
      believed = { members: list, clusterId: proc.dir.clusterId };
      if (status.leaderId !== null) {
        break;
      }
    }
  }
  if (believed === undefined) {
    return localWord(world, agent, ordinals, clusterId, contacts);
  }
  const ours = statuses.filter((status) => status.clusterId === believed.clusterId);
  return {
    kind: 'linearizable',
    clusterId: believed.clusterId,
    members: contactAll(world, agent, believed.members, contacts),
    leader: leaderAmong(believed.members, ours),
    observedAtMs: world.nowMs,
  };
}

function isBelieved(world: World, proc: EtcdProc, clusterId: EtcdId | null): boolean {
  return clusterId === null || proc.dir.clusterId === clusterId || !world.shell.believesOnlyOwnCluster;
}

/** The process behind an ordinal's name, or the one next door for one's own. */
function askedProc(world: World, agent: Agent, ordinal: number): EtcdProc | undefined {
  const { pod } = agent;
  if (ordinal === pod.ordinal) {
    return pod.etcd.kind === 'serving' ? pod.etcd.proc : undefined;
  }
  const address = resolve(world.dns, ordinal);
  const proc = address === undefined ? undefined : procAt(world, address);
  return proc !== undefined && canDial(world.network, pod.node, proc.node) ? proc : undefined;
}

/** No quorum confirmed a list: what single members say, which proves nothing about who is absent. */
function localWord(
  world: World,
  agent: Agent,
  ordinals: readonly number[],
  clusterId: EtcdId | null,
  contacts: boolean,
): VotersWord {
  let foreign: VotersWord | undefined;
  for (const ordinal of ordinals) {
    const proc = askedProc(world, agent, ordinal);
    if (proc === undefined || proc.isPaused) {
      continue;
    }
    const { dir } = proc;
    if (!isBelieved(world, proc, clusterId)) {
      foreign ??= { kind: 'foreign', clusterId: dir.clusterId, from: `ordinal ${ordinal}` };
      continue;
    }
    if (world.shell.believesOnlyQuorums) {
      const members = contactAll(world, agent, dir.membership.members, false);
      return { kind: 'local-list', clusterId: dir.clusterId, members, why: 'no quorum' };
    }
    const { members } = dir.membership;
    return {
      kind: 'linearizable',
      clusterId: dir.clusterId,
      members: contactAll(world, agent, members, contacts),
      leader: leaderAmong(members, [statusOf(world, proc)]),
      observedAtMs: world.nowMs,
    };
  }
  return foreign ?? { kind: 'silent', why: 'nobody answers' };
}

function leaderAmong(members: readonly Member[], statuses: readonly EtcdStatus[]): LeaderWord | null {
  let latest: EtcdStatus | undefined;
  let raftIndex = 0n;
  for (const status of statuses) {
    if (status.leaderId !== null && (latest === undefined || status.raftTerm > latest.raftTerm)) {
      latest = status;
    }
    raftIndex = status.raftIndex > raftIndex ? status.raftIndex : raftIndex;
  }
  const leader = members.find((member) => member.id === latest?.leaderId);
  const clientUrl = leader?.clientUrls[0];
  return latest === undefined || leader === undefined || clientUrl === undefined
    ? null
    : { id: leader.id, clientUrl, raftIndex, raftTerm: latest.raftTerm };
}

const NOT_DIALLED: PeerContact = { kind: 'silent' };

function contactAll(
  world: World,
  agent: Agent,
  members: readonly Member[],
  dials: boolean,
): readonly ContactedMember[] {
  if (!dials) {
    return members.map((member) => ({ ...member, contact: NOT_DIALLED }));
  }
  const addresses = members.map((member) => addressOfMember(world, member));
  return members.map((member, position) => ({
    ...member,
    contact: contactOf(world, agent.pod.node, addresses, position),
  }));
}

function addressOfMember(world: World, member: Member): number | undefined {
  const ordinal = ordinalOf(member.peerUrls[0] ?? '');
  return ordinal === undefined ? undefined : resolve(world.dns, ordinal);
}

function contactOf(
  world: World,
  from: number,
  addresses: readonly (number | undefined)[],
  position: number,
): PeerContact {
  const address = addresses[position];
  if (address === undefined) {
    return { kind: 'unresolved' };
  }
  if (addresses.some((other, at) => at !== position && other === address)) {
    return { kind: 'misdirected', why: 'another member has the same address' };
  }
  return contactAt(world, from, address);
}

/** How the peer port at `address` behaves, dialled from node `from`. */
export function contactAt(world: World, from: number, address: number): PeerContact {
  const pod = podOfAddress(world, address);
  const proc = procAt(world, address);
  if (pod === undefined && proc !== undefined && canDial(world.network, from, proc.node)) {
    return { kind: 'answers', etcdVersion: `3.${world.version.minor}.${world.version.patch}` };
  }
  if (pod === undefined || !canDial(world.network, from, pod.node)) {
    return { kind: 'silent' };
  }
  const { etcd } = pod;
  if (etcd.kind === 'serving') {
    return etcd.proc.isPaused
      ? { kind: 'silent' }
      : { kind: 'answers', etcdVersion: `3.${world.version.minor}.${world.version.patch}` };
  }
  return etcd.kind === 'booting' ? { kind: 'silent' } : { kind: 'refuses' };
}
