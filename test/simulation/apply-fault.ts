import { assertNever } from '../../src/model/assert-never.ts';
import { note, schedule } from './base-world.ts';
import { describeFault, type Fault, type FaultOf } from './fault.ts';
import type { Pod } from './kube-state.ts';
import { recreate } from './old-data.ts';
import { mayLoseDisk } from './recovery.ts';
import { deletePod, deleteSet, forceDeletePod, replaceVolume, setReplicas } from './stateful-set.ts';
import { strikeAll } from './strike-all.ts';
import { strikeLinks } from './strike-links.ts';
import { strikeProcess } from './strike-process.ts';
import { strikeVolume } from './strike-volume.ts';
import type { World } from './world.ts';

/** Plans `fault` for its instant. With `guardsDisks`, a disk is lost only while a majority keeps its own. */
export function planFault(world: World, fault: Fault, guardsDisks: boolean): void {
  schedule(world, fault.atMs, `fault ${fault.kind}`, () => {
    if (world.isHealed) {
      return;
    }
    note(world, () => `*** ${describeFault(fault).trim()}`);
    apply(world, fault, guardsDisks);
  });
}

function apply(world: World, fault: Fault, guardsDisks: boolean): void {
  switch (fault.kind) {
    case 'scale':
      setReplicas(world, fault.replicas);
      return;
    case 'delete-set':
      deleteSet(world);
      return;
    case 'recreate':
      recreate(world, fault.record);
      return;
    case 'delete-all-pods':
      for (const pod of world.kube.pods.slice()) {
        deletePod(world, pod.ordinal);
      }
      return;
    case 'split':
    case 'api-outage':
    case 'dns-outage':
    case 'record-deleted':
    case 'lost-answers':
    case 'stale-api':
    case 'agent-crashes':
      strikeAll(world, fault);
      return;
    default:
      strikeOne(world, fault, guardsDisks);
  }
}

function strikeOne(
  world: World,
  fault: Extract<Fault, { readonly ordinal: number }>,
  guardsDisks: boolean,
): void {
  const pod = world.kube.pods.find((candidate) => candidate.ordinal === fault.ordinal);
  if (pod === undefined) {
    return;
  }
  switch (fault.kind) {
    case 'kill-etcd':
    case 'kill-agent':
    case 'kill-leader':
    case 'crash-node':
    case 'pause-etcd':
    case 'pause-agent':
    case 'inactive-peer':
      strikeProcess(world, pod, fault);
      return;
    case 'delete-pod':
      deletePod(world, pod.ordinal);
      return;
    case 'force-delete':
      forceDelete(world, pod, fault, guardsDisks);
      return;
    case 'lose-disk':
    case 'damage-data':
    case 'damage-marker':
    case 'unreadable-volume':
    case 'roll-back-disk':
      strikeVolume(world, pod, fault, guardsDisks);
      return;
    case 'isolate':
    case 'deaf':
    case 'mute':
    case 'slow':
    case 'api-cut':
    case 'dns-hidden':
    case 'dns-frozen':
    case 'dns-astray':
    case 'foreign-answers':
      strikeLinks(world, pod, fault);
      return;
    default:
      assertNever(fault);
  }
}

function forceDelete(world: World, pod: Pod, fault: FaultOf<'force-delete'>, guardsDisks: boolean): void {
  if (fault.volume === 'lost') {
    if (guardsDisks && !mayLoseDisk(world, pod.ordinal)) {
      return;
    }
    replaceVolume(world, pod.ordinal);
  }
  world.kube.isVolumeShared = fault.volume === 'shared';
  forceDeletePod(world, pod.ordinal, fault.forMs);
}
