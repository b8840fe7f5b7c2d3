/** What one operator process is told; the command line and the environment say the same things. */
import type { ListenAddress } from '../runtime/listen-address.ts';
import type { LogLevel } from '../runtime/log-level.ts';
import type { WebhookConfig } from './webhook/webhook-config.ts';

/** How agents stand in their Pods; `auto` asks the API server whether it has native sidecars (1.29 and later). */
export type SidecarMode = 'auto' | 'native' | 'ordinary';

/** What a RoleBinding has to say so that the operator may keep Secrets in a namespace. */
export type SecretsAccess = {
  readonly clusterRole: string;
  /** `NAMESPACE:NAME`. */
  readonly serviceAccount: string;
};

export type OperatorConfig = {
  /** Undefined: all namespaces, which takes a ClusterRole. */
  readonly namespaces: readonly string[] | undefined;
  readonly kubeconfig: string | undefined;
  /** Namespace of the operator's own Pod; undefined outside of a cluster. */
  readonly podNamespace: string | undefined;
  /** Who is let into a namespace's Secrets, and by what; undefined: its roles have them, or nobody knows. */
  readonly secretsAccess: SecretsAccess | undefined;
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
