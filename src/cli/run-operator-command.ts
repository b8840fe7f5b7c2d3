import { runOperator } from '../operator/main.ts';
import type { OperatorConfig, SecretsAccess, SidecarMode } from '../operator/operator-config.ts';
import {
  type WebhookConfig,
  type WebhookTarget,
  webhookServiceOf,
} from '../operator/webhook/webhook-config.ts';
import { errorText } from '../runtime/error-text.ts';
import type { ListenAddress } from '../runtime/listen-address.ts';
import type { LogLevel } from '../runtime/log-level.ts';
import { EXIT } from './exit-code.ts';

export type OperatorArguments = {
  readonly namespaces?: readonly string[];
  readonly kubeconfig?: string;
  readonly secretsRole?: string;
  readonly serviceAccount?: string;
  readonly agentImage: string;
  readonly agentImagePullPolicy: OperatorConfig['agentImagePullPolicy'];
  readonly clusterDomain: string;
  readonly sidecarMode: SidecarMode;
  readonly workers: number;
  readonly leaderElect: boolean;
  readonly leaseNamespace?: string;
  readonly leaseName: string;
  readonly metricsBindAddress?: ListenAddress;
  readonly healthProbeBindAddress?: ListenAddress;
  readonly webhook?: boolean;
  readonly webhookBindAddress: ListenAddress;
  readonly webhookService?: WebhookTarget;
  readonly logLevel: LogLevel;
};

/** What `quorate operator` does; gives the exit code. */
export async function runOperatorCommand(options: OperatorArguments): Promise<number> {
  const stop = new AbortController();
  for (const name of ['SIGTERM', 'SIGINT'] as const) {
    process.once(name, () => stop.abort());
  }
  try {
    return (await runOperator(configOf(options), stop.signal)) === 'stopped' ? EXIT.ok : EXIT.failure;
  } catch (error) {
    process.stderr.write(`quorate operator: ${errorText(error)}\n`);
    return EXIT.failure;
  } finally {
    stop.abort();
  }
}

function configOf(options: OperatorArguments): OperatorConfig {
  const { leaseNamespace = 'default', leaseName, leaderElect } = options;
  return {
    namespaces: options.namespaces,
    kubeconfig: options.kubeconfig,
    podNamespace: process.env['POD_NAMESPACE'],
    secretsAccess: secretsAccessOf(options),
    leaderElection: leaderElect ? { namespace: leaseNamespace, name: leaseName } : undefined,
    agentImage: options.agentImage,
    agentImagePullPolicy: options.agentImagePullPolicy,
    clusterDomain: options.clusterDomain,
    sidecarMode: options.sidecarMode,
    workers: options.workers,
    metricsAddress: options.metricsBindAddress,
    healthAddress: options.healthProbeBindAddress,
    webhook: options.webhook === true ? webhookOf(options) : undefined,
    logLevel: options.logLevel,
  };
}

function secretsAccessOf({ secretsRole, serviceAccount }: OperatorArguments): SecretsAccess | undefined {
  const { POD_NAMESPACE: namespace } = process.env;
  return secretsRole === undefined || namespace === undefined || serviceAccount === undefined
    ? undefined
    : { clusterRole: secretsRole, serviceAccount: `${namespace}:${serviceAccount}` };
}

function webhookOf(options: OperatorArguments): WebhookConfig {
  const { leaseName: name, leaseNamespace: namespace = 'default' } = options;
  const target = options.webhookService ?? { kind: 'service', name: webhookServiceOf(name) };
  return { address: options.webhookBindAddress, target, name, namespace };
}
