import type { CallOptions } from '@grpc/grpc-js';
import type { EtcdStatus } from '../model/local-etcd.ts';
import { etcdIdOfDecimal } from '../model/member.ts';
import { type CallResult, callOnce } from './etcd3-call.ts';
import type { Etcd3Clients, HashingEtcd3 } from './etcd3-clients.ts';
import type { Answer, HashKv, MaintenanceApi } from './member-api.ts';

/** Status is answered from memory. */
const STATUS_DEADLINE_MS = 500;
/** Hashing reads the whole keyspace: 8 GiB took tens of seconds where others measured it. */
const HASH_DEADLINE_MS = 60_000;
/** Defragmentation rewrites the database while the member stands still; 2.6 s per GB were seen. */
const DEFRAGMENT_DEADLINE_MS = 120_000;
/** Disarming is one raft proposal. */
const DISARM_DEADLINE_MS = 5_000;

/** `AlarmRequest.AlarmAction` and `AlarmType.NOSPACE` of etcd's rpc.proto. */
const ALARM_GET = 0;
const ALARM_DEACTIVATE = 2;
const ALARM_NOSPACE = 1;

/** Questions to single members over gRPC. */
export function createEtcd3MaintenanceApi(clients: Etcd3Clients): MaintenanceApi {
  const askerOf =
    (clientUrl: string): Ask =>
    (call, deadlineMs, signal) =>
      callOnce(
        async (options, given) => call(await clients.reach(clientUrl, given), options),
        deadlineMs,
        signal,
      );
  return {
    status: (clientUrl, signal) => readStatus(askerOf(clientUrl), signal),
    hashKv: (clientUrl, revision, signal) => readHash(askerOf(clientUrl), revision, signal),
    defragment: async (clientUrl, signal) =>
      answerOf(
        await askerOf(clientUrl)(
          (client, options) => client.maintenance.defragment(options),
          DEFRAGMENT_DEADLINE_MS,
          signal,
        ),
        () => undefined,
      ),
    disarmSpaceAlarm: (clientUrl, signal) => disarmSpaceAlarms(askerOf(clientUrl), signal),
  };
}

/** Asks one member once. */
type Ask = <T>(
  call: (client: HashingEtcd3, options: CallOptions) => Promise<T>,
  deadlineMs: number,
  signal: AbortSignal,
) => Promise<CallResult<T>>;

async function readStatus(ask: Ask, signal: AbortSignal): Promise<Answer<EtcdStatus>> {
  const result = await ask(
    (client, options) => client.maintenance.status(options),
    STATUS_DEADLINE_MS,
    signal,
  );
  if (!result.ok) {
    return { kind: 'unknown', why: result.text };
  }
  const wire = result.value;
  const clusterId = etcdIdOfDecimal(wire.header.cluster_id);
  const memberId = etcdIdOfDecimal(wire.header.member_id);
  if (clusterId === undefined || memberId === undefined) {
    return { kind: 'unknown', why: 'the status carries an ID of zero' };
  }
  return {
    kind: 'answered',
    value: {
      clusterId,
      memberId,
      isLearner: wire.isLearner,
      leaderId: etcdIdOfDecimal(wire.leader) ?? null,
      version: wire.version,
      raftTerm: BigInt(wire.raftTerm),
      raftIndex: BigInt(wire.raftIndex),
      raftAppliedIndex: BigInt(wire.raftAppliedIndex),
      dbSizeBytes: Number(wire.dbSize),
      dbSizeInUseBytes: Number(wire.dbSizeInUse),
      errors: wire.errors,
    },
  };
}

/** Each member has an alarm of its own, and etcd lifts none that is not named by its member (3.5–3.7). */
async function disarmSpaceAlarms(ask: Ask, signal: AbortSignal): Promise<Answer<void>> {
  const raised = await ask(
    (client, options) => client.maintenance.alarm({ action: ALARM_GET, alarm: ALARM_NOSPACE }, options),
    DISARM_DEADLINE_MS,
    signal,
  );
  if (!raised.ok) {
    return { kind: 'unknown', why: raised.text };
  }
  for (const { memberID } of raised.value.alarms) {
    const lifted = await ask(
      (client, options) =>
        client.maintenance.alarm({ action: ALARM_DEACTIVATE, alarm: ALARM_NOSPACE, memberID }, options),
      DISARM_DEADLINE_MS,
      signal,
    );
    if (!lifted.ok) {
      return { kind: 'unknown', why: lifted.text };
    }
  }
  return { kind: 'answered', value: undefined };
}

async function readHash(ask: Ask, revision: bigint, signal: AbortSignal): Promise<Answer<HashKv>> {
  const result = await ask((client, options) => client.hashKv(revision, options), HASH_DEADLINE_MS, signal);
  return answerOf(result, (wire) => ({
    hash: Number(wire.hash),
    revision: BigInt(wire.header.revision),
    compactRevision: BigInt(wire.compact_revision),
  }));
}

function answerOf<W, T>(result: CallResult<W>, read: (wire: W) => T): Answer<T> {
  return result.ok ? { kind: 'answered', value: read(result.value) } : { kind: 'unknown', why: result.text };
}
