/** A local cluster of the product, with its agents' doings noted. */
import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { MemberWatch } from '../demo/member-watch.ts';
import { type LocalCluster, type LocalClusterOptions, startLocalCluster } from '../local/local-cluster.ts';
import type { BenchGround } from './bench-ground.ts';
import { ClusterTrace } from './cluster-trace.ts';
import { type EtcdAccess, openEtcdAccess } from './etcd-access.ts';
import { untilListed, type Wanted } from './until-listed.ts';

export type ProductCluster = {
  readonly local: LocalCluster;
  readonly trace: ClusterTrace;
  /** Follows events from the first one on; asks agents only once it is started. */
  readonly watch: MemberWatch;
  readonly access: EtcdAccess;
  /** Resolves once the member list, seen through the member of ordinal `through`, is as wanted. */
  readonly untilListed: (wanted: Wanted, through: number, signal: AbortSignal) => Promise<void>;
  /** Leaves nothing behind; safe to call twice. */
  readonly close: () => Promise<void>;
};

/** Starts a new cluster of `size` members; resolves once its processes are being started. */
export async function startProduct(
  ground: BenchGround,
  size: number,
  signal: AbortSignal,
  options: Pick<LocalClusterOptions, 'backOff'> = {},
): Promise<ProductCluster> {
  const trace = new ClusterTrace();
  const watch = new MemberWatch();
  const access = openEtcdAccess();
  const local = await startLocalCluster(
    {
      ...options,
      folder: mkdtempSync(join(ground.folder, PRODUCT_PREFIX)),
      keep: false,
      name: 'bench',
      size,
      etcdVersion: ground.etcdVersion,
      agentEntry: ground.agentEntry,
      // What agents do, and when, is read off their logs.
      agentEnv: { QUORATE_LOG_LEVEL: 'info' },
      onEvent: (event) => {
        trace.noteEvent(event);
        watch.noteEvent(event);
      },
      onAgentLine: (ordinal, line) => trace.noteLine(ordinal, line),
    },
    { findEtcd: () => Promise.resolve(ground.etcdPath), environment: ground.environment },
    signal,
  );
  return {
    local,
    trace,
    watch,
    access,
    untilListed: (wanted, through, limited) => {
      const news = (): ((looking: AbortSignal) => Promise<void>) => {
        const seen = trace.calls;
        return (looking) => trace.until(() => trace.calls > seen, looking);
      };
      return untilListed(access, local.template.names, wanted, through, news, limited);
    },
    close: async () => {
      watch.stop();
      await local.stop();
      await access.close();
    },
  };
}

/** How the state folders of the bench's local clusters begin. */
export const PRODUCT_PREFIX = 'product-';
