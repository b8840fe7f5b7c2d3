/**
 * What one agent does next, out of what it sees. Pure: no clock, no I/O, no memory but the view's.
 *
 *                      etcd asks at the gate
 *                               │
 *        ┌──────────────┬───────┴────────┬──────────────────┐
 *     own data      empty volume    foreign or          unreadable or
 *        │              │           removed data        unknown data
 *        │         ┌────┴─────┐          │                  │
 *        │     Unformed     Formed   set-data-aside       wait
 *        │         │          │      (then: empty)     (loudly, never wipe)
 *        │     claim-seed  join-as-learner
 *        │         │       remove-lost-identity
 *        │         │          │
 *      resume     seed    start-joined        ◀── the only three ways etcd starts
 *        └─────────┴──────────┘
 *                  │
 *          running: seal ▸ catch up ▸ promote-self ▸ settled (the leader keeps house)
 *
 * The first row that matches wins. Unknown is never read as absent: where a fact is missing, the row
 * says `wait` and why. Rules and their sources: docs/SPEC.md.
 */
import type { Decision } from '../model/decision.ts';
import type { FormationRecord } from '../model/formation-record.ts';
import type { LocalEtcd } from '../model/local-etcd.ts';
import type { Marker } from '../model/marker.ts';
import type { MemberView } from '../model/member-view.ts';
import type { Volume } from '../model/volume.ts';
import { decideForming, decideUnformed } from './at-gate-forming.ts';
import { decideJoining } from './at-gate-joining.ts';
import { decideUnreadableData, decideWithData } from './at-gate-with-data.ts';
import { stayOut, wait } from './because.ts';
import { markerOf, sawItFormed } from './ownership.ts';
import { decideRunning } from './running.ts';

/** The next decision for the agent whose view this is. */
export function decide(view: MemberView): Decision {
  const { volume, etcd } = view;
  if (etcd.kind === 'running') {
    return decideRunning(view, etcd);
  }
  if (volume.kind === 'unreadable') {
    return waitForVolume(volume);
  }
  if (etcd.kind === 'absent') {
    return wait(
      'gated',
      'EtcdNotAsking',
      'etcd neither runs nor asks for its configuration; waiting for its container.',
    );
  }
  if (etcd.kind === 'gate-unusable') {
    return wait('gated', 'GateUnusable', `etcd cannot ask for its configuration: ${etcd.why}.`);
  }
  if (etcd.kind === 'unresponsive') {
    return wait(
      'gated',
      'EtcdUnresponsive',
      'etcd lives but no longer answers its agent: it is stopping, or stuck.',
    );
  }
  if (etcd.kind === 'starting') {
    return decideStarting(etcd);
  }
  return superseded(view) ?? portTaken(etcd) ?? certificatesUnusable(view) ?? decideAtGate(view, volume);
}

function waitForVolume({ why, holdsData }: Extract<Volume, { kind: 'unreadable' }>): Decision {
  return wait(
    'gated',
    'VolumeUnreadable',
    holdsData === true
      ? `What counts on the volume cannot be told (${why}); touching nothing. Leave the one that counts and move the others off the volume.`
      : `The volume cannot be read (${why}); touching nothing. Check its mount and permissions.`,
  );
}

function decideStarting(etcd: Extract<LocalEtcd, { kind: 'starting' }>): Decision {
  if (!etcd.alive) {
    return wait('starting', 'EtcdStarting', 'etcd was let start and does not answer yet.');
  }
  // A voter fed by a snapshot repeats its lost registration only after 7 s (measured on 3.5 to 3.7).
  return etcd.hasLeader
    ? wait(
        'starting',
        'ClientPortShut',
        'etcd has joined and follows a leader; it opens its client port within seconds.',
      )
    : wait('starting', 'QuorumLost', 'etcd is up and waits for a quorum of its members; changing nothing.');
}

/** Two Pods can claim one ordinal after a forced deletion; the one the API does not know stays down (F16). */
function superseded(view: MemberView): Decision | undefined {
  const ownPod = view.intent.known ? view.intent.value.ownPod : undefined;
  return ownPod !== undefined && ownPod !== null && ownPod.uid !== view.self.podUid
    ? wait(
        'gated',
        'PodSuperseded',
        `The API knows Pod ${ownPod.uid} under this name, and this is ${view.self.podUid}; not starting a second one.`,
      )
    : undefined;
}

