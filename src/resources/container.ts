/** The part of a container (core/v1) that our Pods set. */
import type { EnvironmentVariable } from '../api/kubernetes.ts';

export type HttpGet = { readonly path: string; readonly port: number };

export type Handler =
  | { readonly httpGet: HttpGet }
  | { readonly tcpSocket: { readonly port: number } }
  | { readonly exec: { readonly command: readonly string[] } };

export type Probe = Handler & {
  readonly periodSeconds: number;
  readonly timeoutSeconds: number;
  readonly failureThreshold: number;
};

export type Resources = {
  readonly requests: Readonly<Record<string, string>>;
  readonly limits: Readonly<Record<string, string>>;
};

export type VolumeMount = {
  readonly name: string;
  readonly mountPath: string;
  readonly readOnly?: true;
};

export type Container = {
  readonly name: string;
  readonly image: string;
  readonly imagePullPolicy: 'Always' | 'IfNotPresent' | 'Never';
  readonly command: readonly string[];
  readonly workingDir?: string;
  /** Set on init containers that keep running: native sidecars. */
  readonly restartPolicy?: 'Always';
  readonly env?: readonly EnvironmentVariable[];
  readonly ports?: readonly {
    readonly name: string;
    readonly containerPort: number;
    readonly protocol: 'TCP';
  }[];
  readonly resources: Resources;
  readonly volumeMounts: readonly VolumeMount[];
  readonly lifecycle?: { readonly postStart?: Handler; readonly preStop?: Handler };
  readonly startupProbe?: Probe;
  readonly livenessProbe?: Probe;
  readonly readinessProbe?: Probe;
  readonly terminationMessagePolicy: 'FallbackToLogsOnError';
  readonly securityContext: ContainerSecurity;
};

/** What Pod Security's `restricted` wants of each container, and a root file system nobody can write to. */
export type ContainerSecurity = {
  readonly allowPrivilegeEscalation: false;
  readonly readOnlyRootFilesystem: true;
  readonly capabilities: { readonly drop: readonly ['ALL'] };
};

export const CONTAINER_SECURITY: ContainerSecurity = {
  allowPrivilegeEscalation: false,
  readOnlyRootFilesystem: true,
  capabilities: { drop: ['ALL'] },
};
