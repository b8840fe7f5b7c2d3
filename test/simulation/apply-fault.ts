import { assertNever } from '../../src/model/assert-never.ts';
import { note, schedule } from './base-world.ts';
import { continueEtcd, exitEtcd, pauseEtcd } from './etcd-exit.ts';
import type { DataDir } from './etcd-log.ts';
import { disturb } from './etcd-state.ts';
import { describeFault, type Fault } from './fault.ts';
import { addForeignMember } from './foreign-cluster.ts';
import { changeApi } from './kube-api.ts';
import type { Pod } from './kube-state.ts';
import { crashNode, killAgent, killEtcd, killPod } from './kubelet.ts';
import { CLIENT_NODE, NODES_MAX, setCut } from './network.ts';
import { mayLoseDisk } from './recovery.ts';
import { deletePod, deleteSet, forceDeletePod, replaceVolume, setReplicas } from './stateful-set.ts';
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
      applyToAll(world, fault);
      return;
    default:
      applyToOne(world, fault, guardsDisks);
  }
}

type FaultOfAll = Extract<
  Fault,
  {
    kind:
      | 'split'
      | 'api-outage'
      | 'dns-outage'
      | 'record-deleted'
      | 'lost-answers'
      | 'stale-api'
      | 'agent-crashes';
  }
>;
type FaultOfOne = Extract<Fault, { readonly ordinal: number }>;

function applyToAll(world: World, fault: FaultOfAll): void {
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
  const { record, recordVersion } = world.kube.api;
  changeApi(world, { record: null, recordVersion: recordVersion + 1 });
  until(() => {
    if (world.kube.api.record === null) {
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

function applyToOne(world: World, fault: FaultOfOne, guardsDisks: boolean): void {
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

type FaultOfKind<K extends Fault['kind']> = Extract<Fault, { readonly kind: K }>;

function strikeProcess(
  world: World,
  pod: Pod,
  fault: FaultOfKind<
    'kill-etcd' | 'kill-agent' | 'kill-leader' | 'crash-node' | 'pause-etcd' | 'pause-agent'
  >,
): void {
  switch (fault.kind) {
    case 'kill-etcd':
      killEtcd(world, pod, 'SIGKILL');
      return;
    case 'kill-agent':
      killAgent(world, pod);
      return;
    case 'kill-leader': {
      const leading = world.kube.pods.find(
        (other) => other.etcd.kind === 'serving' && other.etcd.proc.isLeader,
      );
      if (leading !== undefined) {
        killEtcd(world, leading, 'SIGKILL');
      }
      return;
    }
    case 'crash-node':
      crashNode(world, pod, fault.forMs);
      return;
    case 'pause-etcd':
      pauseFor(world, pod, fault.forMs);
      return;
    case 'pause-agent':
      if (pod.agent !== undefined) {
        pod.agent.pausedUntilMs = world.nowMs + fault.forMs;
      }
  }
}

function pauseFor(world: World, pod: Pod, forMs: number): void {
  const { etcd } = pod;
  if (etcd.kind === 'serving') {
    const { proc } = etcd;
    pauseEtcd(world, proc);
    schedule(world, forMs, 'SIGCONT', () => continueEtcd(world, proc));
  } else if (etcd.kind === 'booting') {
    const { boot } = etcd;
    boot.isPaused = true;
    schedule(world, forMs, 'SIGCONT', () => {
      boot.isPaused = false;
    });
  }
}

function forceDelete(world: World, pod: Pod, fault: FaultOfKind<'force-delete'>, guardsDisks: boolean): void {
  if (fault.volume === 'lost') {
    if (guardsDisks && !mayLoseDisk(world, pod.ordinal)) {
      return;
    }
    replaceVolume(world, pod.ordinal);
  }
  world.kube.isVolumeShared = fault.volume === 'shared';
  forceDeletePod(world, pod.ordinal, fault.forMs);
}

function strikeVolume(
  world: World,
  pod: Pod,
  fault: FaultOfKind<'lose-disk' | 'damage-data' | 'damage-marker' | 'unreadable-volume' | 'roll-back-disk'>,
  guardsDisks: boolean,
): void {
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

function loseDisk(world: World, pod: Pod, how: FaultOfKind<'lose-disk'>['how']): void {
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

function strikeLinks(
  world: World,
  pod: Pod,
  fault: FaultOfKind<
    | 'isolate'
    | 'deaf'
    | 'mute'
    | 'slow'
    | 'api-cut'
    | 'dns-hidden'
    | 'dns-frozen'
    | 'dns-astray'
    | 'foreign-answers'
  >,
): void {
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
