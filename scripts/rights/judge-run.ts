/** What the calls of a run of tests say of the rights of operator and agents. Pure. */
import { agentRole } from '../../src/resources/agent-role.ts';
import { blueprintOf } from '../../src/resources/blueprint.ts';
import type { ResourceSettings } from '../../src/resources/resource-settings.ts';
import type { AuditedCall } from './audit-log.ts';
import { callText, compareRights, type Exceptions, type RightsFindings } from './compare-rights.ts';
import { OPERATOR_EXCEPTIONS } from './operator-exceptions.ts';
import { allows, type Permission, permissionsOf } from './permission.ts';

export type RunOfCalls = {
  /** Of everybody, in order. */
  readonly calls: readonly AuditedCall[];
  /** Namespaces of the tests; agents are there. */
  readonly isTests: (namespace: string) => boolean;
  /** Undefined where it is no ServiceAccount: then nothing is said of it. */
  readonly operator: OperatorRights | undefined;
  /** Whether all tests were run: only then is a right that nobody used surplus. */
  readonly isWhole: boolean;
};

export type OperatorRights = {
  /** Such as `system:serviceaccount:NAMESPACE:NAME`. */
  readonly account: string;
  readonly granted: readonly Permission[];
  /** What it gets where somebody lets it in; surplus only in part. */
  readonly optional: readonly Permission[];
};

export type RightsVerdict = {
  /** One line for each account, about what was compared. */
  readonly summary: readonly string[];
  /** One line for each thing that is not right. */
  readonly problems: readonly string[];
};

/** What tests ask for in order to see it refused, and why. */
const PROVOKED: Exceptions = {
  'get secrets': 'a cluster asks for TLS in a namespace that has not let the operator in (SecretsForbidden)',
};

/** A cluster that stands for all: their names are taken for its names. */
const CLUSTER = 'demo';

export function judgeRun(run: RunOfCalls): RightsVerdict {
  const { calls, isTests, operator, isWhole } = run;
  const agentCalls = calls.flatMap((call) => ofAgents(call, isTests) ?? []);
  const verdicts = [
    verdictOf('the agents', agentRights(), agentCalls, {}, isWhole),
    ...(operator === undefined ? [] : [operatorVerdict(operator, calls, isWhole)]),
  ];
  const known = (call: AuditedCall): boolean =>
    call.account === operator?.account || ofAgents(call, isTests) !== undefined;
  const strangers = calls.filter(
    (call) =>
      !known(call) && call.account.startsWith('system:serviceaccount:') && isTests(call.namespace ?? ''),
  );
  return {
    summary: verdicts.flatMap(({ summary }) => summary),
    problems: [
      ...verdicts.flatMap(({ problems }) => problems),
      ...new Set(strangers.map((call) => `${call.account} has called: ${callText(call)}`)),
      ...refusals(run),
    ],
  };
}

function operatorVerdict(
  { account, granted, optional }: OperatorRights,
  calls: readonly AuditedCall[],
  isWhole: boolean,
): RightsVerdict {
  const own = calls.filter((call) => call.account === account);
  const isLetIn = own.some((call) => call.isAllowed && optional.some((each) => allows(each, call)));
  return verdictOf(
    'the operator',
    isLetIn ? [...granted, ...optional] : granted,
    own,
    OPERATOR_EXCEPTIONS,
    isWhole,
  );
}

function verdictOf(
  who: string,
  granted: readonly Permission[],
  calls: readonly AuditedCall[],
  exceptions: Exceptions,
  isWhole: boolean,
): RightsVerdict {
  const allowed = calls.filter(({ isAllowed }) => isAllowed);
  const { surplus, unexpected, idle }: RightsFindings = compareRights(granted, allowed, exceptions);
  return {
    summary: [
      `${who}: ${granted.length} rights, ${allowed.length} calls, ${Object.keys(exceptions).length} exceptions`,
    ],
    problems: [
      ...unexpected.map((text) => `${who} used what is not granted here: ${text}`),
      ...(isWhole ? surplus.map((text) => `${who} may and never did: ${text}`) : []),
      ...(isWhole ? idle.map((text) => `${who} needs no exception for: ${text}`) : []),
    ],
  };
}

/** What RBAC refused, but for what tests provoke, and for who loses his rights one by one with his namespace. */
function refusals({ calls, operator, isTests }: RunOfCalls): readonly string[] {
  const going = new Set<string>();
  const found = new Set<string>();
  for (const call of calls) {
    const { resource, verb, namespace = '', name = '', account } = call;
    if (resource === 'namespaces' && verb === 'delete') {
      going.add(name);
    }
    const isOperators = account === operator?.account;
    const isProvoked = isOperators && Object.hasOwn(PROVOKED, callText({ ...call, name: undefined }));
    const isOurs = isOperators || ofAgents(call, isTests) !== undefined;
    if (isOurs && !call.isAllowed && !isProvoked && !going.has(namespace)) {
      found.add(`${account} was refused: ${callText(call)}`);
    }
  }
  return [...found];
}

/** The call of an agent, as the agent of `demo` would have made it; undefined for everybody else's. */
function ofAgents(call: AuditedCall, isTests: (namespace: string) => boolean): AuditedCall | undefined {
  const [, namespace = '', cluster = ''] =
    /^system:serviceaccount:([^:]+):(.+)-agent$/.exec(call.account) ?? [];
  if (cluster === '' || !isTests(namespace)) {
    return undefined;
  }
  const { name } = call;
  const rest = name?.startsWith(cluster) === true ? name.slice(cluster.length) : undefined;
  return { ...call, name: rest === undefined ? name : `${CLUSTER}${rest}` };
}

function agentRights(): readonly Permission[] {
  const source = { name: CLUSTER, namespace: undefined, uid: undefined, spec: {} };
  const blueprint = blueprintOf(source, NO_SETTINGS, 'plain');
  if ('refused' in blueprint) {
    throw new Error(blueprint.message);
  }
  return permissionsOf(agentRole(blueprint).rules);
}

/** No Role depends on any. */
const NO_SETTINGS: ResourceSettings = {
  agent: { image: '', pullPolicy: 'Never', command: [], environment: {} },
  clusterDomain: 'cluster.local',
  sidecarMode: 'native',
  kubernetesMinor: 34,
  operator: undefined,
};
