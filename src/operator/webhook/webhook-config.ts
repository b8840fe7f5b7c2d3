/** What the webhook of one operator is told. */
import type { ListenAddress } from '../../runtime/listen-address.ts';

/** How the API server gets to the webhook: a Service in the operator's own namespace, or an address. */
export type WebhookTarget =
  | { readonly kind: 'service'; readonly name: string }
  | { readonly kind: 'url'; readonly url: URL };

export type WebhookConfig = {
  readonly address: ListenAddress;
  readonly target: WebhookTarget;
  /** Where the operator's own objects are. */
  readonly namespace: string;
  /** What they are named after: that of the Lease, since operators of one name share them. */
  readonly name: string;
};

/** Names of the objects that belong to the webhook and to limits. */
export function webhookObjectNames({ name, namespace }: Pick<WebhookConfig, 'name' | 'namespace'>): {
  readonly secret: string;
  readonly limits: string;
  readonly configuration: string;
} {
  return {
    secret: `${name}-webhook`,
    limits: `${name}-limits`,
    // It lives in no namespace, and operators in several may have one name.
    configuration: `${name}.${namespace}`,
  };
}

/** Name of the Service unless another is given. */
export function webhookServiceOf(name: string): string {
  return `${name}-webhook`;
}
