import * as v from 'valibot';
import { extraEntryOf } from './etcd-extra-args.ts';
import type { EtcdVersion } from './etcd-version.ts';

/** What users may say about etcd itself. What is left out is etcd's own default. */
export type EtcdOptions = {
  readonly quotaBackendBytes?: number | undefined;
  readonly autoCompactionMode?: 'periodic' | 'revision' | undefined;
  /** `periodic`: a duration such as `30m`, or hours without a unit. `revision`: a number of revisions. */
  readonly autoCompactionRetention?: string | undefined;
  readonly snapshotCount?: number | undefined;
  readonly heartbeatIntervalMs?: number | undefined;
  /** At least five heartbeats (refused by etcd otherwise); equal on all members. */
  readonly electionTimeoutMs?: number | undefined;
  /** By etcd's own names and notation, such as `{ "max-request-bytes": "3145728" }`. */
  readonly extraArgs: Readonly<Record<string, string>>;
};

/** Nothing but etcd's defaults. */
export const DEFAULT_ETCD_OPTIONS: EtcdOptions = { extraArgs: {} };

/** etcd 3.5 to 3.7 refuse more (`embed.maxElectionMs`). */
const ELECTION_TIMEOUT_MS_MAX = 50_000;

/** etcd's defaults, against which a lone value is checked. */
const HEARTBEAT_MS_DEFAULT = 100;
const ELECTION_TIMEOUT_MS_DEFAULT = 1_000;

/** `embed.Config.Validate` in etcd 3.5 to 3.7. */
const HEARTBEATS_PER_ELECTION_MIN = 5;

/** Far more than there are names; it only bounds the work. */
const EXTRA_ARGS_MAX = 100;

const count = v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(Number.MAX_SAFE_INTEGER));

const optionsSchema = v.strictObject({
  quotaBackendBytes: v.optional(count),
  autoCompactionMode: v.optional(v.picklist(['periodic', 'revision'])),
  autoCompactionRetention: v.optional(v.string()),
  snapshotCount: v.optional(count),
  heartbeatIntervalMs: v.optional(count),
  electionTimeoutMs: v.optional(v.pipe(count, v.maxValue(ELECTION_TIMEOUT_MS_MAX))),
  extraArgs: v.optional(
    v.pipe(
      v.record(v.string(), v.string()),
      v.check((args) => Object.keys(args).length <= EXTRA_ARGS_MAX, `more than ${EXTRA_ARGS_MAX} names`),
    ),
    {},
  ),
});

/** The options in `json` if etcd `version` can run with them, or a sentence for each thing that is wrong. */
export function parseEtcdOptions(
  json: unknown,
  version: EtcdVersion,
): EtcdOptions | { readonly invalid: readonly string[] } {
  const parsed = v.safeParse(optionsSchema, json);
  if (!parsed.success) {
    return { invalid: parsed.issues.map((issue) => `${v.getDotPath(issue) ?? 'options'}: ${issue.message}`) };
  }
  const invalid = [
    ...compactionProblems(parsed.output),
    ...timingProblems(parsed.output),
    ...extraProblems(parsed.output, version),
  ];
  return invalid.length > 0 ? { invalid } : parsed.output;
}

function compactionProblems(options: EtcdOptions): readonly string[] {
  const { autoCompactionMode = 'periodic', autoCompactionRetention } = options;
  if (autoCompactionRetention === undefined) {
    return options.autoCompactionMode === undefined
      ? []
      : ['autoCompactionMode: it does nothing without autoCompactionRetention'];
  }
  const form = autoCompactionMode === 'revision' ? REVISIONS : HOURS_OR_DURATION;
  return form.test(autoCompactionRetention)
    ? []
    : [`autoCompactionRetention: "${autoCompactionRetention}" is none for the mode ${autoCompactionMode}`];
}

const REVISIONS = /^[0-9]{1,15}$/;
const HOURS_OR_DURATION = /^(?:[0-9]{1,6}|(?:[0-9]{1,6}(?:s|m|h)){1,3})$/;

function timingProblems(options: EtcdOptions): readonly string[] {
  const heartbeatMs = options.heartbeatIntervalMs ?? HEARTBEAT_MS_DEFAULT;
  const electionMs = options.electionTimeoutMs ?? ELECTION_TIMEOUT_MS_DEFAULT;
  return electionMs >= HEARTBEATS_PER_ELECTION_MIN * heartbeatMs
    ? []
    : [
        `electionTimeoutMs: ${electionMs} is less than ${HEARTBEATS_PER_ELECTION_MIN} heartbeats of ${heartbeatMs}`,
      ];
}

function extraProblems(options: EtcdOptions, version: EtcdVersion): readonly string[] {
  return Object.entries(options.extraArgs).flatMap(([name, value]) => {
    const entry = extraEntryOf(name, value, version.minor);
    return 'refused' in entry ? [`extraArgs: ${entry.refused}`] : [];
  });
}
