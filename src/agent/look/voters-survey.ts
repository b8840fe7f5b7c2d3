import type { MaintenanceApi, MemberApi, MemberList } from '../../etcd/member-api.ts';
import type { PeerHttp } from '../../etcd/peer-http.ts';
import type { EtcdStatus } from '../../model/local-etcd.ts';
import type { EtcdId, Member } from '../../model/member.ts';
import { type ClusterNames, clientUrlOf, peerUrlOf } from '../../model/naming.ts';
import type { ContactedMember, LeaderWord, PeerContact, VotersWord } from '../../model/voters-word.ts';
import type { Clock } from '../../runtime/clock.ts';
import type { AddressBook } from './address-book.ts';

export type VotersSurveyDeps = {
  readonly members: MemberApi;
  readonly maintenance: MaintenanceApi;
  readonly peers: PeerHttp;
  readonly addresses: AddressBook;
  readonly clock: Clock;
  readonly names: ClusterNames;
  readonly ordinal: number;
};

/** What to ask and whom to believe. */
export type SurveyQuestion = {
  /** Ordinals asked for the list; only this member's own when it is a voter itself. */
  readonly ordinals: readonly number[];
  /** Only answers of this cluster are believed; null believes any, which is right only beside one's own etcd. */
  readonly clusterId: EtcdId | null;
  /** Whether to dial every listed peer port too. */
  readonly contacts: boolean;
};

/** Asks the voters who belongs to the cluster. */
export async function surveyVoters(
  deps: VotersSurveyDeps,
  question: SurveyQuestion,
  signal: AbortSignal,
): Promise<VotersWord> {
  const enough = new AbortController();
  const asking = AbortSignal.any([signal, enough.signal]);
  const answers: MemberAnswer[] = [];
  const asked = question.ordinals.map(async (ordinal) => {
    const answer = await askMember(deps, ordinal, asking);
    answers.push(answer);
    if (isConclusive(answer, question)) {
      enough.abort();
    }
  });
  await Promise.all(asked);
  const believed =
    answers.find((answer) => isConclusive(answer, question)) ??
    answers.find((answer) => isBelieved(answer.list, question));
  if (believed?.list === undefined) {
    return localWord(deps, question, answers, signal);
  }
  const { clusterId, members } = believed.list;
  const statuses = answers.flatMap((answer) =>
    answer.status?.clusterId === clusterId ? [answer.status] : [],
  );
  return {
    kind: 'linearizable',
    clusterId,
    members: await contactAll(deps, members, question.contacts, signal),
    leader: leaderAmong(members, statuses),
    observedAtMs: deps.clock.nowMs(),
  };
}

type MemberAnswer = {
  readonly ordinal: number;
  readonly list: MemberList | undefined;
  readonly status: EtcdStatus | undefined;
  readonly why: string;
};

async function askMember(
  deps: VotersSurveyDeps,
  ordinal: number,
  signal: AbortSignal,
): Promise<MemberAnswer> {
  const clientUrl = clientUrlOf(deps.names, ordinal);
  const [list, status] = await Promise.all([
    deps.members.listMembers(clientUrl, true, signal),
    deps.maintenance.status(clientUrl, signal),
  ]);
  return {
    ordinal,
    list: list.kind === 'answered' ? list.value : undefined,
    status: status.kind === 'answered' ? status.value : undefined,
    why: list.kind === 'answered' ? '' : list.why,
  };
}

/** One confirmed list and a known leader are enough: nobody has to wait for the members that are down. */
function isConclusive(answer: MemberAnswer, question: SurveyQuestion): boolean {
  return isBelieved(answer.list, question) && answer.status !== undefined && answer.status.leaderId !== null;
}

function isBelieved(list: MemberList | undefined, question: SurveyQuestion): boolean {
  return list !== undefined && (question.clusterId === null || list.clusterId === question.clusterId);
}

/** No quorum confirmed a list: what do single members say? It proves nothing about who is absent. */
async function localWord(
  deps: VotersSurveyDeps,
  question: SurveyQuestion,
  answers: readonly MemberAnswer[],
  signal: AbortSignal,
): Promise<VotersWord> {
  const why = answers.find((answer) => answer.why !== '')?.why ?? 'nobody to ask';
  const lists = await Promise.all(
    question.ordinals.map(async (ordinal) => {
      const peerUrl = peerUrlOf(deps.names, ordinal);
      return { peerUrl, answer: await deps.peers.localMembers(peerUrl, signal) };
    }),
  );
  let foreign: VotersWord | undefined;
  for (const { peerUrl, answer } of lists) {
    if (answer.kind === 'unknown') {
      continue;
    }
    if (isBelieved(answer.value, question)) {
      const members = await contactAll(deps, answer.value.members, false, signal);
      return { kind: 'local-list', clusterId: answer.value.clusterId, members, why };
    }
    foreign ??= { kind: 'foreign', clusterId: answer.value.clusterId, from: peerUrl };
  }
  return foreign ?? { kind: 'silent', why };
}

function leaderAmong(members: readonly Member[], statuses: readonly EtcdStatus[]): LeaderWord | null {
  const latest = statuses
    .filter((status) => status.leaderId !== null)
    .toSorted((a, b) => Number(b.raftTerm - a.raftTerm))[0];
  const leader = members.find((member) => member.id === latest?.leaderId);
  const clientUrl = leader?.clientUrls[0];
  if (latest === undefined || leader === undefined || clientUrl === undefined) {
    return null;
  }
  const raftIndex = statuses.map((status) => status.raftIndex).toSorted((a, b) => Number(b - a))[0] ?? 0n;
  return { id: leader.id, clientUrl, raftIndex, raftTerm: latest.raftTerm };
}

/** Not dialled: nothing that rests on contacts may be decided, which `silent` makes sure of. */
const NOT_DIALLED: PeerContact = { kind: 'silent' };

async function contactAll(
  deps: VotersSurveyDeps,
  members: readonly Member[],
  dial: boolean,
  signal: AbortSignal,
): Promise<readonly ContactedMember[]> {
  if (!dial) {
    return members.map((member) => ({ ...member, contact: NOT_DIALLED }));
  }
  const hosts = await Promise.all(members.map((member) => addressOfMember(deps, member, signal)));
  return Promise.all(
    members.map(async (member, position) => {
      const contact = await contactMember(deps, member, position, hosts, signal);
      return { ...member, contact };
    }),
  );
}

async function addressOfMember(
  deps: VotersSurveyDeps,
  member: Member,
  signal: AbortSignal,
): Promise<string | undefined> {
  const peerUrl = member.peerUrls[0];
  return peerUrl === undefined ? undefined : deps.addresses.addressOf(new URL(peerUrl).hostname, signal);
}

/** Peer names must be pairwise distinct addresses: 23 of 23 joins failed where one led astray (F34). */
async function contactMember(
  deps: VotersSurveyDeps,
  member: Member,
  position: number,
  addresses: readonly (string | undefined)[],
  signal: AbortSignal,
): Promise<PeerContact> {
  const address = addresses[position];
  const peerUrl = member.peerUrls[0];
  if (address === undefined || peerUrl === undefined) {
    return { kind: 'unresolved' };
  }
  const twin = addresses.findIndex((other, index) => index !== position && other === address);
  if (twin >= 0) {
    return { kind: 'misdirected', why: `it resolves to ${address}, and so does another member's` };
  }
  return deps.peers.contact(peerUrl, signal);
}
