/** A local cluster as it is at one moment, for `quorate status`, the live picture and tests. */
import * as v from 'valibot';
import { type AgentStatus, parseAgentStatus } from '../model/agent-status.ts';
import type { AgentWord } from './agent-client.ts';
import type { ContainerView } from './container.ts';

export type ClusterSnapshot = {
  readonly name: string;
  readonly namespace: string;
  readonly folder: string;
  readonly etcdVersion: string;
  readonly apiUrl: string;
  /** The StatefulSet's wanted size. */
  readonly replicas: number;
  /** Lowest ordinal first. */
  readonly members: readonly MemberSnapshot[];
};

export type MemberSnapshot = {
  readonly name: string;
  readonly ordinal: number;
  readonly podUid: string;
  readonly address: string;
  readonly peerUrl: string;
  readonly clientUrl: string;
  readonly agentUrl: string;
  /** The Pod is being deleted. */
  readonly isDeleting: boolean;
  readonly agent: ContainerView;
  readonly etcd: ContainerView;
  readonly volume: string;
  /** etcd's data directory inside the volume. */
  readonly dataFolder: string;
  readonly agentLog: string;
  readonly etcdLog: string;
  /** What the agent says of itself, or why it says nothing. */
  readonly word: Exclude<AgentWord, { readonly kind: 'unchanged' }>;
};

const containerSchema: v.GenericSchema<unknown, ContainerView> = v.object({
  state: v.picklist(['created', 'running', 'waiting', 'ended']),
  pid: v.nullable(v.number()),
  startedAtMs: v.nullable(v.number()),
  restarts: v.number(),
  lastExit: v.nullable(
    v.object({
      code: v.nullable(v.number()),
      signal: v.nullable(v.custom<NodeJS.Signals>((signal) => typeof signal === 'string')),
    }),
  ),
});

const statusSchema = v.pipe(
  v.unknown(),
  v.transform(parseAgentStatus),
  v.custom<AgentStatus>((status) => typeof status === 'object' && status !== null && !('invalid' in status)),
);

const memberSchema = v.object({
  name: v.string(),
  ordinal: v.number(),
  podUid: v.string(),
  address: v.string(),
  peerUrl: v.string(),
  clientUrl: v.string(),
  agentUrl: v.string(),
  isDeleting: v.boolean(),
  agent: containerSchema,
  etcd: containerSchema,
  volume: v.string(),
  dataFolder: v.string(),
  agentLog: v.string(),
  etcdLog: v.string(),
  word: v.variant('kind', [
    v.object({ kind: v.literal('answers'), status: statusSchema }),
    v.object({ kind: v.literal('silent'), why: v.string() }),
  ]),
});

/** Reads a snapshot that came as JSON from another process. */
export const clusterSnapshotSchema: v.GenericSchema<unknown, ClusterSnapshot> = v.object({
  name: v.string(),
  namespace: v.string(),
  folder: v.string(),
  etcdVersion: v.string(),
  apiUrl: v.string(),
  replicas: v.number(),
  members: v.array(memberSchema),
});
