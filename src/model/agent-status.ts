/**
 * What an agent says of itself over `GET /status`: for siblings that join in turn, for the operator's
 * status, and for people. IDs are hexadecimal strings, raft indexes decimal strings (they are 64-bit),
 * instants are RFC 3339.
 */
import * as v from 'valibot';
import { SIDES } from './certificates.ts';
import { STAGES } from './decision.ts';
import { etcdIdSchema } from './etcd-id-schema.ts';

const memberSchema = v.object({
  id: v.string(),
  name: v.string(),
  peerUrl: v.string(),
  clientUrl: v.string(),
  role: v.picklist(['Leader', 'Voter', 'Learner', 'Unstarted']),
});

const etcdSchema = v.object({
  /** Whether etcd is absent, waits at the gate, starts, or runs. */
  state: v.picklist(['absent', 'at-gate', 'starting', 'running', 'unresponsive', 'gate-unusable']),
  memberId: v.nullable(v.string()),
  clusterId: v.nullable(v.string()),
  leaderId: v.nullable(v.string()),
  isLearner: v.boolean(),
  version: v.string(),
  raftTerm: v.string(),
  raftIndex: v.string(),
  raftAppliedIndex: v.string(),
  dbSizeBytes: v.number(),
  errors: v.array(v.string()),
});

const dataSchema = v.object({
  clusterId: etcdIdSchema,
  memberId: etcdIdSchema,
  generation: v.nullable(v.number()),
  maxLearners: v.nullable(v.number()),
});

const certificateSchema = v.object({
  side: v.picklist(SIDES),
  certificate: v.string(),
  /** Of the file with the authorities as it lies there now. */
  authorities: v.string(),
  /** Of that file when etcd was started, which is what it trusts; null when that is not known. */
  loadedAuthorities: v.nullable(v.string()),
  notAfter: v.string(),
});

const agentStatusSchema = v.object({
  /** Changes whenever anything but `observedAt` and the raft figures does; for `?since=`. */
  etag: v.string(),
  observedAt: v.string(),
  name: v.string(),
  ordinal: v.number(),
  podUid: v.string(),
  peerUrl: v.string(),
  clientUrl: v.string(),
  decision: v.object({
    kind: v.string(),
    reason: v.string(),
    message: v.string(),
    stage: v.picklist(STAGES),
    since: v.string(),
  }),
  etcd: etcdSchema,
  /** Phase of the formation record as last read; null when it never was. */
  formation: v.nullable(v.string()),
  /** The StatefulSet's wanted size as last read; null when it never was. */
  replicas: v.nullable(v.number()),
  volumeId: v.nullable(v.string()),
  /** Whether the volume holds data that claims to be of this cluster. */
  hasData: v.boolean(),
  /**
   * Whose data that is, as its write-ahead log says, with generation and learner limit as the marker beside it
   * notes them (null without one). Null where there is no data, and where it cannot be read.
   */
  data: v.optional(v.nullable(dataSchema), null),
  generation: v.nullable(v.number()),
  /**
   * Whether the log holds requests of etcd 2, which 3.7 cannot read: `clean` once it is noted that there are
   * none and there will be none, `old` while there are some. Absent as long as that is not known.
   */
  log: v.exactOptional(v.picklist(['clean', 'old'])),
  /** The certificates in the Pod; empty where nothing is encrypted. Digests are SHA-256 of files, as hex. */
  certificates: v.optional(v.array(certificateSchema), []),
  /** The member list as last seen, oldest words included; empty when it never was. */
  members: v.array(memberSchema),
});

export type AgentStatus = v.InferOutput<typeof agentStatusSchema>;
export type AgentStatusMember = v.InferOutput<typeof memberSchema>;

/** The status in `json`, or one clause that says why it is none. */
export function parseAgentStatus(json: unknown): AgentStatus | { readonly invalid: string } {
  const parsed = v.safeParse(agentStatusSchema, json);
  return parsed.success ? parsed.output : { invalid: v.summarize(parsed.issues) };
}
