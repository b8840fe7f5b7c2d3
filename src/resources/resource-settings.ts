import type { Labels } from '../api/kubernetes.ts';

/**
 * How the agent runs beside etcd. `native`: an init container that keeps running (Kubernetes 1.29 and
 * newer); it starts before etcd and ends after it. `ordinary`: a container next to etcd's.
 */
export type SidecarMode = 'native' | 'ordinary';

/** The image of the agent. It holds Node, the program, `/bin/sh` and `mkfifo`. */
export type AgentImage = {
  /** With tag or digest. */
  readonly image: string;
  readonly pullPolicy: 'Always' | 'IfNotPresent' | 'Never';
  /** The whole command line, such as `node --lite-mode /app/quorate.cjs agent`. */
  readonly command: readonly string[];
  /** What keeps its Node small; nothing of the agent's own configuration. */
  readonly environment: Readonly<Record<string, string>>;
};

/** What the operator decides for all clusters: nothing here is the business of a cluster's author. */
export type ResourceSettings = {
  readonly agent: AgentImage;
  /** Such as `cluster.local`, without dots at its ends. */
  readonly clusterDomain: string;
  readonly sidecarMode: SidecarMode;
  /** Of Kubernetes 1.x: an API server refuses to apply fields that it does not know yet. */
  readonly kubernetesMinor: number;
  /** The operator's Pods, which NetworkPolicies let reach the agents; undefined where it runs elsewhere. */
  readonly operator: { readonly namespace: string; readonly labels: Labels } | undefined;
};

/** First minors of Kubernetes whose API has a field. */
export const KNOWN_SINCE = {
  /** StatefulSet `persistentVolumeClaimRetentionPolicy`; obeyed by default since 1.27. */
  claimRetention: 23,
  /** PodDisruptionBudget `unhealthyPodEvictionPolicy`; obeyed by default since 1.27. */
  unhealthyPodEviction: 26,
} as const;
