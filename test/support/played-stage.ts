/** Everything that the parts of a played set share. */
import type { EtcdId } from '../../src/model/member.ts';
import type { PlayedAddresses } from './played-addresses.ts';
import type { PlayedData, PlayedSight, PlayedStep } from './played-agent.ts';
import type { PlayedApi } from './played-api.ts';
import type { PlayedEtcd } from './played-etcd.ts';
import type { PlayedViews, SeenPod, SeenSet } from './played-views.ts';
import type { PlayedVoice, PlayedVoices } from './played-voices.ts';

/** What happened, in order. */
export type PlayedFact = {
  /** `NAMESPACE/NAME`. */
  readonly cluster: string;
  readonly what:
    | 'pod made'
    | 'pod ends'
    | 'pod gone'
    | 'member joined'
    | 'member promoted'
    | 'member left'
    | 'member resumed'
    | 'data set aside'
    | 'set gone';
  /** A Pod's or member's name, or the set's. */
  readonly who: string;
  /** Whether its member leads at that time. */
  readonly leads: boolean;
  /** Pods of the set that do not serve at that time, besides this one. */
  readonly down: readonly string[];
};

/** What tests can hold back, by the name of the Pod or of the set. */
export type Held = 'end' | 'agent' | 'controller';

export type PlayedStage = {
  readonly views: PlayedViews;
  readonly api: PlayedApi;
  readonly voices: PlayedVoices;
  readonly addresses: PlayedAddresses;
  /** By cluster ID. */
  readonly etcds: Map<EtcdId, PlayedEtcd>;
  /** What volumes hold, by the UID of their claim, or of their Pod. */
  readonly volumes: Map<string, PlayedData>;
  readonly isHeld: (cluster: string, what: Held, who: string) => boolean;
  /** Whether nodes can pull this image. */
  readonly isThere: (image: string) => boolean;
  readonly tell: (fact: PlayedFact) => void;
};

/** A Pod that was started: its agent has an address and speaks. */
export type PlayedRunner = {
  readonly pod: SeenPod;
  readonly volume: string;
  readonly voice: PlayedVoice;
  process: PlayedSight['process'];
  isReady: boolean;
  isEnding: boolean;
  /** What its agent was about to do when it last looked, and since when. */
  step: PlayedStep | undefined;
  since: string;
};

/** What the agent in this Pod sees. */
export function playedSight(
  { views, volumes, etcds }: PlayedStage,
  key: string,
  set: SeenSet | undefined,
  { pod, volume, process }: Pick<PlayedRunner, 'pod' | 'volume' | 'process'>,
): PlayedSight {
  const record = views.record(key)?.record;
  const data = volumes.get(volume);
  return {
    name: pod.metadata.name,
    ordinal: pod.ordinal,
    podUid: pod.metadata.uid,
    replicas: set?.spec.replicas ?? 0,
    record,
    data,
    process,
    etcd: record?.phase === 'Formed' ? etcds.get(record.clusterId) : data?.etcd,
  };
}

/** The etcd that the cluster's record names. */
export function playedEtcdOf({ views, etcds }: PlayedStage, key: string): PlayedEtcd | undefined {
  const record = views.record(key)?.record;
  return record?.phase === 'Formed' ? etcds.get(record.clusterId) : undefined;
}