/** etcd could only fail again, and not for anything that is on the volume. */
function portTaken(etcd: Extract<LocalEtcd, { kind: 'at-gate' }>): Decision | undefined {
  return etcd.takenPort === undefined
    ? undefined
    : wait(
        'gated',
        'PortTaken',
        `etcd has to listen on ${etcd.takenPort}, and another program does. End that program, or give etcd another port.`,
      );
}

/** etcd would end at once, or stand alone among members that do not take what it shows. What runs, runs on. */
function certificatesUnusable({ certificates }: MemberView): Decision | undefined {
  return certificates.kind === 'unusable'
    ? wait(
        'gated',
        'CertificatesUnusable',
        `The certificates of this member cannot be used (${certificates.why}); etcd is started once they can be. Nothing is started in plain text in their place.`,
      )
    : undefined;
}

function decideAtGate(view: MemberView, volume: Extract<Volume, { kind: 'readable' }>): Decision {
  switch (volume.wal.kind) {
    case 'present':
      return decideWithData(view, volume.wal);
    case 'unreadable':
      return decideUnreadableData(view, volume.wal);
    case 'none':
      return decideEmpty(view);
  }
}

function decideEmpty(view: MemberView): Decision {
  if (!view.record.known || view.record.value === 'absent') {
    const why = view.record.known ? 'the formation record is absent' : view.record.why;
    return wait(
      'gated',
      'FormationUnknown',
      `The volume is empty and ${why}; whether this cluster was ever formed is unknown.`,
    );
  }
  const { record, resourceVersion } = view.record.value;
  if (record.phase === 'Blocked') {
    return wait('gated', 'FormationBlocked', record.message);
  }
  if (!view.intent.known) {
    return wait(
      'gated',
      'IntentUnknown',
      `The volume is empty and the wanted size is unknown (${view.intent.why}).`,
    );
  }
  if (view.intent.value.ownPod === null) {
    return wait(
      'gated',
      'PodSuperseded',
      'The volume is empty and the API knows no Pod of this name: this one was deleted, and its successor joins.',
    );
  }
  if (view.self.ordinal >= view.intent.value.replicas || view.intent.value.statefulSetDeleting) {
    return stayOut(
      'ScaledAway',
      `The cluster is scaled to ${view.intent.value.replicas}; ordinal ${view.self.ordinal} has nothing to join.`,
    );
  }
  const marker = markerOf(view);
  if (marker === undefined) {
    return nameToJoin(view, record) ?? nameVolume(view);
  }
  if (record.phase === 'Formed') {
    return decideJoining(view, record, marker);
  }
  if (sawItFormed(marker, record)) {
    return wait(
      'gated',
      'FormationUnknown',
      `This volume saw cluster ${marker.clusterId} formed and is empty now, while the record says ${record.phase}: what was read is old, or the record was reset by hand. Not seeding over that cluster.`,
    );
  }
  return record.phase === 'Unformed'
    ? decideUnformed(view, record, resourceVersion, marker)
    : decideForming(view, record, resourceVersion, marker);
}

const NEW_VOLUME: Omit<Marker, 'volumeId'> = {
  clusterUid: null,
  generation: 1,
  maxLearners: null,
  clusterId: null,
  intent: { kind: 'none' },
  released: false,
};

/** A new volume whose member is to join gets its name and its intent by one write, which saves a look. */
function nameToJoin(view: MemberView, record: FormationRecord): Decision | undefined {
  if (record.phase !== 'Formed' || view.volume.kind !== 'readable' || view.volume.marker.kind !== 'none') {
    return undefined;
  }
  const decision = decideJoining(view, record, { ...NEW_VOLUME, volumeId: '' });
  return decision.kind === 'write-marker' ? decision : undefined;
}

/** A volume without a readable marker is new to us, whatever it was before: it gets a name of its own. */
function nameVolume(view: MemberView): Decision {
  const finding = view.volume.kind === 'readable' ? view.volume.marker : undefined;
  const marker = NEW_VOLUME;
  return {
    kind: 'write-marker',
    stage: 'gated',
    reason: 'NewVolume',
    message:
      finding?.kind === 'invalid'
        ? `The marker on this empty volume does not parse (${finding.why}); treating the volume as new.`
        : 'This volume is new and empty; giving it a name.',
    marker,
  };
}
