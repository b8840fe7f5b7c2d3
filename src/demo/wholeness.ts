/** Whether a cluster is as it should be: what a step of a tour ends with. */
import type { MemberApi, MemberList } from '../etcd/member-api.ts';
import type { EtcdId } from '../model/member.ts';
import { type ClusterNames, clientUrlOf, memberNameOf, peerUrlOf } from '../model/naming.ts';
import { type MemberBoard, membersOf, type SeenMember } from './member-board.ts';

/**
 * What is still missing until the members 0 to `wanted` - 1 serve and no other is left, one clause per
 * member, as far as events and agents tell. Nothing missing here is not yet proof: see `proveWhole`.
 */
export function missingIn(board: MemberBoard, wanted: number, names: ClusterNames): readonly string[] {
  const missing: string[] = [];
  for (let ordinal = 0; ordinal < wanted; ordinal++) {
    const why = missingOf(board.get(ordinal));
    if (why !== undefined) {
      missing.push(`${memberNameOf(names, ordinal)}: ${why}`);
    }
  }
  for (const { ordinal } of membersOf(board).filter((member) => member.ordinal >= wanted)) {
    missing.push(`${memberNameOf(names, ordinal)}: is not gone yet`);
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
  const { decision, etcd } = member.status;
  return decision.stage === 'serving' && etcd.state === 'running' && !etcd.isLearner
    ? undefined
    : `${decision.kind} (${decision.reason}): ${decision.message}`;
}

export type Proof =
  | { readonly kind: 'whole'; readonly clusterId: EtcdId; readonly voters: number }
  | { readonly kind: 'not-yet'; readonly why: string };

/**
 * Asks each of the members 0 to `wanted` - 1 for a linearizable member list, which only a voter in touch
 * with a quorum gives, and compares: exactly these members, all of them voters, one cluster ID.
 */
export async function proveWhole(
  members: MemberApi,
  names: ClusterNames,
  wanted: number,
  signal: AbortSignal,
): Promise<Proof> {
  const ordinals = Array.from({ length: wanted }, (_, ordinal) => ordinal);
  const answers = await Promise.all(
    ordinals.map((ordinal) => members.listMembers(clientUrlOf(names, ordinal), true, signal)),
  );
  const clusterIds = new Set<EtcdId>();
  for (const [ordinal, answer] of answers.entries()) {
    const why = answer.kind === 'unknown' ? answer.why : difference(answer.value, names, ordinals);
    if (why !== undefined) {
      return { kind: 'not-yet', why: `${memberNameOf(names, ordinal)}: ${why}` };
    }
    if (answer.kind === 'answered') {
      clusterIds.add(answer.value.clusterId);
    }
  }
  const [clusterId] = clusterIds;
  return clusterId !== undefined && clusterIds.size === 1
    ? { kind: 'whole', clusterId, voters: wanted }
    : {
        kind: 'not-yet',
        why: `the members are of ${clusterIds.size} clusters: ${[...clusterIds].join(', ')}`,
      };
}

function difference(list: MemberList, names: ClusterNames, ordinals: readonly number[]): string | undefined {
  const learner = list.members.find((member) => member.isLearner);
  if (learner !== undefined) {
    return `lists ${learner.name || learner.id} as a learner`;
  }
  const listed = list.members.map((member) => member.peerUrls.join('+')).sort();
  const expected = ordinals.map((ordinal) => peerUrlOf(names, ordinal)).sort();
  return listed.join() === expected.join()
    ? undefined
    : `lists ${listed.length} voters where ${expected.length} are wanted`;
}
