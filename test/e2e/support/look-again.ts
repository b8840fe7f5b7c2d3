import type { TestCluster } from './a-cluster.ts';

/** What is given is looked at once a minute, and whenever the object changes while something is amiss. */
export async function lookAgain(cluster: TestCluster, why: string): Promise<void> {
  const flags = ['--overwrite', `quorate.test/look=${why.replaceAll(/[^a-z]+/gi, '-')}`];
  await cluster.space.kubectl.must(['annotate', 'etcdcluster', cluster.name, ...flags]);
}
