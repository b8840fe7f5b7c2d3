import { schedule } from './base-world.ts';
import { isServing, write } from './etcd-calls.ts';
import type { EtcdProc } from './etcd-state.ts';
import { isCurrent } from './kubelet.ts';
import { CLIENT_NODE, canDial } from './network.ts';
import { podOfAddress, type World } from './world.ts';

/** A client that writes again and again to whoever it reaches; what it was told is done must last. */
export function startWriter(world: World, everyMs: number): void {
  const turn = (): void => {
    if (world.writer.isOn) {
      writeOnce(world);
    }
    schedule(world, world.random.between(everyMs >> 1, everyMs * 2), 'client writes', turn);
  };
  schedule(world, everyMs, 'client writes', turn);
}

function writeOnce(world: World): void {
  const reached = world.etcd.procs.filter((proc) => isServing(proc) && isEndpoint(world, proc));
  if (reached.length > 0) {
    world.writer.attempted += 1;
    write(world, world.random.pick(reached), () => {
      world.writer.acknowledged += 1;
    });
  }
}

/** The client Service leads to Pods that the API knows. */
function isEndpoint(world: World, proc: EtcdProc): boolean {
  const pod = podOfAddress(world, proc.address);
  return pod !== undefined && isCurrent(world, pod) && canDial(world.network, CLIENT_NODE, proc.node);
}
