import { type EtcdVersion, maxLearnersOf } from '../../src/model/etcd-version.ts';
import type { EtcdId, Member } from '../../src/model/member.ts';
import { step } from '../simulation/base-world.ts';
import { bootEtcd, endBoot } from '../simulation/etcd-boot.ts';
import { changeMembership, linearizableList, type MembershipCall } from '../simulation/etcd-calls.ts';
import { armTimers } from '../simulation/etcd-election.ts';
import { exitEtcd } from '../simulation/etcd-exit.ts';
import { memberIdOf } from '../simulation/etcd-log.ts';
import {
  createEtcdModel,
  type Disk,
  type EtcdBoot,
  type EtcdProc,
  type EtcdWorld,
} from '../simulation/etcd-state.ts';
import { createEventQueue } from '../simulation/event-queue.ts';
import { createNetwork } from '../simulation/network.ts';
import { createPrng } from '../simulation/prng.ts';
import { type Change, type ContractCluster, describeList, type Outcome } from './membership-script.ts';

/** Patience with a start and with a call, in virtual ms. */
const START_MS = 6_000;
const CALL_MS = 1_000;

type Slot = {
  readonly disk: Disk;
  boot: EtcdBoot | undefined;
  proc: EtcdProc | undefined;
  hasEnded: boolean;
};

/** A cluster of modelled etcds of `version`, in virtual time. */
export function createModelCluster(version: EtcdVersion, seed: number): ContractCluster {
  const world: EtcdWorld = {
    nowMs: 0,
    steps: 0,
    random: createPrng(seed),
    queue: createEventQueue(),
    network: createNetwork(),
    trace: undefined,
    etcd: createEtcdModel(version, 1),
    addressOf: (_node, ordinal) => ordinal,
    judge: () => {},
  };
  const slots = Array.from(
    { length: 4 },
    (): Slot => ({ disk: { data: null }, boot: undefined, proc: undefined, hasEnded: true }),
  );
  const slot = (member: number): Slot => slots[member] ?? slotMissing();
  const kill = (member: number): void => {
    const { boot, proc } = slot(member);
    if (boot !== undefined) {
      endBoot(world, boot);
    }
    if (proc?.isAlive === true) {
      exitEtcd(world, proc, 137, 'SIGKILL');
    }
  };
  return {
    start: async (member, as) => {
      const current = slot(member);
      startModel(world, current, member, as, version, slots);
      runUntil(world, () => current.hasEnded || current.proc?.isClientOpen === true, START_MS);
      return current.hasEnded ? 'exits' : current.proc?.isClientOpen === true ? 'serves' : 'waits';
    },
    kill: async (member) => kill(member),
    wipe: async (member) => {
      kill(member);
      slot(member).disk.data = null;
    },
    exits: async (member) => {
      runUntil(world, () => slot(member).hasEnded, START_MS);
      return slot(member).hasEnded;
    },
    change: async (change, via) => {
      const proc = slot(via).proc;
      return proc === undefined ? 'unknown' : askModel(world, proc, change);
    },
    list: async () => {
      const members = listOf(world);
      if (members === undefined) {
        runUntil(world, () => false, CALL_MS);
      }
      return describeList(members, memberNumber);
    },
    leader: async () => {
      runUntil(world, () => leaderOf(world) !== undefined, START_MS);
      return leaderOf(world)?.ordinal ?? 0;
    },
    wait: async (ms) => runUntil(world, () => false, ms),
    [Symbol.asyncDispose]: async () => {},
  };
}

function slotMissing(): never {
  throw new Error('no such member');
}

function startModel(
  world: EtcdWorld,
  slot: Slot,
  member: number,
  as: 'seed' | 'joiner',
  version: EtcdVersion,
  slots: readonly Slot[],
): void {
  const listed = listOf(world) ?? world.etcd.procs[0]?.dir.membership.members ?? [];
  slot.hasEnded = false;
  slot.proc = undefined;
  slot.boot = bootEtcd(
    world,
    {
      ordinal: member,
      address: member,
      node: member,
      disk: slot.disk,
      maxLearners: maxLearnersOf(version),
      peerUrl: urlOf(member),
      ordinalOf: (url) => slots.findIndex((_slot, other) => urlOf(other) === url),
      onServing: (proc) => {
        slot.proc = proc;
        slot.boot = undefined;
      },
      onExit: () => {
        slot.hasEnded = true;
      },
    },
    as === 'seed'
      ? { kind: 'seed', token: 'contract' }
      : { kind: 'join', peerUrls: listed.map(({ peerUrls: [url = ''] }) => url) },
  );
}

function urlOf(member: number): string {
  return `http://m${member}:2380`;
}

function memberNumber(member: Member): number {
  return Number(/m([0-9])/.exec(member.peerUrls[0] ?? '')?.[1]);
}

function listOf(world: EtcdWorld): readonly Member[] | undefined {
  for (const proc of world.etcd.procs) {
    const list = linearizableList(world, proc);
    if (list !== undefined) {
      return list;
    }
  }
  return undefined;
}

function leaderOf(world: EtcdWorld): EtcdProc | undefined {
  return world.etcd.procs.find((proc) => proc.isLeader && linearizableList(world, proc) !== undefined);
}

function askModel(world: EtcdWorld, proc: EtcdProc, change: Change): Outcome {
  let outcome: Outcome | undefined;
  changeMembership(world, proc, callOf(world, change), null, (answer) => {
    outcome = answer.kind === 'refused' ? answer.refusal : answer.kind;
  });
  runUntil(world, () => outcome !== undefined, CALL_MS);
  return outcome ?? 'unknown';
}

function callOf(world: EtcdWorld, change: Change): MembershipCall {
  const idOf = (member: number): EtcdId =>
    listOf(world)?.find((candidate) => memberNumber(candidate) === member)?.id ?? memberIdOf('nobody', '');
  switch (change.do) {
    case 'add-learner':
    case 'add-voter':
      return { kind: change.do, peerUrl: urlOf(change.member) };
    case 'promote':
    case 'remove':
      return { kind: change.do, id: idOf(change.member) };
    case 'update-url':
      return { kind: 'update-url', id: idOf(change.member), peerUrl: urlOf(change.to) };
    case 'move-leader':
      return { kind: 'move-leader', target: idOf(change.to) };
  }
}

function runUntil(world: EtcdWorld, isOver: () => boolean, forMs: number): void {
  const deadlineMs = world.nowMs + forMs;
  // Something due at the deadline itself, so that time does not run past it.
  world.queue.push(deadlineMs, 'deadline', () => {});
  while (!isOver() && world.nowMs < deadlineMs && step(world)) {
    if (world.etcd.isDisturbed) {
      armTimers(world);
    }
  }
}
