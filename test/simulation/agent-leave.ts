/** The preStop hook, a second loop in the agent's process. */
import type { LeaveAsked, LeaveVerdict } from '../../src/decide/leave-verdict.ts';
import type { EtcdId } from '../../src/model/member.ts';
import { callEtcd } from './agent-call.ts';
import { localEtcdOf, readIntent, selfOf } from './agent-look.ts';
import { survey } from './agent-look-voters.ts';
import { agentStep } from './agent-loop.ts';
import { evidenceOf } from './agent-perform.ts';
import type { Agent } from './agent-state.ts';
import { note } from './base-world.ts';
import { isServing } from './etcd-calls.ts';
import type { Evidence } from './etcd-log.ts';
import { indexAt, procOf } from './etcd-state.ts';
import { GRACE_MS } from './kubelet.ts';
import type { World } from './world.ts';

const LOOK_AGAIN_MS = 20;
const LOOK_AGAIN_MS_MAX = 100;
const REFUSED_MS = 500;
const ASKING_MS_MAX = 20;

/** Runs the hook; `done` is its HTTP answer, which never comes when the agent dies. */
export function runLeaveHook(world: World, agent: Agent, done: () => void): void {
  const calledAtMs = world.nowMs;
  agent.isLeaving = true;
  const finish = (): void => {
    agent.isLeaving = false;
    done();
  };
  let asked: LeaveAsked = { handedOver: false, leavingSinceMs: null };
  const turn = (pauseMs: number): void => {
    const next = (delayMs: number): void => {
      agentStep(world, agent, delayMs, 'leave: look', () => turn(Math.min(pauseMs * 2, LOOK_AGAIN_MS_MAX)));
    };
    lookAndDecide(world, agent, calledAtMs, asked, (verdict, evidence) => {
      note(
        world,
        () => `m${agent.pod.ordinal} preStop: ${verdict.kind} ${verdict.reason}: ${verdict.message}`,
      );
      switch (verdict.kind) {
        case 'stay':
          finish();
          return;
        case 'already-gone':
          noteRemoved(agent, verdict.memberId);
          finish();
          return;
        case 'look-again':
          next(pauseMs);
          return;
        case 'move-leader':
          asked = { ...asked, handedOver: true };
          leaveCall(world, agent, verdict, evidence, () => next(1));
          return;
        case 'leave':
          asked = { ...asked, leavingSinceMs: asked.leavingSinceMs ?? world.nowMs };
          leaveCall(world, agent, verdict, evidence, (isDone) => {
            if (isDone) {
              noteRemoved(agent, verdict.memberId);
              finish();
            } else {
              next(REFUSED_MS);
            }
          });
      }
    });
  };
  turn(LOOK_AGAIN_MS);
}

/** Written before the hook answers; an agent that dies before has noted nothing. */
function noteRemoved({ pod: { volume } }: Agent, memberId: EtcdId): void {
  if (volume.isReadable && volume.marker !== null) {
    volume.marker = { ...volume.marker, removedMember: memberId };
  }
}

type Verdict = (verdict: LeaveVerdict, evidence: Evidence) => void;

function lookAndDecide(
  world: World,
  agent: Agent,
  calledAtMs: number,
  asked: LeaveAsked,
  decided: Verdict,
): void {
  const lookedBefore = agent.lookedAtMs;
  agent.lookedAtMs = world.nowMs;
  agent.looks += 1;
  const intent = readIntent(world, agent);
  const evidence = evidenceOf(agent, 'preStop');
  agent.lookedAtMs = lookedBefore;
  const etcd = localEtcdOf(world, agent);
  agentStep(world, agent, world.random.between(1, ASKING_MS_MAX), 'leave: ask', () => {
    const { ordinal } = agent.pod;
    const clusterId = etcd.kind === 'running' ? etcd.status.clusterId : null;
    const voters =
      clusterId === null ? ({ kind: 'unasked' } as const) : survey(world, agent, [ordinal], clusterId, true);
    const verdict = world.code.decideLeave({
      nowMs: world.nowMs,
      calledAtMs,
      deadlineMs: calledAtMs + GRACE_MS / 2,
      self: selfOf(world, agent),
      intent,
      etcd,
      voters,
      raftIndexes: raftIndexes(world, clusterId),
      ...asked,
    });
    agentStep(world, agent, world.random.between(0, 3), 'leave: act', () =>
      decided(verdict, { ...evidence, reason: `preStop ${verdict.reason}` }),
    );
  });
}

function raftIndexes(world: World, clusterId: EtcdId | null): ReadonlyMap<EtcdId, bigint> {
  const indexes = new Map<EtcdId, bigint>();
  for (const proc of world.etcd.procs) {
    if (clusterId !== null && isServing(proc) && procOf(world, clusterId, proc.id) === proc) {
      indexes.set(proc.id, BigInt(indexAt(proc.dir.log, proc.dir.commit)));
    }
  }
  return indexes;
}

function leaveCall(
  world: World,
  agent: Agent,
  verdict: Extract<LeaveVerdict, { kind: 'leave' | 'move-leader' }>,
  evidence: Evidence,
  done: (isDone: boolean) => void,
): void {
  const call =
    verdict.kind === 'leave'
      ? ({ kind: 'remove', id: verdict.memberId } as const)
      : ({ kind: 'move-leader', target: verdict.target } as const);
  const url = verdict.kind === 'leave' ? verdict.voterUrl : verdict.leaderUrl;
  callEtcd(world, agent, url, call, evidence, (outcome) => done(outcome.kind === 'done'));
}
