import type { Server } from 'node:https';
import type { ObjectReader, ObjectWriter, RecordKeeper } from '../../kube/object-api.ts';
import { pause } from '../../runtime/abort.ts';
import type { Logger } from '../../runtime/logger.ts';
import { answerReviews, type ReviewOutcome } from './answer-reviews.ts';
import { runWebhook } from './run-webhook.ts';
import { type WebhookConfig, webhookObjectNames } from './webhook-config.ts';
import { openWebhookServer } from './webhook-server.ts';

export type OpenWebhookDeps = {
  readonly api: ObjectReader & ObjectWriter & RecordKeeper;
  /** Undefined: all. */
  readonly namespaces: readonly string[] | undefined;
  readonly logger: Logger;
  readonly onOutcome: (outcome: ReviewOutcome) => void;
};

export type Webhook = {
  /** It listens already; its owner closes it. */
  readonly server: Server;
  /** Makes it known to the API server, and keeps it so until `signal` fires. */
  run(signal: AbortSignal): Promise<void>;
};

/** Rejects when the address cannot be had. */
export async function openWebhook(
  config: WebhookConfig,
  { api, namespaces, logger, onOutcome }: OpenWebhookDeps,
): Promise<Webhook> {
  const limits = { namespace: config.namespace, name: webhookObjectNames(config).limits };
  const server = await openWebhookServer(
    config.address,
    answerReviews({ reader: api, limits, logger, onOutcome }),
  );
  return {
    server,
    run: async (signal) => {
      // Loaded only where certificates are issued.
      const { issueAuthority, issueLeaf } = await import('../../pki/x509-issuer.ts');
      // Certificates are valid by the wall clock, which the API server compares.
      const issuer = { issueAuthority, issueLeaf, nowMs: () => Date.now() };
      await runWebhook(
        { server, config, namespaces, records: api, writer: api, pause, logger, ...issuer },
        signal,
      );
    },
  };
}
