/** Whether a cluster is as it should be: what a step of a tour ends with. */
import type { MemberApi, MemberList } from '../etcd/member-api.ts';
import type { EtcdId } from '../model/member.ts';
import { isAboutThisEtcd, type MemberBoard, membersOf, type SeenMember } from './member-board.ts';

/** A member that is wanted, and where it listens. */
export type WantedMember = {
  readonly ordinal: number;
  readonly name: string;
  readonly clientUrl: string;
  readonly peerUrl: string;
};

/**
 * What is still missing until all of `wanted` serve and no other is left, one clause per
 * member, as far as events and agents tell. Nothing missing here is not yet proof: see `proveWhole`.
 */
export function missingIn(board: MemberBoard, wanted: readonly WantedMember[]): readonly string[] {
  const missing: string[] = [];
  for (const { ordinal, name } of wanted) {
    const why = missingOf(board.get(ordinal));
    if (why !== undefined) {
      missing.push(`${name}: ${why}`);
    }
  }
  for (const { ordinal } of membersOf(board).filter((member) => member.ordinal >= wanted.length)) {
    missing.push(`member ${ordinal} is not gone yet`);
  }
  return missing;
}

function missingOf(member: SeenMember | undefined): string | undefined {
  if (member === undefined) {
    return 'there is no Pod';
  }
  if (member.isDeleting) {
    return 'the Pod is being deleted';
  }
  if (member.agentPid === null) {
    return 'its agent does not run';
  }
  if (member.etcdPid === null) {
    return 'its etcd does not run';
  }
  if (member.status === null || !member.isStatusCurrent) {
    return 'its agent does not answer';
  }
  if (!isAboutThisEtcd(member.status, member.etcdStartedAtMs)) {
    return 'its etcd was started just now';
  }
  const { decision, etcd } = member.status;
  return decision.stage === 'serving' && etcd.state === 'running' && !etcd.isLearner
    ? undefined
    : `${decision.kind} (${decision.reason}): ${decision.message}`;
}

export type Proof =
  | { readonly kind: 'whole'; readonly clusterId: EtcdId; readonly voters: number }
  | { readonly kind: 'not-yet'; readonly why: string };

/**
 * Asks each of `wanted` for a linearizable member list, which only a voter in touch
 * with a quorum gives, and compares: exactly these members, all of them voters, one cluster ID.
 */
export async function proveWhole(
  members: MemberApi,
  wanted: readonly WantedMember[],
  signal: AbortSignal,
): Promise<Proof> {
  const answers = await Promise.all(
    wanted.map(async (member) => ({
      member,
      answer: await members.listMembers(member.clientUrl, true, signal),
    })),
  );
  const clusterIds = new Set<EtcdId>();
  for (const { member, answer } of answers) {
    const why = answer.kind === 'unknown' ? answer.why : difference(answer.value, wanted);
    if (why !== undefined) {
      return { kind: 'not-yet', why: `${member.name}: ${why}` };
    }
    if (answer.kind === 'answered') {
      clusterIds.add(answer.value.clusterId);
    }
  }
  const [clusterId] = clusterIds;
  return clusterId !== undefined && clusterIds.size === 1
    ? { kind: 'whole', clusterId, voters: wanted.length }
    : {
        kind: 'not-yet',
        why: `the members are of ${clusterIds.size} clusters: ${[...clusterIds].join(', ')}`,
      };
}

function difference(list: MemberList, wanted: readonly WantedMember[]): string | undefined {
  const learner = list.members.find((member) => member.isLearner);
  if (learner !== undefined) {
    return `lists ${learner.name || learner.id} as a learner`;
  }
  const listed = list.members.map((member) => member.peerUrls.join('+')).sort();
  const expected = wanted.map((member) => member.peerUrl).sort();
  return listed.join() === expected.join()
    ? undefined
    : `lists ${listed.length} voters where ${expected.length} are wanted`;
}
