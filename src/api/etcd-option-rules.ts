/** Rules about etcd's own options, so that no etcd is ever started with what it would refuse or ignore. */
import { EXTRA_ARGS } from '../model/etcd-extra-args.ts';
import { given, ifGiven, matches, texts } from './cel.ts';
import type { EtcdClusterSpec, EtcdOptionsSpec } from './etcd-cluster.ts';
import { celDouble, celNumberOf, numberOf } from './quantity.ts';
import type { Rule } from './rule.ts';

/** etcd's own values (`embed.NewConfig`, 3.5 to 3.7). */
const ELECTION_TIMEOUT_MS_DEFAULT = 1_000;
const HEARTBEAT_INTERVAL_MS_DEFAULT = 100;
/** `embed.Config.Validate`, 3.5 to 3.7. */
const HEARTBEATS_PER_ELECTION_MIN = 5;

/** A smaller quota is reached before a member has finished starting. */
const QUOTA_BYTES_MIN = 1024 * 1024;

const REVISIONS = /^[0-9]{1,15}$/;
const HOURS_OR_DURATION = /^([0-9]{1,6}|([0-9]{1,6}(s|m|h)){1,3})$/;

const MINOR_5 = /^v?3\.5\./;

/** Names by what their values look like, as `extraEntryOf` of the model takes them. */
const VALUE_FORMS = {
  boolean: { form: /^(true|false)$/, wanted: 'true or false' },
  integer: { form: /^[0-9]{1,15}$/, wanted: 'a whole number' },
  // As a file it is whole nanoseconds, which JavaScript counts exactly up to 2500 hours.
  duration: {
    form: /^([0-9]{1,9}(\.[0-9]{1,9})?(ns|us|ms)|[0-9]{1,6}(\.[0-9]{1,9})?s|[0-9]{1,4}(\.[0-9]{1,9})?m|[0-9]{1,3}(\.[0-9]{1,9})?h){1,2}$/,
    wanted: 'a duration such as 500ms or 1m30s',
  },
  text: { form: /^[ -~]{1,1000}$/, wanted: 'a text of one line' },
  list: { form: /^[ -~]{1,1000}$/, wanted: 'a list with commas' },
} as const;

const NAMES = [...EXTRA_ARGS.keys()].toSorted();
const NAMES_WITH_CHOICES = NAMES.flatMap((name) => {
  const choices = EXTRA_ARGS.get(name)?.choices;
  return choices === undefined ? [] : [{ name, choices }];
});
const NAMES_NOT_IN_MINOR_5 = NAMES.filter((name) => EXTRA_ARGS.get(name)?.keyOnMinor5 === null);

const ELECTION = ifGiven(
  'self.electionTimeoutMs',
  'self.electionTimeoutMs',
  `${ELECTION_TIMEOUT_MS_DEFAULT}`,
);
const HEARTBEAT = ifGiven(
  'self.heartbeatIntervalMs',
  'self.heartbeatIntervalMs',
  `${HEARTBEAT_INTERVAL_MS_DEFAULT}`,
);

