/**
 * What an etcd says over its peer port without being asked to prove anything: `/version` and `/members`
 * answer without quorum and without etcd's own authentication (only peer TLS; etcd 3.5–3.7).
 */
import * as v from 'valibot';
import { type EtcdVersion, parseEtcdVersion } from '../model/etcd-version.ts';
import { type EtcdId, etcdIdOfDecimal, etcdIdOfHex, type Member } from '../model/member.ts';
import type { PeerContact } from '../model/voters-word.ts';
import type { HttpAnswer, HttpClient } from '../runtime/http-client.ts';
import type { Answer, MemberList } from './member-api.ts';

export type PeerHttp = {
  /** How the peer port under `peerUrl` behaves. */
  contact(peerUrl: string, signal: AbortSignal): Promise<PeerContact>;
  /** The cluster version that member has applied; undefined while there is none, and when it does not say. */
  clusterVersion(peerUrl: string, signal: AbortSignal): Promise<EtcdVersion | undefined>;
  /** The list that member has, which may be stale: never proof that somebody is not a member. */
  localMembers(peerUrl: string, signal: AbortSignal): Promise<Answer<MemberList>>;
};

/** A live etcd answers in a few milliseconds; a starting one accepts and stays silent. */
const PEER_TIMEOUT_MS = 400;

const versionSchema = v.object({ etcdserver: v.string(), etcdcluster: v.optional(v.string(), '') });

/** `encoding/json` writes these 64-bit IDs as numbers, which JSON.parse would round, so they are quoted first. */
const membersSchema = v.array(
  v.object({
    id: v.string(),
    name: v.optional(v.string(), ''),
    peerURLs: v.array(v.string()),
    clientURLs: v.optional(v.nullable(v.array(v.string())), null),
    isLearner: v.optional(v.boolean(), false),
  }),
);

/** Peer ports over HTTP. */
export function createPeerHttp(http: HttpClient): PeerHttp {
  const get = (url: string, signal: AbortSignal): Promise<HttpAnswer> =>
    http.send({ url, timeoutMs: PEER_TIMEOUT_MS }, signal);
  return {
    contact: async (peerUrl, signal) => contactOf(await get(`${peerUrl}/version`, signal)),
    clusterVersion: async (peerUrl, signal) => clusterVersionOf(await get(`${peerUrl}/version`, signal)),
    localMembers: async (peerUrl, signal) => membersOf(await get(`${peerUrl}/members`, signal)),
  };
}

function contactOf(answer: HttpAnswer): PeerContact {
  switch (answer.kind) {
    case 'refused':
      return { kind: 'refuses' };
    case 'unresolved':
      return { kind: 'unresolved' };
    case 'unknown':
      return { kind: 'silent' };
    case 'answered': {
      const parsed = v.safeParse(versionSchema, parseJson(answer.body));
      return parsed.success
        ? { kind: 'answers', etcdVersion: parsed.output.etcdserver }
        : { kind: 'misdirected', why: `what listens there answers ${answer.status} and is no etcd` };
    }
  }
}

/** Where there is none yet, etcd says `not_decided` (3.5–3.7). */
function clusterVersionOf(answer: HttpAnswer): EtcdVersion | undefined {
  const parsed = answer.kind === 'answered' ? v.safeParse(versionSchema, parseJson(answer.body)) : undefined;
  return parsed?.success === true ? parseEtcdVersion(parsed.output.etcdcluster) : undefined;
}

function membersOf(answer: HttpAnswer): Answer<MemberList> {
  if (answer.kind !== 'answered') {
    return { kind: 'unknown', why: answer.kind === 'refused' ? 'connection refused' : answer.why };
  }
  const clusterId = etcdIdOfHex(answer.header('x-etcd-cluster-id'));
  const parsed = v.safeParse(membersSchema, parseJson(answer.body.replace(/"id":\s*([0-9]+)/g, '"id":"$1"')));
  if (answer.status !== 200 || clusterId === undefined || !parsed.success) {
    return { kind: 'unknown', why: `it answers ${answer.status} and no member list` };
  }
  const members: Member[] = [];
  for (const wire of parsed.output) {
    const id: EtcdId | undefined = etcdIdOfDecimal(wire.id);
    if (id !== undefined) {
      const { name, isLearner } = wire;
      members.push({ id, name, isLearner, peerUrls: wire.peerURLs, clientUrls: wire.clientURLs ?? [] });
    }
  }
  return { kind: 'answered', value: { clusterId, members } };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
