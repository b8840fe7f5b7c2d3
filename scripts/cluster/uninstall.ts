/** What `make uninstall` does: takes operator and definitions out of the cluster, unless etcd clusters would go with them. */

/** Runs kubectl; its output, or what it complained of. */
export type Kubectl = (
  args: readonly string[],
) => { readonly ok: true; readonly output: string } | { readonly ok: false; readonly complaint: string };

export type Uninstalled = { readonly kind: 'done' } | { readonly kind: 'refused'; readonly why: string };

const DEFINITION = 'customresourcedefinition/etcdclusters.etcd.etcd.io';
/** Pods end within their grace period, a minute by default; some come after others. */
const REMOVAL_TIMEOUT = '--timeout=300s';

/**
 * Deletes what `manifest` names. Definitions take their objects along, and an EtcdCluster waits for an operator to
 * let it go: so clusters are deleted first, and only with `force`. That they cannot be listed does not mean that
 * there are none.
 */
export function uninstall(kubectl: Kubectl, manifest: string, force: boolean): Uninstalled {
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
  const removed = kubectl(['delete', '--ignore-not-found', REMOVAL_TIMEOUT, '--filename', manifest]);
  return removed.ok ? { kind: 'done' } : refused(removed.complaint);
}

function refused(why: string): Uninstalled {
  return { kind: 'refused', why };
}