export const ETCD_OPTION_RULES: readonly Rule<EtcdClusterSpec>[] = [
  optionRule({
    name: 'election-over-heartbeat',
    cel: `${ELECTION} >= ${HEARTBEATS_PER_ELECTION_MIN} * ${HEARTBEAT}`,
    isKept: (etcd) =>
      (etcd.electionTimeoutMs ?? ELECTION_TIMEOUT_MS_DEFAULT) >=
      HEARTBEATS_PER_ELECTION_MIN * (etcd.heartbeatIntervalMs ?? HEARTBEAT_INTERVAL_MS_DEFAULT),
    message:
      'etcd.electionTimeoutMs must be at least five times etcd.heartbeatIntervalMs (defaults 1000 and 100), or etcd does not start: raise the one or lower the other',
  }),
  optionRule({
    name: 'some-quota',
    cel: ifGiven(
      'self.quotaBackendBytes',
      `${celNumberOf('self.quotaBackendBytes')} >= ${celDouble(QUOTA_BYTES_MIN)}`,
      'true',
    ),
    isKept: ({ quotaBackendBytes: quota }) =>
      quota === undefined || (numberOf(quota) ?? Number.NaN) >= QUOTA_BYTES_MIN,
    message: 'etcd.quotaBackendBytes must be at least 1Mi; leave it out for the default of 2Gi',
  }),
  optionRule({
    name: 'compaction-with-retention',
    cel: '!has(self.autoCompactionMode) || has(self.autoCompactionRetention)',
    isKept: (etcd) => etcd.autoCompactionMode === undefined || etcd.autoCompactionRetention !== undefined,
    message:
      'etcd.autoCompactionMode does nothing by itself: say in etcd.autoCompactionRetention how much history stays',
  }),
  optionRule({
    name: 'retention-of-the-mode',
    cel: `!has(self.autoCompactionRetention) || (has(self.autoCompactionMode) && self.autoCompactionMode == 'revision' ? ${matches('self.autoCompactionRetention', REVISIONS)} : ${matches('self.autoCompactionRetention', HOURS_OR_DURATION)})`,
    isKept: ({ autoCompactionMode: mode, autoCompactionRetention: retention }) =>
      retention === undefined || (mode === 'revision' ? REVISIONS : HOURS_OR_DURATION).test(retention),
    message:
      'etcd.autoCompactionRetention must be a number of revisions for the mode revision, such as 10000, and a duration or hours for periodic, such as 30m or 1',
  }),
  extraArgsRule({
    name: 'known-extra-args',
    cel: `self.all(name, name in ${texts(NAMES)})`,
    isKept: (name) => NAMES.includes(name),
    message: `etcd.extraArgs may hold only ${NAMES.join(', ')}; everything else is set by the agent, is a field of its own, or is unknown to etcd: remove it`,
  }),
  ...Object.entries(VALUE_FORMS).map(([type, { form, wanted }]) => extraArgsOfType(type, form, wanted)),
  extraArgsRule({
    name: 'extra-args-of-choices',
    cel: NAMES_WITH_CHOICES.map(
      ({ name, choices }) => `(!('${name}' in self) || self['${name}'] in ${texts(choices)})`,
    ).join(' && '),
    isKept: (name, value) => EXTRA_ARGS.get(name)?.choices?.includes(value) !== false,
    message: `etcd.extraArgs: ${NAMES_WITH_CHOICES.map(({ name, choices }) => `${name} is one of ${choices.join(', ')}`).join('; ')}; correct the value`,
  }),
  {
    name: 'extra-args-of-the-version',
    field: 'spec',
    cel: `!has(self.version) || !${matches('self.version', MINOR_5)} || !(${given('self.etcd.extraArgs')}) || ${texts(NAMES_NOT_IN_MINOR_5)}.all(name, !(name in self.etcd.extraArgs))`,
    isKept: ({ spec }) =>
      !MINOR_5.test(spec.version ?? '') ||
      NAMES_NOT_IN_MINOR_5.every((name) => spec.etcd?.extraArgs?.[name] === undefined),
    message: `etcd 3.5 does not read ${NAMES_NOT_IN_MINOR_5.join(' and ')} from its configuration: remove them from etcd.extraArgs, or upgrade first`,
  },
];

function extraArgsOfType(type: string, form: RegExp, wanted: string): Rule<EtcdClusterSpec> {
  const names = NAMES.filter((name) => EXTRA_ARGS.get(name)?.type === type);
  return extraArgsRule({
    name: `extra-args-of-type-${type}`,
    cel: `self.all(name, !(name in ${texts(names)}) || ${matches('self[name]', form)})`,
    isKept: (name, value) => !names.includes(name) || form.test(value),
    message: `etcd.extraArgs: each of ${names.join(', ')} is ${wanted}; correct the value`,
  });
}

function extraArgsRule(rule: {
  readonly name: string;
  readonly cel: string;
  readonly isKept: (name: string, value: string) => boolean;
  readonly message: string;
}): Rule<EtcdClusterSpec> {
  return {
    ...rule,
    field: 'spec.etcd.extraArgs',
    isKept: ({ spec }) =>
      Object.entries(spec.etcd?.extraArgs ?? {}).every(([name, value]) => rule.isKept(name, value)),
  };
}

function optionRule(rule: {
  readonly name: string;
  readonly cel: string;
  readonly isKept: (etcd: EtcdOptionsSpec) => boolean;
  readonly message: string;
}): Rule<EtcdClusterSpec> {
  return {
    ...rule,
    field: 'spec.etcd',
    isKept: ({ spec: { etcd } }) => etcd === undefined || rule.isKept(etcd),
  };
}
