import type { CallOptions } from '@grpc/grpc-js';
import type { Etcd3 } from 'etcd3';
import { decimalOf, type EtcdId, etcdIdOfDecimal, type Member } from '../model/member.ts';
import { type Call, type CallResult, callOnce } from './etcd3-call.ts';
import type { Etcd3Clients } from './etcd3-clients.ts';
import type { Answer, ChangeOutcome, MemberApi, MemberList } from './member-api.ts';
import { refusalIn } from './refusal.ts';

/** A list comes from memory or from one round of the leader; a healthy one takes milliseconds. */
const LIST_DEADLINE_MS = 1_000;
/**
 * raft silently drops a change that follows an election or another change too closely, and the call
 * then hangs until its deadline; a healthy one takes milliseconds (measured: 0.5 s + retry beats 10 s).
 */
const CHANGE_DEADLINE_MS = 1_000;

/** An entry takes milliseconds; a leader that removed itself never answers. */
const FLUSH_DEADLINE_MS = 500;
/** `AlarmRequest.AlarmAction` and `AlarmType.NONE` of etcd's rpc.proto. */
const ALARM_GET = 0;
const ALARM_NONE = 0;

/** The membership over gRPC. No call is ever repeated here. */
export function createEtcd3MemberApi(clients: Etcd3Clients): MemberApi {
  const change = (
    clientUrl: string,
    signal: AbortSignal,
    call: (client: Etcd3, options: CallOptions) => Promise<unknown>,
  ) => changeOnce(async (options, given) => call(await clients.reach(clientUrl, given), options), signal);
  return {
    listMembers: async (clientUrl, linearizable, signal) =>
      listOf(
        await callOnce(
          async (options, given) =>
            (await clients.reach(clientUrl, given)).cluster.memberList({ linearizable }, options),
          LIST_DEADLINE_MS,
          signal,
        ),
      ),
    addLearner: (clientUrl, peerUrl, signal) =>
      change(clientUrl, signal, (client, options) =>
        client.cluster.memberAdd({ peerURLs: [peerUrl], isLearner: true }, options),
      ),
    promote: (clientUrl, memberId, signal) =>
      change(clientUrl, signal, (client, options) =>
        client.cluster.memberPromote({ ID: decimalOf(memberId) }, options),
      ),
    remove: async (clientUrl, memberId, signal) => {
      const outcome = await change(clientUrl, signal, (client, options) =>
        client.cluster.memberRemove({ ID: decimalOf(memberId) }, options),
      );
      if (outcome.kind === 'done') {
        await flushCommit(clients, clientUrl, signal);
      }
      return outcome;
    },
    updatePeerUrl: (clientUrl, memberId, peerUrl, signal) =>
      change(clientUrl, signal, (client, options) =>
        client.cluster.memberUpdate({ ID: decimalOf(memberId), peerURLs: [peerUrl] }, options),
      ),
    moveLeader: (leaderUrl, target, signal) =>
      change(leaderUrl, signal, (client, options) =>
        client.maintenance.moveLeader({ targetID: decimalOf(target) }, options),
      ),
  };
}

/**
 * Has the member write to disk that the change before is committed, by any entry after it: etcd flushes its log for
 * entries alone. Of two voters the last one is stuck for ever when it is killed before that: it counts on the one
 * that was removed, for it does not know from its log that it was (measured on 3.6.16, a second after the removal).
 * To list alarms is an entry that changes nothing (3.5–3.7). Whatever comes of it, the change was made.
 */
async function flushCommit(clients: Etcd3Clients, clientUrl: string, signal: AbortSignal): Promise<void> {
  await callOnce(
    async (options, given) =>
      (await clients.reach(clientUrl, given)).maintenance.alarm(
        { action: ALARM_GET, alarm: ALARM_NONE },
        options,
      ),
    FLUSH_DEADLINE_MS,
    signal,
  );
}

type WireList = Awaited<ReturnType<Etcd3['cluster']['memberList']>>;

function listOf(result: CallResult<WireList>): Answer<MemberList> {
  if (!result.ok) {
    return { kind: 'unknown', why: result.text };
  }
  const clusterId = etcdIdOfDecimal(result.value.header.cluster_id);
  const members = result.value.members.map(memberOf);
  return clusterId === undefined || members.includes(undefined)
    ? { kind: 'unknown', why: 'the member list carries an ID of zero' }
    : { kind: 'answered', value: { clusterId, members: members.filter((member) => member !== undefined) } };
}

type WireMember = WireList['members'][number];

function memberOf(wire: WireMember): Member | undefined {
  const id: EtcdId | undefined = etcdIdOfDecimal(wire.ID);
  return id === undefined
    ? undefined
    : {
        id,
        name: wire.name,
        peerUrls: wire.peerURLs,
        clientUrls: wire.clientURLs,
        isLearner: wire.isLearner,
      };
}

async function changeOnce(call: Call<unknown>, signal: AbortSignal): Promise<ChangeOutcome> {
  const result = await callOnce(call, CHANGE_DEADLINE_MS, signal);
  if (result.ok) {
    return { kind: 'done' };
  }
  const refusal = refusalIn(result.text);
  return refusal === undefined
    ? { kind: 'unknown', why: result.text }
    : { kind: 'refused', refusal, text: result.text };
}
