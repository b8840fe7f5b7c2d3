import type { KubeObject } from '../../kube/kube-object.ts';
import type { ResourceType } from '../../kube/resource-type.ts';
import { type WebhookConfig, webhookObjectNames } from './webhook-config.ts';

export const WEBHOOK_CONFIGURATION: ResourceType = {
  apiVersion: 'admissionregistration.k8s.io/v1',
  kind: 'ValidatingWebhookConfiguration',
  plural: 'validatingwebhookconfigurations',
};

/** Where reviews are taken. */
export const REVIEW_PATH = '/validate';

/** A review takes a millisecond, and one read of the limits; nobody waits longer for an operator that is ill. */
const TIMEOUT_SECONDS = 5;
const HTTPS_PORT = 443;

/**
 * What the API server is to know of the webhook. `bundle`: the authorities to trust, PEM. `namespaces`: undefined for
 * all. See docs/adr/0011-admission.md for why it ignores failures.
 */
export function webhookConfiguration(
  config: WebhookConfig,
  bundle: string,
  namespaces: readonly string[] | undefined,
): KubeObject {
  const caBundle = Buffer.from(bundle).toString('base64');
  const common = { apiGroups: ['etcd.etcd.io'], apiVersions: ['v1alpha1'], scope: 'Namespaced' };
  const resources = ['etcdclusters', 'etcdclusters/scale', 'etcdbackups', 'etcdrestores'];
  return {
    apiVersion: WEBHOOK_CONFIGURATION.apiVersion,
    kind: WEBHOOK_CONFIGURATION.kind,
    metadata: { name: webhookObjectNames(config).configuration },
    webhooks: [
      {
        name: 'validate.etcd.etcd.io',
        admissionReviewVersions: ['v1'],
        sideEffects: 'None',
        failurePolicy: 'Ignore',
        matchPolicy: 'Equivalent',
        timeoutSeconds: TIMEOUT_SECONDS,
        clientConfig: { caBundle, ...clientOf(config) },
        rules: [
          { ...common, resources, operations: ['CREATE', 'UPDATE'] },
          { ...common, resources: ['etcdclusters'], operations: ['DELETE'] },
        ],
        ...(namespaces === undefined ? {} : { namespaceSelector: selectorOf(namespaces) }),
      },
    ],
  };
}

function clientOf({ target, namespace }: WebhookConfig): object {
  return target.kind === 'service'
    ? { service: { name: target.name, namespace, path: REVIEW_PATH, port: HTTPS_PORT } }
    : { url: new URL(REVIEW_PATH, target.url).href };
}

/** The label is Kubernetes' own (1.21). */
function selectorOf(namespaces: readonly string[]): object {
  return { matchExpressions: [{ key: 'kubernetes.io/metadata.name', operator: 'In', values: namespaces }] };
}
