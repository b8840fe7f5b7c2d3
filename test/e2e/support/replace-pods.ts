import type { TestCluster } from './a-cluster.ts';

/**
 * Deletes Pods by one command, with their claims if `claims` says so; resolves once others have their names. A claim
 * goes when its Pod has gone.
 */
export async function replacePods(
  { space, name: cluster }: TestCluster,
  names: readonly string[],
  how: { readonly claims?: boolean } = {},
): Promise<void> {
  const { view, kubectl } = space;
  const before = new Map(view.pods().map(({ name, uid }) => [name, uid]));
  if (how.claims === true) {
    await kubectl.must(['delete', 'pvc', '--wait=false', ...names.map((name) => `data-${name}`)]);
  }
  await kubectl.must(['delete', 'pod', '--wait=false', ...names]);
  await view.until(`other Pods of ${cluster} are called ${names.join(', ')}`, () =>
    names.every((name) => {
      const pod = view.pod(name);
      return pod !== undefined && pod.uid !== before.get(name);
    }),
  );
}
