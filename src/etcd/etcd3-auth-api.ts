import type { CallOptions } from '@grpc/grpc-js';
import { assertNever } from '../model/assert-never.ts';
import type { Access, AuthChange, KeyRange, Permission } from '../model/etcd-auth.ts';
import { etcdIdOfDecimal } from '../model/member.ts';
import type { AuthApi, AuthStatus, PasswordVerdict } from './auth-api.ts';
import { callOnce } from './etcd3-call.ts';
import type { Etcd3Clients, HashingEtcd3 } from './etcd3-clients.ts';
import type { Answer } from './member-api.ts';
import { passwordVerdictIn, saysNotThere } from './refusal.ts';

/** Each call is an entry of the raft log, questions too (3.5–3.7); 2 to 3 ms were measured. */
const CALL_DEADLINE_MS = 2_000;
/** Hashing a password takes 65 to 125 ms of CPU, of which a member may get a tenth. */
const PASSWORD_DEADLINE_MS = 5_000;

const ACCESS_OF_WIRE: Readonly<Record<WirePermission['permType'], Access>> = {
  Read: 'Read',
  Write: 'Write',
  Readwrite: 'ReadWrite',
};
const WIRE_OF_ACCESS: Readonly<Record<Access, WirePermission['permType']>> = {
  Read: 'Read',
  Write: 'Write',
  ReadWrite: 'Readwrite',
};

/** etcd's authentication over gRPC. No call is ever repeated here. */
export function createEtcd3AuthApi(clients: Etcd3Clients): AuthApi {
  return {
    status: async (clientUrl, signal) => {
      const ask = askerOf(clients, clientUrl, signal);
      return statusOf(await ask((auth, options) => auth.authStatus(options)));
    },
    roles: async (clientUrl, asked, signal) => {
      const ask = askerOf(clients, clientUrl, signal);
      const names = await ask(async (auth, options) => (await auth.roleList(options)).roles);
      return detailed(names, asked, (role) =>
        ask(async (auth, options) => (await auth.roleGet({ role }, options)).perm.map(permissionOf)),
      );
    },
    users: async (clientUrl, asked, signal) => {
      const ask = askerOf(clients, clientUrl, signal);
      const names = await ask(async (auth, options) => (await auth.userList(options)).users);
      return detailed(names, asked, (name) =>
        ask(async (auth, options) => (await auth.userGet({ name }, options)).roles),
      );
    },
    checkPassword: async (clientUrl, name, password, signal) => {
      const ask = askerOf(clients, clientUrl, signal);
      return verdictOf(
        await ask((auth, options) => auth.authenticate({ name, password }, options), PASSWORD_DEADLINE_MS),
      );
    },
    change: async (clientUrl, change, password, signal) => {
      const ask = askerOf(clients, clientUrl, signal);
      const answer = await ask(
        (auth, options) => send(auth, change, password, options),
        PASSWORD_DEADLINE_MS,
      );
      return answer.kind === 'answered' ? { kind: 'answered', value: undefined } : answer;
    },
  };
}

function askerOf(clients: Etcd3Clients, clientUrl: string, signal: AbortSignal): Ask {
  return async (call, deadlineMs = CALL_DEADLINE_MS) => {
    const result = await callOnce(
      async (options, given) => call((await clients.reach(clientUrl, given)).auth, options),
      deadlineMs,
      signal,
    );
    return result.ok ? { kind: 'answered', value: result.value } : { kind: 'unknown', why: result.text };
  };
}

type AuthClient = HashingEtcd3['auth'];
type WirePermission = Awaited<ReturnType<AuthClient['roleGet']>>['perm'][number];

/** Asks one member once. */
type Ask = <T>(
  call: (auth: AuthClient, options: CallOptions) => Promise<T>,
  deadlineMs?: number,
) => Promise<Answer<T>>;

function statusOf(answer: Answer<Awaited<ReturnType<AuthClient['authStatus']>>>): Answer<AuthStatus> {
  if (answer.kind === 'unknown') {
    return answer;
  }
  const { header, enabled, authRevision } = answer.value;
  const clusterId = etcdIdOfDecimal(header.cluster_id);
  return clusterId === undefined
    ? { kind: 'unknown', why: 'the status carries an ID of zero' }
    : { kind: 'answered', value: { clusterId, enabled, revision: BigInt(authRevision) } };
}

/** What has gone since it was listed is left out. */
async function detailed<T>(
  names: Answer<readonly string[]>,
  asked: ReadonlySet<string>,
  get: (name: string) => Promise<Answer<T>>,
): Promise<Answer<ReadonlyMap<string, T | undefined>>> {
  if (names.kind === 'unknown') {
    return names;
  }
  const found = new Map<string, T | undefined>();
  for (const name of names.value) {
    const answer = asked.has(name) ? await get(name) : undefined;
    if (answer?.kind === 'unknown') {
      if (saysNotThere(answer.why)) {
        continue;
      }
      return answer;
    }
    found.set(name, answer?.value);
  }
  return { kind: 'answered', value: found };
}

function verdictOf(answer: Answer<unknown>): Answer<PasswordVerdict> {
  if (answer.kind === 'answered') {
    return { kind: 'answered', value: 'right' };
  }
  const verdict = passwordVerdictIn(answer.why);
  return verdict === undefined ? answer : { kind: 'answered', value: verdict };
}

function send(
  auth: AuthClient,
  change: AuthChange,
  password: string | undefined,
  options: CallOptions,
): Promise<unknown> {
  switch (change.kind) {
    case 'add-role':
      return auth.roleAdd({ name: change.role }, options);
    case 'delete-role':
      return auth.roleDelete({ role: change.role }, options);
    case 'grant-permission':
      return auth.roleGrantPermission(
        { name: change.role, perm: wirePermission(change.permission) },
        options,
      );
    case 'revoke-permission':
      return auth.roleRevokePermission({ role: change.role, ...wireRange(change.range) }, options);
    case 'add-user':
      return auth.userAdd({ name: change.user, ...credentialsOf(password) }, options);
    case 'change-password':
      return password === undefined
        ? Promise.reject(new Error('there is no password to change to'))
        : auth.userChangePassword({ name: change.user, password }, options);
    case 'delete-user':
      return auth.userDelete({ name: change.user }, options);
    case 'grant-role':
      return auth.userGrantRole({ user: change.user, role: change.role }, options);
    case 'revoke-role':
      return auth.userRevokeRole({ name: change.user, role: change.role }, options);
    case 'enable':
      return auth.authEnable(options);
    case 'disable':
      return auth.authDisable(options);
    default:
      return assertNever(change);
  }
}

function credentialsOf(password: string | undefined) {
  return password === undefined ? { options: { no_password: true } } : { password };
}

function permissionOf({ permType, key, range_end: rangeEnd }: WirePermission): Permission {
  return { key: key.toString('hex'), rangeEnd: rangeEnd.toString('hex'), access: ACCESS_OF_WIRE[permType] };
}

function wirePermission({ access, ...range }: Permission): WirePermission {
  return { permType: WIRE_OF_ACCESS[access], ...wireRange(range) };
}

function wireRange({ key, rangeEnd }: KeyRange): Pick<WirePermission, 'key' | 'range_end'> {
  return { key: Buffer.from(key, 'hex'), range_end: Buffer.from(rangeEnd, 'hex') };
}
