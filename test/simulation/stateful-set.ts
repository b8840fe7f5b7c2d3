/** The StatefulSet controller: Parallel, Retain, highest ordinals go (Kubernetes 1.29+). */
import { note, schedule } from './base-world.ts';
import { changeApi, changeApiPod } from './kube-api.ts';
import type { Pod, Volume } from './kube-state.ts';
import { killPod, startPod, terminatePod } from './kubelet.ts';
import type { World } from './world.ts';

/** Nodes 0 to 8 are the ordinals' own; a Pod that cannot be there goes to its second node. */
const SECOND_NODE = 10;

export function setReplicas(world: World, replicas: number): void {
  note(world, () => `user sets replicas ${world.kube.api.replicas} -> ${replicas}`);
  changeApi(world, { replicas });
  armSync(world);
}

/** `kubectl delete statefulset`, cascading. */
export function deleteSet(world: World): void {
  note(world, () => 'user deletes the set');
  changeApi(world, { isSetDeleting: true });
  armSync(world);
}

export function armSync(world: World): void {
  if (world.kube.isSyncArmed) {
    return;
  }
  world.kube.isSyncArmed = true;
  schedule(world, world.random.between(20, 300), 'set controller', () => {
    world.kube.isSyncArmed = false;
    sync(world);
  });
}

function sync(world: World): void {
  const { api } = world.kube;
  const wanted = api.isSetDeleting ? 0 : api.replicas;
  for (let ordinal = api.pods.length - 1; ordinal >= 0; ordinal--) {
    const pod = api.pods[ordinal] ?? null;
    if (ordinal < wanted && pod === null) {
      createPod(world, ordinal);
    } else if (ordinal >= wanted && pod !== null && !pod.isDeleting) {
      deletePod(world, ordinal);
    }
  }
}

function createPod(world: World, ordinal: number): void {
  const { kube } = world;
  const volume = kube.volumes[ordinal] ?? replaceVolume(world, ordinal);
  const isNodeTaken = kube.pods.some((other) => other.node === ordinal);
  const pod: Pod = {
    uid: `uid-${kube.nextKey++}`,
    clusterUid: kube.api.setUid,
    ordinal,
    address: kube.nextKey++,
    node: isNodeTaken && !kube.isVolumeShared ? ordinal + SECOND_NODE : ordinal,
    volume,
    stage: 'pending',
    agent: undefined,
    etcd: { kind: 'down' },
    agentStarts: 0,
    etcdStarts: 0,
    onGone: undefined,
  };
  note(world, () => `Pod m${ordinal} ${pod.uid} is created on node ${pod.node}, volume ${volume.key}`);
  kube.pods.push(pod);
  changeApiPod(world, ordinal, { uid: pod.uid, address: pod.address, isRunning: false, isDeleting: false });
  startPod(world, pod);
}

/** A new, empty volume for `ordinal`; what was on the old one is gone. */
export function replaceVolume(world: World, ordinal: number): Volume {
  const volume: Volume = {
    key: world.kube.nextKey++,
    ordinal,
    data: null,
    place: undefined,
    marker: null,
    isMarkerDamaged: false,
    isReadable: true,
    quarantine: [],
  };
  world.kube.volumes[ordinal] = volume;
  return volume;
}

/** A graceful deletion: scale-in, drain, eviction, rollout, `kubectl delete pod`. */
export function deletePod(world: World, ordinal: number): void {
  const api = world.kube.api.pods[ordinal] ?? null;
  const pod = world.kube.pods.find((candidate) => candidate.uid === api?.uid);
  if (api === null || api.isDeleting || pod === undefined) {
    return;
  }
  note(world, () => `Pod m${ordinal} ${api.uid} is being deleted`);
  changeApiPod(world, ordinal, { ...api, isDeleting: true });
  terminatePod(world, pod, () => removeObject(world, pod));
}

/** `--force --grace-period=0`: the object goes at once, the processes stay for a while. */
export function forceDeletePod(world: World, ordinal: number, lingerMs: number): void {
  const api = world.kube.api.pods[ordinal] ?? null;
  const pod = world.kube.pods.find((candidate) => candidate.uid === api?.uid);
  if (pod === undefined) {
    return;
  }
  note(world, () => `Pod m${ordinal} ${pod.uid} is force-deleted; its processes linger ${lingerMs} ms`);
  removeObject(world, pod);
  schedule(world, lingerMs, 'kubelet kills', () => killPod(world, pod));
}

function removeObject(world: World, pod: Pod): void {
  if (world.kube.api.pods[pod.ordinal]?.uid === pod.uid) {
    changeApiPod(world, pod.ordinal, null);
  }
  unpublish(world, pod);
  armSync(world);
}

function unpublish(world: World, pod: Pod): void {
  schedule(world, world.random.between(50, 800), 'DNS', () => {
    if (world.dns.published[pod.ordinal] === pod.address && !world.dns.frozen.has(pod.ordinal)) {
      world.dns.published[pod.ordinal] = undefined;
    }
  });
}
