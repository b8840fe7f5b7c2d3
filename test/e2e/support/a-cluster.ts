/** An EtcdCluster under test, handled as people handle theirs. */

import { randomBytes } from 'node:crypto';
import type { EtcdClusterStatus } from '../../../src/api/cluster-status.ts';
import type { EtcdCluster, EtcdClusterSpec } from '../../../src/api/etcd-cluster.ts';
import type { Ground, Space } from './ground.ts';
import { PATIENCE_MS } from './namespace-view.ts';
import type { PodView } from './pod-view.ts';
import { secured, userSecretOf } from './security-mode.ts';
import { type Wanted, whyNotSettled } from './settled.ts';

export type TestCluster = {
  readonly ground: Ground;
  readonly space: Space;
  readonly name: string;
  /** Its object as last seen. @throws Error when there is none */
  readonly object: () => EtcdCluster;
  readonly status: () => EtcdClusterStatus;
  readonly pods: () => readonly PodView[];
  /** The Pod that leads, by the status. @throws Error while none does */
  readonly leader: () => string;
  /** `kubectl patch --type=merge` of the spec. */
  readonly edit: (spec: SpecPatch) => Promise<void>;
  /** `kubectl wait --for=…`. */
  readonly waitFor: (condition: string, seconds: number) => Promise<void>;
  /** Resolves once status, Pods and members are as wanted, and says nothing is under way; in ms it took. */
  readonly untilSettled: (wanted: Wanted, patienceMs?: number) => Promise<number>;
};

/** Fields of the spec; null removes one. */
export type SpecPatch = { readonly [field in keyof EtcdClusterSpec]?: EtcdClusterSpec[field] | null };

export type ClusterWish = {
  readonly spec?: EtcdClusterSpec;
  readonly name?: string;
  /** The first of the ground unless given. */
  readonly space?: Space;
  readonly annotations?: Readonly<Record<string, string>>;
};

/** Small: nothing here writes much. */
const STORAGE = { size: '1Gi' };

/** Applies an EtcdCluster with `kubectl apply`. */
export async function applyCluster(ground: Ground, wish: ClusterWish): Promise<TestCluster> {
  const { space = ground.space, name = 'demo', spec = {} } = wish;
  const full = secured(spec, name, ground.facts.security);
  if (full.security?.auth?.enabled === true) {
    await giveUserPassword(space, name);
  }
  await space.kubectl.must(['apply', '-f', '-'], { input: manifestOf({ ...wish, spec: full }) });
  const cluster = clusterOf(ground, space, name);
  await space.view.until(`EtcdCluster ${name} is there`, () => space.view.cluster(name));
  return cluster;
}

/** The manifest that `applyCluster` applies. */
export function manifestOf({ name = 'demo', spec = {}, annotations }: ClusterWish): string {
  return JSON.stringify({
    apiVersion: 'etcd.etcd.io/v1alpha1',
    kind: 'EtcdCluster',
    metadata: { name, ...(annotations === undefined ? {} : { annotations }) },
    spec: { storage: STORAGE, ...spec },
  });
}

/** For the user that the tests' own programs are; a cluster that is applied once more keeps it. */
export async function giveUserPassword(space: Space, cluster: string): Promise<void> {
  const secret = {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: userSecretOf(cluster) },
    stringData: { password: randomBytes(12).toString('hex') },
  };
  const found = await space.kubectl.run(['get', 'secret', userSecretOf(cluster)]);
  if (found.code !== 0) {
    await space.kubectl.must(['create', '-f', '-'], { input: JSON.stringify(secret) });
  }
}

function clusterOf(ground: Ground, space: Space, name: string): TestCluster {
  const { view, kubectl } = space;
  const object = (): EtcdCluster => {
    const found = view.cluster(name);
    if (found === undefined) {
      throw new Error(`there is no EtcdCluster ${name}\n${view.describe()}`);
    }
    return found;
  };
  const untilSettled = async (wanted: Wanted, patienceMs = PATIENCE_MS): Promise<number> => {
    const startedMs = performance.now();
    let why: string | undefined;
    const what = `${name} is settled at size ${wanted.size}`;
    try {
      await view.until(
        what,
        () => {
          why = whyNotSettled(view.cluster(name), view.pods(name), wanted);
          return why === undefined;
        },
        patienceMs,
      );
    } catch (error) {
      throw new Error(`${name} is not settled at size ${wanted.size}: ${why}`, { cause: error });
    }
    return performance.now() - startedMs;
  };
  return {
    ground,
    space,
    name,
    object,
    status: () => object().status ?? {},
    pods: () => view.pods(name),
    leader: () => {
      const { leader } = object().status ?? {};
      if (leader === undefined) {
        throw new Error(`nobody leads ${name}\n${view.describe()}`);
      }
      return leader;
    },
    edit: async (spec) => {
      const patch = JSON.stringify({ spec });
      await kubectl.must(['patch', 'etcdcluster', name, '--type=merge', '-p', patch]);
      await untilEdited(ground, space, name, spec);
    },
    waitFor: async (condition, seconds) => {
      const flags = [`--for=${condition}`, `--timeout=${seconds}s`];
      const { code, stderr } = await kubectl.run(['wait', `etcdcluster/${name}`, ...flags], {
        timeoutMs: seconds * 1_500,
      });
      if (code !== 0) {
        throw new Error(`${name} is not ${condition}: ${stderr.trim()}\n${view.describe()}`);
      }
    },
    untilSettled,
  };
}

/** What is seen lags behind what was written: without this, a cluster would seem settled before it begins. */
async function untilEdited(
  ground: Ground,
  { view, namespace }: Space,
  name: string,
  spec: SpecPatch,
): Promise<void> {
  const text = await ground.kubectl.must([
    'get',
    '-n',
    namespace,
    'etcdcluster',
    name,
    '-o',
    'jsonpath={.metadata.generation}',
  ]);
  const generation = Number(text);
  await view.until(
    `${name} is seen as edited (${JSON.stringify(spec)})`,
    () => (view.cluster(name)?.metadata.generation ?? 0) >= generation,
  );
}
