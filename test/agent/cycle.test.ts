import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { createAgentMetrics } from '../../src/agent/agent-metrics.ts';
import { Cycle } from '../../src/agent/cycle.ts';
import { HashComparison } from '../../src/agent/look/hash-comparison.ts';
import type { Performed } from '../../src/agent/perform.ts';
import { Waker } from '../../src/agent/waker.ts';
import { emptyHistory } from '../../src/decide/remember.ts';
import type { Answer, HashKv, MaintenanceApi } from '../../src/etcd/member-api.ts';
import type { Decision } from '../../src/model/decision.ts';
import { formatFormationRecord } from '../../src/model/formation-record.ts';
import type { MemberView } from '../../src/model/member-view.ts';
import { aMarker, CLUSTER, formed, forming, memberId } from '../support/a-member-view.ts';
import { anObservedAgent } from '../support/an-observed-agent.ts';
import { captureLog } from '../support/captured-log.ts';

/** A waker that never sleeps and notes how long it should have. */
class NotingWaker extends Waker {
  readonly pausesMs: number[] = [];

  override async sleep(ms: number): Promise<void> {
    this.pausesMs.push(ms);
  }
}

type Agent = ReturnType<typeof anObservedAgent>;
type Options = {
  readonly turns: number;
  readonly perform?: (view: MemberView, decision: Decision) => Promise<Performed>;
  /** What happens in the world after the given turn, counted from 1. */
  readonly after?: (turn: number) => void;
  readonly isLeaving?: () => boolean;
  readonly hashes?: Pick<HashComparison, 'check' | 'abandon'>;
};

/** Lets `agent` take so many turns; says what it decided, what it did, and how long it paused. */
async function turn(t: TestContext, agent: Agent, options: Options) {
  const { logger, lines } = captureLog();
  const metrics = createAgentMetrics();
  const waker = new NotingWaker();
  const stop = new AbortController();
  const decided: string[] = [];
  const performed: string[] = [];
  let gateAnswers = 0;
  let turns = 0;
  const cycle = new Cycle({
    clock: agent.clock,
    logger,
    metrics,
    waker,
    observer: agent.observer,
    hashes: options.hashes ?? { check: emptyHistory(0).hashCheck, abandon: () => undefined },
    isLeaving: options.isLeaving ?? (() => false),
    onGateAnswered: () => {
      gateAnswers += 1;
    },
    onDecision: (_view, decision) => {
      decided.push(`${decision.kind} ${decision.reason}`);
    },
    perform: async (view, decision) => {
      performed.push(decision.kind);
      return options.perform?.(view, decision) ?? { kind: 'done' };
    },
  });
  const observe = agent.observer.observe.bind(agent.observer);
  agent.observer.observe = (history, confirming, signal) => {
    if (turns > 0) {
      options.after?.(turns);
    }
    turns += 1;
    if (turns > options.turns) {
      stop.abort();
    }
    return observe(history, confirming, signal);
  };
  await cycle.run(AbortSignal.any([stop.signal, t.signal]));
  return { lines, metrics, decided, performed, gateAnswers, pausesMs: waker.pausesMs };
}

/** Ordinal 0 on an empty, named volume; nothing was ever formed. */
function aFirstMember(...args: readonly [] | readonly [Parameters<typeof anObservedAgent>[2]]): Agent {
  const agent = anObservedAgent(0, 0, args[0]);
  agent.gate.ask();
  agent.volume.putMarker(aMarker({ clusterId: null, clusterUid: null, maxLearners: null }));
  return agent;
}

/** Ordinal 0, which leads `voters` on a volume that knows that its cluster is formed. */
function aLeader(voters: number): Agent {
  const agent = anObservedAgent(0, voters);
  agent.cluster.writeRecord(formatFormationRecord(formed()));
  agent.volume.putMarker(aMarker({ released: true, logCleanFor: 6 }));
  agent.volume.putData(CLUSTER, memberId(0));
  return agent;
}

