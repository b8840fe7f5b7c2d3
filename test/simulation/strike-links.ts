import { assertNever } from '../../src/model/assert-never.ts';
import { schedule } from './base-world.ts';
import { exitEtcd } from './etcd-exit.ts';
import { disturb } from './etcd-state.ts';
import type { FaultOf } from './fault.ts';
import { addForeignMember } from './foreign-cluster.ts';
import type { Pod } from './kube-state.ts';
import { NODES_MAX, setCut } from './network.ts';
import type { World } from './world.ts';

/** What can be done to a Pod's links, to the API and by name. */
type LinkFault = FaultOf<
  | 'isolate'
  | 'deaf'
  | 'mute'
  | 'slow'
  | 'api-cut'
  | 'dns-hidden'
  | 'dns-frozen'
  | 'dns-astray'
  | 'foreign-answers'
>;

/** Cuts, delays and false names, each for a while. */
export function strikeLinks(world: World, pod: Pod, fault: LinkFault): void {
  const { network, kube, dns } = world;
  const { node, ordinal } = pod;
  const { kind } = fault;
  const until = (undo: () => void): void => schedule(world, fault.forMs, `${fault.kind} ends`, undo);
  switch (kind) {
    case 'isolate':
    case 'deaf':
    case 'mute':
      cutNode(world, node, kind, true);
      until(() => cutNode(world, node, kind, false));
      return;
    case 'slow':
      network.slow[node] = 1;
      until(() => {
        network.slow[node] = 0;
      });
      return;
    case 'api-cut':
      kube.apiCutFrom.add(node);
      until(() => kube.apiCutFrom.delete(node));
      return;
    case 'dns-hidden':
      dns.hidden.add(ordinal);
      until(() => dns.hidden.delete(ordinal));
      return;
    case 'dns-frozen':
      dns.frozen.add(ordinal);
      until(() => thaw(world, ordinal));
      return;
    case 'dns-astray':
      if (world.etcd.boots.length > 0) {
        // A name that begins to mislead within the tenth of a second of a first start is beyond anybody's check.
        return;
      }
      dns.frozen.add(ordinal);
      dns.published[ordinal] = world.kube.api.pods[fault.to]?.address;
      until(() => thaw(world, ordinal));
      return;
    case 'foreign-answers':
      answerForeign(world, ordinal, until);
      return;
    default:
      assertNever(kind);
  }
}

/** A clone of another cluster's member answers under the name of `ordinal` (F35). */
function answerForeign(world: World, ordinal: number, until: (undo: () => void) => void): void {
  const foreign = addForeignMember(world, ordinal);
  world.dns.frozen.add(ordinal);
  world.dns.published[ordinal] = foreign.address;
  until(() => {
    exitEtcd(world, foreign, 0, 'the clone is gone');
    thaw(world, ordinal);
  });
}

/** The name follows the Pod again. */
export function thaw(world: World, ordinal: number): void {
  if (world.dns.frozen.delete(ordinal)) {
    world.dns.published[ordinal] = world.kube.api.pods[ordinal]?.address;
  }
}

function cutNode(world: World, node: number, kind: 'isolate' | 'deaf' | 'mute', isCut: boolean): void {
  for (let other = 0; other < NODES_MAX; other++) {
    if (kind !== 'mute') {
      setCut(world.network, other, node, isCut, world.nowMs);
    }
    if (kind !== 'deaf') {
      setCut(world.network, node, other, isCut, world.nowMs);
    }
  }
  disturb(world);
}
