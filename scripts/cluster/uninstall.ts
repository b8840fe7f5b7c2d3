/** What `make uninstall` does: takes operator and definitions out of the cluster, unless etcd clusters would go with them. */
import { knowsPolicies, LIST_POLICIES } from './admission-policies.ts';

/** Runs kubectl; its output, or what it complained of. */
export type Kubectl = (
  args: readonly string[],
) => { readonly ok: true; readonly output: string } | { readonly ok: false; readonly complaint: string };

export type Uninstalled = { readonly kind: 'done' } | { readonly kind: 'refused'; readonly why: string };

const DEFINITION = 'customresourcedefinition/etcdclusters.etcd.etcd.io';
/** Pods end within their grace period, a minute by default; some come after others. */
const REMOVAL_TIMEOUT = '--timeout=300s';

/** The files that were applied. */
export type Manifests = {
  readonly operator: string;
  /** Known to Kubernetes 1.30 and newer. */
  readonly admission: string;
};

/**
 * Deletes what `manifests` name. Definitions take their objects along, and an EtcdCluster waits for an operator to
 * let it go: so clusters are deleted first, and only with `force`. That they cannot be listed does not mean that
 * there are none.
 */
export function uninstall(kubectl: Kubectl, manifests: Manifests, force: boolean): Uninstalled {
  const defined = kubectl(['get', DEFINITION, '--ignore-not-found', '--output=name']);
  if (!defined.ok) {
    return refused(`whether there are etcd clusters is unknown: ${defined.complaint}`);
  }
  if (defined.output.trim() !== '') {
    const format = '--output=jsonpath={range .items[*]}{.metadata.namespace}/{.metadata.name}{"\\n"}{end}';
    const listed = kubectl(['get', 'etcdclusters', '--all-namespaces', format]);
    if (!listed.ok) {
      return refused(`whether there are etcd clusters is unknown: ${listed.complaint}`);
    }
    const clusters = listed.output
      .trim()
      .split('\n')
      .filter((line) => line !== '');
    if (clusters.length > 0 && !force) {
      return refused(
        `these etcd clusters would be deleted, too: ${clusters.join(', ')}. Delete them yourself, or say FORCE=1`,
      );
    }
    if (clusters.length > 0) {
      const deleted = kubectl(['delete', 'etcdclusters', '--all', '--all-namespaces', REMOVAL_TIMEOUT]);
      if (!deleted.ok) {
        return refused(`the etcd clusters are not gone, so the operator stays: ${deleted.complaint}`);
      }
    }
  }
  const kinds = kubectl(LIST_POLICIES);
  if (!kinds.ok) {
    return refused(`whether there are admission policies is unknown: ${kinds.complaint}`);
  }
  // First: they would judge what they no longer know the kinds of.
  const files = [...(knowsPolicies(kinds.output) ? [manifests.admission] : []), manifests.operator];
  const names = files.map((file) => `--filename=${file}`);
  const removed = kubectl(['delete', '--ignore-not-found', REMOVAL_TIMEOUT, ...names]);
  return removed.ok ? { kind: 'done' } : refused(removed.complaint);
}

function refused(why: string): Uninstalled {
  return { kind: 'refused', why };
}
