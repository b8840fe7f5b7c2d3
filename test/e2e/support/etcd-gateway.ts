/** etcd's own words, asked of one member over its JSON gateway. */
import * as v from 'valibot';
import type { EtcdAsk } from './etcd-ask.ts';

/** IDs in hexadecimal, as status has them. */
export type EtcdMember = {
  readonly id: string;
  /** Empty for one that never started. */
  readonly name: string;
  readonly isLearner: boolean;
};

export type MemberList = { readonly clusterId: string; readonly members: readonly EtcdMember[] };

export type EtcdStatus = {
  readonly clusterId: string;
  readonly memberId: string;
  /** Empty while there is none. */
  readonly leaderId: string;
  readonly version: string;
  readonly errors: readonly string[];
};

export type EtcdHash = {
  readonly hash: number;
  readonly revision: string;
  readonly compactRevision: string;
};

export type EtcdGateway = {
  /** The list as a quorum has it. */
  readonly listMembers: (pod: string) => Promise<MemberList>;
  /** The list as this member has it, which it tells without a quorum. */
  readonly listMembersLocally: (pod: string) => Promise<MemberList>;
  readonly status: (pod: string) => Promise<EtcdStatus>;
  /** Of everything at the member's newest revision. */
  readonly hashKv: (pod: string) => Promise<EtcdHash>;
};

const id = v.pipe(
  v.string(),
  v.regex(/^[0-9]+$/),
  v.transform((text) => BigInt(text).toString(16)),
);
const headerSchema = v.object({ cluster_id: id, member_id: id, revision: v.optional(v.string(), '0') });
const listSchema = v.object({
  header: headerSchema,
  members: v.array(
    v.object({ ID: id, name: v.optional(v.string(), ''), isLearner: v.optional(v.boolean(), false) }),
  ),
});
const statusSchema = v.object({
  header: headerSchema,
  leader: v.optional(id, '0'),
  version: v.string(),
  errors: v.optional(v.array(v.string()), []),
});
const hashSchema = v.object({
  header: headerSchema,
  hash: v.number(),
  compact_revision: v.optional(v.string(), '0'),
});

/** Asks members by `askEtcd`; what is not answered as expected throws, with what was. */
export function createEtcdGateway(askEtcd: EtcdAsk): EtcdGateway {
  const ask = async (pod: string, path: string, json: unknown): Promise<unknown> => {
    const answer = await askEtcd(pod, path, json);
    if (answer.kind !== 'answered' || answer.status !== 200) {
      const said = answer.kind === 'answered' ? `${answer.status} ${answer.body}` : answer.why;
      throw new Error(`etcd of ${pod} did not answer ${path}: ${said}`);
    }
    return JSON.parse(answer.body);
  };
  const list = async (pod: string, linearizable: boolean): Promise<MemberList> => {
    const { header, members } = v.parse(
      listSchema,
      await ask(pod, '/v3/cluster/member/list', { linearizable }),
    );
    return {
      clusterId: header.cluster_id,
      members: members.map(({ ID, name, isLearner }) => ({ id: ID, name, isLearner })),
    };
  };
  return {
    listMembers: (pod) => list(pod, true),
    listMembersLocally: (pod) => list(pod, false),
    status: async (pod) => {
      const { header, leader, version, errors } = v.parse(
        statusSchema,
        await ask(pod, '/v3/maintenance/status', {}),
      );
      return {
        clusterId: header.cluster_id,
        memberId: header.member_id,
        leaderId: leader === '0' ? '' : leader,
        version,
        errors,
      };
    },
    hashKv: async (pod) => {
      const { header, hash, compact_revision } = v.parse(
        hashSchema,
        await ask(pod, '/v3/maintenance/hashkv', {}),
      );
      return { hash, revision: header.revision, compactRevision: compact_revision };
    },
  };
}
