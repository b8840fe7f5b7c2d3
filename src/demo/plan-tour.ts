import { quorumOf } from '../model/member.ts';
import { ORDINAL_MAX } from '../model/naming.ts';
import type { MemberStep, Step } from './step.ts';

/** A cluster of fewer voters loses its majority, and with it the data, when one disk is lost. */
const SIZE_MIN_TO_LOSE_A_DISK = 3;

/**
 * The tour that is run when nobody asks for another: two members more, two kinds of damage, two fewer,
 * down to one, back, to sleep, back, and a restart of everything.
 */
export function defaultSteps(size: number): readonly Step[] {
  const base = Math.max(size, SIZE_MIN_TO_LOSE_A_DISK);
  const other = base + 2 <= ORDINAL_MAX + 1 ? base + 2 : base - 2;
  return [
    { kind: 'form', text: 'form' },
    scaleTo(other),
    { kind: 'kill', container: 'etcd', who: 'leader', text: 'kill:leader' },
    { kind: 'wipe', who: 'follower', text: 'wipe:follower' },
    scaleTo(base),
    scaleTo(1),
    scaleTo(base),
    { kind: 'scale', replicas: 0, text: 'hibernate' },
    scaleTo(base),
    { kind: 'roll', text: 'roll' },
  ];
}

function scaleTo(replicas: number): Step {
  return { kind: 'scale', replicas, text: `scale:${replicas}` };
}

/**
 * Checks that every step makes sense on the cluster the steps before it leave behind, one that begins with
 * `size` members; puts `form` in front where it is missing. `invalid` is one sentence for people.
 */
export function planTour(
  steps: readonly Step[],
  size: number,
): readonly Step[] | { readonly invalid: string } {
  const tour: readonly Step[] =
    steps[0]?.kind === 'form' ? steps : [{ kind: 'form', text: 'form' }, ...steps];
  let before: Sizes = { now: size, awake: size };
  for (const [index, step] of tour.entries()) {
    const problem = problemOf(step, index, before);
    if (problem !== undefined) {
      return { invalid: `step ${index + 1}, "${step.text}": ${problem}.` };
    }
    before = sizesAfter(before, step);
  }
  return tour;
}

/** The size that wakes the cluster up which `steps` leave behind, with all members it then has. */
export function awakeSizeAfter(steps: readonly Step[], size: number): number {
  return steps.reduce<Sizes>(sizesAfter, { now: size, awake: size }).awake;
}

type Sizes = {
  readonly now: number;
  /** Also while the cluster hibernates: how many members it has. */
  readonly awake: number;
};

function sizesAfter(before: Sizes, step: Step): Sizes {
  if (step.kind !== 'scale') {
    return before;
  }
  return { now: step.replicas, awake: step.replicas === 0 ? before.awake : step.replicas };
}

function problemOf(step: Step, index: number, { now: size, awake }: Sizes): string | undefined {
  switch (step.kind) {
    case 'form':
      return index === 0 ? undefined : 'a cluster forms only once, so form can only be the first step';
    case 'scale':
      return size === 0 && step.replicas > 0 && step.replicas < quorumOf(awake)
        ? `the cluster hibernates with ${awake} members then, and needs ${quorumOf(awake)} of them to wake up`
        : undefined;
    case 'wait':
      return undefined;
    case 'roll':
      return size === 0 ? ASLEEP : undefined;
    default:
      return problemOfMember(step, size);
  }
}

const ASLEEP = 'the cluster has no members then; scale it up first';

function problemOfMember(step: MemberStep, size: number): string | undefined {
  if (size === 0) {
    return ASLEEP;
  }
  if (typeof step.who === 'number' && step.who >= size) {
    return `the cluster has the members 0 to ${size - 1} then`;
  }
  if (step.who === 'follower' && size === 1) {
    return 'the only member then is the leader';
  }
  return step.kind === 'wipe' && size < SIZE_MIN_TO_LOSE_A_DISK
    ? `of ${size} disks none can be lost without losing the data; scale to ${SIZE_MIN_TO_LOSE_A_DISK} first`
    : undefined;
}