/** The same, of two voters whose hashes are not told before `answer` is called. */
function aComparingLeader(t: TestContext) {
  const agent = aLeader(2);
  const { promise, resolve } = Promise.withResolvers<Answer<HashKv>>();
  const maintenance: MaintenanceApi = { ...agent.etcd.maintenance, hashKv: () => promise };
  const comparison = new HashComparison({ maintenance, clock: agent.clock, onEnd: () => undefined });
  const perform = async (_view: MemberView, decision: Decision): Promise<Performed> => {
    assert.ok(decision.kind === 'compare-hashes');
    comparison.start(decision.membershipKey, decision.clientUrls, t.signal);
    return { kind: 'done' };
  };
  const answer = () => resolve({ kind: 'answered', value: { hash: 1, revision: 1n, compactRevision: 1n } });
  return { agent, comparison, perform, answer };
}

describe('the loop of an agent', () => {
  it('carries out a destructive decision once it was taken twice', async (t) => {
    const seen = await turn(t, aFirstMember(), { turns: 2 });
    assert.deepEqual(seen.decided, ['claim-seed Unformed', 'claim-seed Unformed']);
    assert.deepEqual(seen.performed, ['claim-seed']);
    assert.deepEqual(seen.pausesMs, [], 'the second look follows at once');
  });

  it('does not carry out a destructive decision whose second view differs', async (t) => {
    const agent = aFirstMember();
    const elsewhere = forming({ ordinal: 1, volumeId: 'volume-9' });
    const seen = await turn(t, agent, {
      turns: 2,
      after: (number) => {
        if (number === 1) {
          agent.cluster.writeRecord(formatFormationRecord(elsewhere));
        }
      },
    });
    assert.deepEqual(seen.decided, ['claim-seed Unformed', 'wait SeedElsewhere']);
    assert.deepEqual(seen.performed, []);
  });

  it('wants a destructive decision anew after it was interrupted by another', async (t) => {
    const agent = aFirstMember();
    const seen = await turn(t, agent, {
      turns: 4,
      after: (number) => agent.cluster.fail(number === 1 ? 'unreachable' : 'not-at-all'),
    });
    assert.deepEqual(seen.decided, [
      'claim-seed Unformed',
      'wait FormationUnknown',
      'claim-seed Unformed',
      'claim-seed Unformed',
    ]);
    assert.deepEqual(seen.performed, ['claim-seed']);
  });

  it('does at most one thing a turn, and looks again at once after it', async (t) => {
    const agent = aFirstMember();
    agent.volume.putMarkerText('garbled');
    const seen = await turn(t, agent, {
      turns: 2,
      perform: async () => {
        agent.volume.putMarker(aMarker({ clusterId: null }));
        return { kind: 'done' };
      },
    });
    assert.deepEqual(seen.decided, ['write-marker NewVolume', 'claim-seed Unformed']);
    assert.deepEqual([seen.performed, seen.pausesMs], [['write-marker'], []]);
  });

  it('pauses after a failure, in every stage, and says what failed', async (t) => {
    const agent = aLeader(1);
    agent.volume.putMarker(aMarker({ released: true, clusterUid: null }));
    const seen = await turn(t, agent, {
      turns: 2,
      perform: async () => ({ kind: 'failed', why: 'The volume refused a write (ENOSPC).' }),
    });
    assert.deepEqual(seen.performed, ['write-marker', 'write-marker']);
    assert.deepEqual(seen.pausesMs, [1_000, 1_000]);
    const warning = seen.lines.find((line) => line['level'] === 'warn');
    assert.equal(warning?.['msg'], 'write-marker failed: The volume refused a write (ENOSPC).');
  });

  it('does not add a pause to a failure that took its time, as a change that raft dropped', async (t) => {
    const agent = aFirstMember();
    const seen = await turn(t, agent, {
      turns: 2,
      perform: async () => {
        agent.clock.advance(1_000);
        return { kind: 'failed', why: 'no answer in time' };
      },
    });
    assert.deepEqual([seen.performed, seen.pausesMs], [['claim-seed'], []]);
  });

  it('pauses after a refusal, as long as it takes to pass', async (t) => {
    const seen = await turn(t, aFirstMember(), {
      turns: 2,
      perform: async () => ({ kind: 'refused', refusal: 'unhealthy-cluster' }),
    });
    assert.deepEqual(seen.pausesMs, [500]);
  });

  it('outlives a turn that throws, and says so', async (t) => {
    const broken = new Error('a bug');
    const agent = aFirstMember({ resolver: { ...NO_RESOLVER, addressesOf: () => Promise.reject(broken) } });
    agent.cluster.writeRecord(formatFormationRecord(formed()));
    const seen = await turn(t, agent, { turns: 3 });
    const errors = seen.lines.filter((line) => line['level'] === 'error');
    assert.deepEqual(
      errors.map((line) => line['msg']),
      ['the turn failed: a bug', 'the turn failed: a bug', 'the turn failed: a bug'],
    );
    assert.deepEqual(seen.pausesMs.slice(0, 3), [1_000, 1_000, 1_000]);
  });

  it('tells the probe that the gate was answered', async (t) => {
    const agent = aFirstMember();
    agent.volume.putData(CLUSTER, memberId(0));
    agent.volume.putMarker(aMarker({ released: true }));
    const seen = await turn(t, agent, { turns: 1, perform: async () => ({ kind: 'answered-gate' }) });
    assert.deepEqual([seen.performed, seen.gateAnswers], [['resume'], 1]);
  });

  it('looks and decides on while hashes are compared, and compares once (a status was 42 s old)', async (t) => {
    const { agent, comparison, perform, answer } = aComparingLeader(t);
    const seen = await turn(t, agent, {
      turns: 4,
      hashes: comparison,
      perform,
      after: (number) => {
        if (number === 3) {
          answer();
        }
      },
    });
    assert.deepEqual(seen.decided.slice(0, 3), [
      'compare-hashes HashesUnverified',
      'settled Serving',
      'settled Serving',
    ]);
    assert.deepEqual(seen.performed, ['compare-hashes']);
  });

  it('gives a comparison of hashes up when it leads no more', async (t) => {
    const { agent, comparison, perform } = aComparingLeader(t);
    await turn(t, agent, { turns: 2, hashes: comparison, perform, after: () => agent.etcd.lead(1) });
    assert.deepEqual([comparison.check.membershipKey, comparison.check.verdict], ['', 'unknown']);
  });

  it('gives a comparison of hashes up when it is told to leave', async (t) => {
    const { agent, comparison, perform } = aComparingLeader(t);
    const isLeaving = () => comparison.check.verdict === 'under-way';
    await turn(t, agent, { turns: 2, hashes: comparison, perform, isLeaving });
    assert.deepEqual([comparison.check.membershipKey, comparison.check.verdict], ['', 'unknown']);
  });

  it('does nothing on a view that it took while the preStop hook still worked', async (t) => {
    let asked = 0;
    const isLeaving = (): boolean => {
      asked += 1;
      return asked === 1;
    };
    const seen = await turn(t, aLeader(1), { turns: 1, isLeaving });
    assert.deepEqual(seen.performed, []);
  });

  it('does nothing but look while the preStop hook works', async (t) => {
    const seen = await turn(t, aLeader(1), { turns: 3, isLeaving: () => true });
    assert.deepEqual([seen.decided.length, seen.performed], [3, []]);
    assert.ok(seen.pausesMs.every((pauseMs) => pauseMs > 0));
  });

  it('notes a change of decision once, in log and metrics, and no repetition', async (t) => {
    const agent = aFirstMember();
    agent.cluster.fail('unreachable');
    const seen = await turn(t, agent, { turns: 3 });
    assert.equal(seen.decided.length, 3);
    const notes = seen.lines.filter((line) => line['decision'] !== undefined);
    assert.deepEqual(
      notes.map(({ decision, reason, stage }) => [decision, reason, stage]),
      [['wait', 'FormationUnknown', 'gated']],
    );
    assert.match(
      await seen.metrics.registry.metrics(),
      /quorate_agent_decisions_total\{decision="wait",reason="FormationUnknown"\} 1/,
    );
  });

  it('slows down while it waits for long', async (t) => {
    const agent = aFirstMember();
    agent.cluster.fail('unreachable');
    const seen = await turn(t, agent, { turns: 4, after: () => agent.clock.advance(20_000) });
    assert.deepEqual(seen.pausesMs.slice(0, 2), [20, 1_000]);
  });

  it('says nothing of a look that was cut short by its end', async (t) => {
    const seen = await turn(t, aFirstMember(), { turns: 0 });
    assert.deepEqual([seen.decided, seen.lines], [[], []]);
  });
});

const NO_RESOLVER = {
  addressesOf: async () => ({ kind: 'no-such-name' }) as const,
  servicesOf: async () => ({ kind: 'no-such-name' }) as const,
  namesOf: async () => ({ kind: 'no-such-name' }) as const,
};
