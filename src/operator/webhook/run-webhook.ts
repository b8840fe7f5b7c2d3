/** Keeps a webhook's certificate and what the API server knows of it fresh; every replica does, leader or not. */
import type { Server } from 'node:https';
import type { ObjectWriter, RecordKeeper } from '../../kube/object-api.ts';
import { failureText } from '../../kube/outcome.ts';
import type { KeyPair, LeafRequest } from '../../pki/certificate.ts';
import { isSignedBy, readCertificate } from '../../pki/read-certificate.ts';
import { showTo } from '../../runtime/bounded-server.ts';
import { errorText } from '../../runtime/error-text.ts';
import type { Logger } from '../../runtime/logger.ts';
import { planLeaf } from '../certificates/leaf-plan.ts';
import { type KeepAuthorityDeps, keepAuthority } from './keep-authority.ts';
import type { WebhookAuthority } from './webhook-authority.ts';
import { type WebhookConfig, webhookObjectNames } from './webhook-config.ts';
import { WEBHOOK_CONFIGURATION, webhookConfiguration } from './webhook-configuration.ts';

export type RunWebhookDeps = {
  readonly server: Server;
  readonly config: WebhookConfig;
  /** Undefined: all. */
  readonly namespaces: readonly string[] | undefined;
  readonly records: RecordKeeper;
  readonly writer: Pick<ObjectWriter, 'apply'>;
  readonly issueAuthority: KeepAuthorityDeps['issueAuthority'];
  readonly issueLeaf: (authority: KeyPair, request: LeafRequest, nowMs: number) => Promise<KeyPair>;
  readonly nowMs: () => number;
  readonly pause: (ms: number, signal: AbortSignal) => Promise<void>;
  readonly logger: Logger;
};

/** It is issued anew by every process, and never leaves it. */
const LEAF_LIFE_MS = 30 * 86_400_000;
/** Lives are counted in weeks; what somebody else has changed is put right as soon. */
const LOOK_MS = 3_600_000;
const RETRY_MS = 10_000;

/** Works until `signal` fires. */
export async function runWebhook(deps: RunWebhookDeps, signal: AbortSignal): Promise<void> {
  let leaf: KeyPair | undefined;
  while (!signal.aborted) {
    const fresh = await freshen(deps, leaf, signal).catch((error: unknown) => errorText(error));
    if (typeof fresh === 'string') {
      if (!signal.aborted) {
        deps.logger.warn({ retryInMs: RETRY_MS }, `the webhook cannot be set up: ${fresh}`);
      }
      await deps.pause(RETRY_MS, signal);
    } else {
      leaf = fresh;
      await deps.pause(LOOK_MS, signal);
    }
  }
}

/** A text says why not. The API server trusts a new authority before anything it has signed is shown. */
async function freshen(
  deps: RunWebhookDeps,
  leaf: KeyPair | undefined,
  signal: AbortSignal,
): Promise<KeyPair | string> {
  const { config, namespaces, writer } = deps;
  const { secret } = webhookObjectNames(config);
  const kept = await keepAuthority(deps, { name: secret, namespace: config.namespace }, signal);
  if (kept.kind === 'failed') {
    return kept.why;
  }
  const { authority } = kept;
  const wanted = webhookConfiguration(config, authority.bundle, namespaces);
  const applied = await writer.apply(WEBHOOK_CONFIGURATION, wanted, signal);
  if (applied.kind !== 'done') {
    return `${WEBHOOK_CONFIGURATION.kind} ${wanted.metadata.name}: ${failureText(applied)}`;
  }
  return showLeaf(deps, authority, leaf);
}

async function showLeaf(
  { server, config, issueLeaf, nowMs, logger }: RunWebhookDeps,
  { pair, bundle }: WebhookAuthority,
  leaf: KeyPair | undefined,
): Promise<KeyPair> {
  const facts = leaf === undefined ? undefined : readCertificate(leaf.certificate);
  const isCurrent = leaf !== undefined && isSignedBy(leaf.certificate, pair.certificate);
  const stored = facts === undefined ? null : { facts, hasItsKey: true, isCurrent, hasTrust: true };
  const request = leafRequestOf(config);
  const step = planLeaf({ nowMs: nowMs(), stored, request, isRotated: true, periodMs: undefined });
  if (leaf !== undefined && step.kind !== 'issue') {
    return leaf;
  }
  const issued = await issueLeaf(pair, request, nowMs());
  showTo(server, { ...issued, authorities: bundle });
  logger.info({ why: step.kind === 'issue' ? step.why : undefined }, 'the webhook shows a new certificate');
  return issued;
}

/** The names by which the API server calls it. */
export function leafRequestOf({ target, namespace, name }: WebhookConfig): LeafRequest {
  const host = target.kind === 'service' ? `${target.name}.${namespace}.svc` : target.url.hostname;
  const address = /^\[(.*)\]$/.exec(host)?.[1] ?? host;
  const isAddress = /^[0-9.]+$|:/.test(address);
  return {
    commonName: `${name}-webhook`.slice(0, COMMON_NAME_CHARS_MAX),
    dnsNames: isAddress ? [] : [host],
    ipAddresses: isAddress ? [address] : [],
    usages: ['server'],
    lifeMs: LEAF_LIFE_MS,
  };
}

/** X.520. */
const COMMON_NAME_CHARS_MAX = 64;
