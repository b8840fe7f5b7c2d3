import { schedule } from './base-world.ts';
import type { DataDir } from './etcd-log.ts';
import type { FaultOf } from './fault.ts';
import type { Pod, Volume } from './kube-state.ts';
import { killEtcd, killPod } from './kubelet.ts';
import { mayLoseDisk } from './recovery.ts';
import { forceDeletePod, replaceVolume } from './stateful-set.ts';
import type { World } from './world.ts';

/** What can be done to a Pod's volume. */
type VolumeFault = FaultOf<
  'lose-disk' | 'damage-data' | 'damage-marker' | 'unreadable-volume' | 'roll-back-disk'
>;

/** With `guardsDisks`, data is lost only while a majority keeps its own. */
export function strikeVolume(world: World, pod: Pod, fault: VolumeFault, guardsDisks: boolean): void {
  const { volume } = pod;
  switch (fault.kind) {
    case 'lose-disk':
      if (!guardsDisks || mayLoseDisk(world, pod.ordinal)) {
        loseDisk(world, pod, fault.how);
      }
      return;
    case 'damage-data':
      if (volume.data !== null && (!guardsDisks || mayLoseDisk(world, pod.ordinal))) {
        volume.data.damage = fault.damage;
        forgetLog(volume, fault.damage);
        killEtcd(world, pod, 'its data is damaged');
      }
      return;
    case 'damage-marker':
      if (world.kube.api.record?.phase === 'Formed') {
        volume.isMarkerDamaged = volume.marker !== null;
        volume.marker = null;
      }
      return;
    case 'unreadable-volume':
      volume.isReadable = false;
      killEtcd(world, pod, 'its volume cannot be read');
      schedule(world, fault.forMs, 'volume is readable', () => {
        volume.isReadable = true;
      });
      return;
    case 'roll-back-disk':
      rollBack(world, pod, fault.forMs);
  }
}

/** A log that was ever noted as clean does not get old again. */
function forgetLog(volume: Volume, damage: FaultOf<'damage-data'>['damage']): void {
  if (damage === 'too-old' && volume.marker !== null) {
    const { logCleanFor: _noted, ...marker } = volume.marker;
    volume.marker = marker;
  }
}

function loseDisk(world: World, pod: Pod, how: FaultOf<'lose-disk'>['how']): void {
  if (how === 'new-volume') {
    replaceVolume(world, pod.ordinal);
    forceDeletePod(world, pod.ordinal, 0);
    killPod(world, pod);
    return;
  }
  pod.volume.data = null;
  if (how === 'wiped') {
    pod.volume.marker = null;
    pod.volume.isMarkerDamaged = false;
  }
  killEtcd(world, pod, 'its disk is lost');
}

/** What lies there now comes back `forMs` later, in place of what was written since. */
function rollBack(world: World, pod: Pod, forMs: number): void {
  const { data } = pod.volume;
  if (data === null) {
    return;
  }
  const copy: DataDir = { ...data, log: data.log.slice() };
  schedule(world, forMs, 'disk is put back', () => {
    if (!world.isHealed && pod.volume.data?.key === copy.key && pod.stage === 'running') {
      world.isLossAllowed = true;
      pod.volume.data = copy;
      killEtcd(world, pod, 'its disk is put back');
    }
  });
}
