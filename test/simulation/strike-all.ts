import { assertNever } from '../../src/model/assert-never.ts';
import { schedule } from './base-world.ts';
import { disturb } from './etcd-state.ts';
import type { FaultOf } from './fault.ts';
import { changeApi } from './kube-api.ts';
import { CLIENT_NODE, NODES_MAX, setCut } from './network.ts';
import type { World } from './world.ts';

/** What everybody feels. */
type CommonFault = FaultOf<
  'split' | 'api-outage' | 'dns-outage' | 'record-deleted' | 'lost-answers' | 'stale-api' | 'agent-crashes'
>;

/** The API, DNS, the network in two, or agents that die at any step, each for a while. */
export function strikeAll(world: World, fault: CommonFault): void {
  const { kube, dns } = world;
  const until = (undo: () => void): void => schedule(world, fault.forMs, `${fault.kind} ends`, undo);
  switch (fault.kind) {
    case 'split':
      splitNetwork(world, fault.side, true);
      until(() => splitNetwork(world, fault.side, false));
      return;
    case 'api-outage':
      kube.isApiDown = true;
      until(() => {
        kube.isApiDown = false;
      });
      return;
    case 'dns-outage':
      dns.isDown = true;
      until(() => {
        dns.isDown = false;
      });
      return;
    case 'record-deleted':
      deleteRecord(world, until);
      return;
    case 'lost-answers':
      kube.lostAnswers = fault.probability;
      until(() => {
        kube.lostAnswers = 0;
      });
      return;
    case 'stale-api':
      // While the cluster forms an old record may at worst hold it up; afterwards it must do no harm.
      kube.staleMs = kube.api.record?.phase === 'Formed' ? fault.staleMs : 0;
      until(() => {
        kube.staleMs = 0;
      });
      return;
    case 'agent-crashes':
      world.agentCrashes = fault.probability;
      until(() => {
        world.agentCrashes = 0;
      });
      return;
    default:
      assertNever(fault);
  }
}

/** Somebody deletes the ConfigMap; the operator, which knows what it said, writes it anew. */
function deleteRecord(world: World, until: (undo: () => void) => void): void {
  const { record, recordVersion, setUid } = world.kube.api;
  changeApi(world, { record: null, recordVersion: recordVersion + 1 });
  until(() => {
    if (world.kube.api.record === null && world.kube.api.setUid === setUid) {
      changeApi(world, { record, recordVersion: world.kube.api.recordVersion + 1 });
    }
  });
}

/** Nodes whose bit is set in `side` on one shore, the others and the clients on the other. */
function splitNetwork(world: World, side: number, isCut: boolean): void {
  const isThere = (node: number): boolean => node !== CLIENT_NODE && ((side >> (node % 10)) & 1) === 1;
  for (let from = 0; from < NODES_MAX; from++) {
    for (let to = 0; to < NODES_MAX; to++) {
      if (isThere(from) !== isThere(to)) {
        setCut(world.network, from, to, isCut, world.nowMs);
      }
    }
  }
  disturb(world);
}
