import { courseOf } from '../../src/decide/course.ts';
import { decide } from '../../src/decide/decide.ts';
import { decideLeave } from '../../src/decide/decide-leave.ts';
import { remember } from '../../src/decide/remember.ts';
import { wantsOf } from '../../src/decide/wants.ts';
import { type EtcdVersion, maxLearnersOf } from '../../src/model/etcd-version.ts';
import { createDnsModel, resolve } from './dns-model.ts';
import { createEtcdModel } from './etcd-state.ts';
import { createEventQueue } from './event-queue.ts';
import { InvariantBroken, type InvariantName } from './invariant.ts';
import { judgeFact } from './judge.ts';
import { createKubeModel } from './kube-state.ts';
import { createNetwork } from './network.ts';
import { createPrng } from './prng.ts';
import { armSync } from './stateful-set.ts';
import type { AgentCode, ShellRules, World, WorldFact } from './world.ts';
import { startWriter } from './writer.ts';

/** The functions as they are shipped. */
export const SHIPPED: AgentCode = { decide, decideLeave, wantsOf, courseOf, remember };

/** The shell as it is shipped. */
export const SHIPPED_SHELL: ShellRules = {
  comparesBeforeSwap: true,
  addsLearners: true,
  looksAfterTimeout: true,
  believesOnlyQuorums: true,
  believesOnlyOwnCluster: true,
  mindsStandstills: true,
};

/** What a world is made of. */
export type WorldOptions = {
  readonly seed: number;
  readonly version: EtcdVersion;
  readonly replicas: number;
  /** Raft entries per client write. */
  readonly writeWeight: number;
  readonly writeEveryMs: number;
  readonly code: AgentCode;
  readonly shell: ShellRules;
  readonly trace?: (line: string) => void;
  /** Breaches of other invariants are let pass, to see what they lead to; all are judged when left out. */
  readonly judges?: readonly InvariantName[];
};

function judgeUnlessExcused(
  world: World,
  fact: WorldFact,
  judges: readonly InvariantName[] | undefined,
): void {
  try {
    judgeFact(world, fact);
  } catch (error) {
    if (!(error instanceof InvariantBroken) || judges === undefined || judges.includes(error.invariant)) {
      throw error;
    }
  }
}

/** A world in which a set of `replicas` was just created and never formed. */
export function createWorld(options: WorldOptions): World {
  const { version } = options;
  const record = {
    phase: 'Unformed',
    clusterUid: 'set-1',
    generation: 1,
    maxLearners: maxLearnersOf(version),
  } as const;
  const dns = createDnsModel();
  const world: World = {
    nowMs: 0,
    steps: 0,
    random: createPrng(options.seed),
    queue: createEventQueue(),
    network: createNetwork(),
    trace: options.trace,
    etcd: createEtcdModel(version, options.writeWeight),
    addressOf: (_node, ordinal) => resolve(dns, ordinal),
    kube: createKubeModel(options.replicas, record),
    dns,
    code: options.code,
    shell: options.shell,
    version,
    judge: (fact) => judgeUnlessExcused(world, fact, options.judges),
    agentCrashes: 0,
    actions: 0,
    isLossAllowed: false,
    isHealed: false,
    writer: { acknowledged: 0, attempted: 0, isOn: true },
  };
  armSync(world);
  startWriter(world, options.writeEveryMs);
  return world;
}
