import type { EtcdOptionsSpec } from '../api/etcd-cluster.ts';
import type { Quantity } from '../api/kubernetes.ts';
import { numberOf } from '../api/quantity.ts';
import { parseEtcdOptions } from '../model/etcd-options.ts';
import type { EtcdVersion } from '../model/etcd-version.ts';

/**
 * `spec.etcd` as the JSON that the agent reads, one option a line, or why etcd `version` cannot run with it.
 * Equal options give the equal text, in whatever order they were written.
 */
export function etcdOptionsText(
  spec: EtcdOptionsSpec | undefined,
  version: EtcdVersion,
): string | { readonly refused: string } {
  const { quotaBackendBytes, extraArgs = {}, ...others } = spec ?? {};
  const args = Object.entries(extraArgs).toSorted(([one], [other]) => (one < other ? -1 : 1));
  const text = JSON.stringify(
    {
      quotaBackendBytes: bytesOf(quotaBackendBytes),
      autoCompactionMode: others.autoCompactionMode,
      autoCompactionRetention: others.autoCompactionRetention,
      snapshotCount: others.snapshotCount,
      heartbeatIntervalMs: others.heartbeatIntervalMs,
      electionTimeoutMs: others.electionTimeoutMs,
      extraArgs: args.length === 0 ? undefined : Object.fromEntries(args),
    },
    undefined,
    2,
  );
  const options = parseEtcdOptions(JSON.parse(text), version);
  return 'invalid' in options
    ? { refused: `spec.etcd cannot be used, correct it: ${options.invalid.join('; ')}` }
    : text;
}

/** Whole bytes. What is no quantity becomes `null`, which the options' own parser refuses. */
function bytesOf(quantity: Quantity | undefined): number | null | undefined {
  if (quantity === undefined) {
    return undefined;
  }
  const bytes = numberOf(quantity);
  return bytes === undefined ? null : Math.floor(bytes);
}
