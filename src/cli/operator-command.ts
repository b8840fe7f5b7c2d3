import { Command, InvalidArgumentError, Option } from 'commander';
import type { SidecarMode } from '../operator/operator-config.ts';
import type { WebhookTarget } from '../operator/webhook/webhook-config.ts';
import { type ListenAddress, parseListenAddress } from '../runtime/listen-address.ts';
import { LOG_LEVELS } from '../runtime/log-level.ts';
import { wholeNumber } from './option-values.ts';
import type { OperatorArguments } from './run-operator-command.ts';

const WORKERS_MAX = 64;
const WEBHOOK_ADDRESS = ':9443';
/** A pass waits for the API server most of its time. */
const WORKERS_DEFAULT = 8;

/** `quorate operator`: runs in a Deployment, or outside of the cluster with a kubeconfig. */
export function operatorCommand(): Command {
  const command = new Command('operator').description(
    'run the operator: turns EtcdCluster objects into Kubernetes objects, and reports on them',
  );
  for (const option of [...scopeOptions(), ...agentOptions(), ...webhookOptions(), ...processOptions()]) {
    command.addOption(option);
  }
  return command.addHelpText('after', HELP).action(async (options: OperatorArguments) => {
    const { runOperatorCommand } = await import('./run-operator-command.ts');
    process.exitCode = await runOperatorCommand(options);
  });
}

function scopeOptions(): readonly Option[] {
  return [
    new Option(
      '--namespaces <list>',
      'serve only these namespaces, separated by commas; needs no ClusterRole',
    )
      .env('QUORATE_NAMESPACES')
      .argParser(namespaceList),
    new Option(
      '--kubeconfig <file>',
      'credentials; $KUBECONFIG, the Pod’s own, or ~/.kube/config unless given',
    ),
    new Option(
      '--secrets-role <name>',
      'ClusterRole that lets it keep Secrets where it is bound; told to those who have to bind it',
    ).env('QUORATE_SECRETS_ROLE'),
    new Option('--service-account <name>', 'whom it runs as; told to those, too').env('POD_SERVICE_ACCOUNT'),
    new Option('--workers <n>', 'clusters reconciled at once')
      .argParser(wholeNumber(1, WORKERS_MAX))
      .default(WORKERS_DEFAULT)
      .env('QUORATE_WORKERS'),
  ];
}

function agentOptions(): readonly Option[] {
  return [
    new Option(
      '--agent-image <image>',
      'image of the agents, with its tag; the operator’s own in a Deployment',
    )
      .env('QUORATE_AGENT_IMAGE')
      .makeOptionMandatory(),
    new Option('--agent-image-pull-policy <policy>', 'when nodes pull it')
      .choices(['Always', 'IfNotPresent', 'Never'])
      .default('IfNotPresent')
      .env('QUORATE_AGENT_IMAGE_PULL_POLICY'),
    new Option('--cluster-domain <domain>', 'domain of the cluster’s DNS')
      .default('cluster.local')
      .env('QUORATE_CLUSTER_DOMAIN'),
    new Option('--sidecar-mode <mode>', 'how agents stand in their Pods; auto: native since Kubernetes 1.29')
      .choices(['auto', 'native', 'ordinary'] satisfies SidecarMode[])
      .default('auto')
      .env('QUORATE_SIDECAR_MODE'),
  ];
}

function webhookOptions(): readonly Option[] {
  return [
    new Option('--webhook', 'let the API server ask here before it takes an object (see docs/operations.md)'),
    new Option('--webhook-bind-address <address>', 'where reviews are taken, over HTTPS')
      .env('QUORATE_WEBHOOK_BIND_ADDRESS')
      .argParser(webhookAddress)
      .default(webhookAddress(WEBHOOK_ADDRESS), WEBHOOK_ADDRESS),
    new Option(
      '--webhook-service <name or url>',
      'how the API server gets there: a Service beside the Lease, or https://HOST:PORT; NAME-webhook, by the Lease’s name',
    )
      .env('QUORATE_WEBHOOK_SERVICE')
      .argParser(webhookTarget),
  ];
}

function processOptions(): readonly Option[] {
  return [
    new Option('--no-leader-elect', 'do not wait for the Lease: only where one operator ever runs'),
    new Option(
      '--lease-namespace <namespace>',
      'where the Lease is; the Pod’s own namespace, or default',
    ).env('POD_NAMESPACE'),
    new Option('--lease-name <name>', 'name of the Lease; operators of one name take turns')
      .default('quorate-operator')
      .env('QUORATE_LEASE_NAME')
      .argParser(leaseName),
    listenOption('--metrics-bind-address <address>', 'where /metrics is served; 0: nowhere', ':8080'),
    listenOption(
      '--health-probe-bind-address <address>',
      'where /healthz and /readyz are served; 0: nowhere',
      ':8081',
    ),
    new Option('--log-level <level>', 'least level that is logged')
      .choices([...LOG_LEVELS])
      .default('info')
      .env('QUORATE_LOG_LEVEL'),
  ];
}

function listenOption(flags: string, description: string, fallback: string): Option {
  return new Option(flags, description).argParser(listenAddress).default(listenAddress(fallback), fallback);
}

/** "0" is how Kubernetes' own programs say "nowhere". */
function listenAddress(text: string): ListenAddress | undefined {
  const address = parseListenAddress(text);
  if (address === undefined && text !== '0') {
    throw new InvalidArgumentError('Give a port such as :8080, an address with a port, or 0 for nowhere.');
  }
  return address;
}

function webhookAddress(text: string): ListenAddress {
  const address = parseListenAddress(text);
  if (address === undefined) {
    throw new InvalidArgumentError('Give a port such as :9443, or an address with a port.');
  }
  return address;
}

/** A Service's name (RFC 1035 label). */
const SERVICE = /^[a-z]([-a-z0-9]{0,61}[a-z0-9])?$/;

function webhookTarget(text: string): WebhookTarget {
  if (SERVICE.test(text)) {
    return { kind: 'service', name: text };
  }
  const url = URL.parse(text);
  if (url?.protocol !== 'https:') {
    throw new InvalidArgumentError(
      'Give the name of a Service, or an address such as https://10.0.0.1:9443.',
    );
  }
  return { kind: 'url', url };
}

/** A name as Kubernetes has them (RFC 1123 label). */
const NAMESPACE = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/;

function namespaceList(text: string): readonly string[] {
  const names = text.split(',').map((name) => name.trim());
  const wrong = names.find((name) => !NAMESPACE.test(name));
  if (wrong !== undefined) {
    throw new InvalidArgumentError(`"${wrong}" is no name of a namespace.`);
  }
  return [...new Set(names)];
}

/** A DNS subdomain (RFC 1123), as the names of most objects are. */
const OBJECT_NAME = /^(?=.{1,253}$)[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;

function leaseName(text: string): string {
  if (!OBJECT_NAME.test(text)) {
    throw new InvalidArgumentError('Give a name of lower-case letters, digits, "-" and ".".');
  }
  return text;
}

const HELP = `
It never changes a cluster's membership and never deletes data: it writes Kubernetes objects, sets the size of
the StatefulSet, replaces Pods one at a time when their template changes, and writes status. The agents do the
rest, also while no operator runs.

Exit status: 0 it was told to stop, 1 it could not start, or went on when it had lost its Lease, 2 wrong usage.`;
