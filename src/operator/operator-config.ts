/** What one operator process is told; the command line and the environment say the same things. */
import type { LogLevel } from '../runtime/logger.ts';

/** How agents stand in their Pods; `auto` asks the API server whether it has native sidecars (1.29 and later). */
export const SIDECAR_MODES = ['auto', 'native', 'ordinary'] as const;
export type SidecarMode = (typeof SIDECAR_MODES)[number];

export type OperatorConfig = {
  /** Undefined: all namespaces, which takes a ClusterRole. */
  readonly namespaces: readonly string[] | undefined;
  readonly kubeconfig: string | undefined;
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
  readonly logLevel: LogLevel;
};

export type ListenAddress = { readonly host: string; readonly port: number };

/** Reads `:8080`, `127.0.0.1:8080` or `[::1]:8080`; undefined for anything else. */
export function parseListenAddress(text: string): ListenAddress | undefined {
  const match = /^(?:\[(?<six>[0-9a-fA-F:]+)\]|(?<host>[^:\s]*)):(?<port>[0-9]{1,5})$/.exec(text);
  const port = Number(match?.groups?.['port'] ?? Number.NaN);
  if (match === null || port > 65_535) {
    return undefined;
  }
  const host = match.groups?.['six'] ?? match.groups?.['host'] ?? '';
  return { host: host === '' ? '::' : host, port };
}
