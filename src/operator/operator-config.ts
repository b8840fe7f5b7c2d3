/** What one operator process is told; the command line and the environment say the same things. */
import type { ListenAddress } from '../runtime/listen-address.ts';
import type { LogLevel } from '../runtime/log-level.ts';
import type { WebhookConfig } from './webhook/webhook-config.ts';

/** How agents stand in their Pods; `auto` asks the API server whether it has native sidecars (1.29 and later). */
export type SidecarMode = 'auto' | 'native' | 'ordinary';

export type OperatorConfig = {
  /** Undefined: all namespaces, which takes a ClusterRole. */
  readonly namespaces: readonly string[] | undefined;
  readonly kubeconfig: string | undefined;
  /** Namespace of the operator's own Pod; undefined outside of a cluster. */
  readonly podNamespace: string | undefined;
  readonly leaderElection: { readonly namespace: string; readonly name: string } | undefined;
  /** Of every agent. */
  readonly agentImage: string;
  readonly agentImagePullPolicy: 'Always' | 'IfNotPresent' | 'Never';
  readonly clusterDomain: string;
  readonly sidecarMode: SidecarMode;
  /** Clusters reconciled at once. */
  readonly workers: number;
  readonly metricsAddress: ListenAddress | undefined;
  readonly healthAddress: ListenAddress | undefined;
  /** Undefined: none is served. */
  readonly webhook: WebhookConfig | undefined;
  readonly logLevel: LogLevel;
};
