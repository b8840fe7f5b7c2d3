import type { EventQueue } from './event-queue.ts';
import type { Network } from './network.ts';
import type { Prng } from './prng.ts';

/** Virtual time, chance and the network: what every part of the simulated world stands on. */
export type BaseWorld = {
  nowMs: number;
  steps: number;
  readonly random: Prng;
  readonly queue: EventQueue;
  readonly network: Network;
  /** Where a readable trace goes; undefined when nobody reads one. */
  readonly trace: ((line: string) => void) | undefined;
};

/** Lets `run` happen `delayMs` from now, as a step of its own. */
export function schedule(world: BaseWorld, delayMs: number, name: string, run: () => void): void {
  world.queue.push(world.nowMs + delayMs, name, run);
}

/** Takes one step: the earliest event. False when nothing is left to happen. */
export function step(world: BaseWorld): boolean {
  const event = world.queue.pop();
  if (event === undefined) {
    return false;
  }
  world.nowMs = Math.max(world.nowMs, event.atMs);
  world.steps += 1;
  event.run();
  return true;
}

/** Writes a line of the trace, stamped with virtual time. */
export function note(world: BaseWorld, text: () => string): void {
  world.trace?.(`${(world.nowMs / 1_000).toFixed(3).padStart(9)} s  ${text()}`);
}
