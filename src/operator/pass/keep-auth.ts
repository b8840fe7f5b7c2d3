/** The part of a pass that is about etcd's authentication: whom to ask, and what came of it. */
import type { EtcdVersion } from '../../model/etcd-version.ts';
import { labelsOf } from '../../resources/labels.ts';
import { objectNamesOf } from '../../resources/names.ts';
import { ownerReferenceOf } from '../../resources/object-metadata.ts';
import { PORTS } from '../../resources/ports.ts';
import type { AuthEnd, AuthKeeper, AuthMember, AuthOf } from '../auth/auth-keeper.ts';
import type { EventRecorder } from '../events/event-recorder.ts';
import { authEvents } from '../plan/auth-events.ts';
import { type AuthOutlook, isAuthAnnounced, isAuthWanted, mayAuthBeOn } from '../plan/auth-outlook.ts';
import { clusterIdOf } from '../plan/formation.ts';
import { isHealthyVoter, isMember, leaderIdOf } from '../plan/member-health.ts';
import type { ObservedCluster } from '../plan/observed-cluster.ts';
import type { ClusterSight } from './cluster-sight.ts';
import { isSettled, type KeepCertificatesDeps, obstacleText } from './keep-certificates.ts';

export type KeepAuthDeps = {
  readonly keeper: AuthKeeper;
  readonly encryption: Pick<KeepCertificatesDeps, 'identities' | 'clusterDomain' | 'secretsAccess'>;
  readonly events: EventRecorder;
};

export type AuthKept = {
  /** Undefined where nobody could be asked. */
  readonly outlook: AuthOutlook | undefined;
  readonly againAtMs: number | undefined;
};

/** Asks nobody where authentication is off and is to be. */
export async function keepAuth(
  deps: KeepAuthDeps,
  sight: ClusterSight,
  version: EtcdVersion,
  signal: AbortSignal,
): Promise<AuthKept> {
  const { observed, namespace, name, uid } = sight;
  if (!isAuthWanted(observed) && !mayAuthBeOn(observed)) {
    return { outlook: { kind: 'off' }, againAtMs: undefined };
  }
  const clusterId = clusterIdOf(observed);
  const members = membersToAsk(deps, sight);
  if (clusterId === undefined || members.length === 0) {
    return { outlook: undefined, againAtMs: undefined };
  }
  if (isAuthWanted(observed) && !isAuthAnnounced(observed)) {
    // Who turns it on may be gone before he says so, and the next one has to know that it may be on: status comes first.
    return { outlook: { kind: 'held' }, againAtMs: observed.nowMs };
  }
  const { end, changes, againAtMs } = await deps.keeper.keep(
    authOf(deps, sight, version, clusterId, members),
    signal,
  );
  const { apiVersion, kind } = observed.cluster;
  for (const event of authEvents(changes)) {
    deps.events.record({ apiVersion, kind, namespace, name, uid }, event);
  }
  return { outlook: outlookOf(deps, sight, end), againAtMs };
}

function authOf(
  { encryption: { identities } }: KeepAuthDeps,
  { key, namespace, name, uid, observed }: ClusterSight,
  version: EtcdVersion,
  clusterId: string,
  members: readonly AuthMember[],
): AuthOf {
  const { auth } = observed.cluster.spec.security ?? {};
  const labels = labelsOf({ name, version, isManaged: true }, 'database');
  const ownerReferences = [ownerReferenceOf(name, uid)];
  return {
    key,
    namespace,
    names: objectNamesOf(name),
    clusterId,
    members,
    auth: isAuthWanted(observed) ? auth : undefined,
    mayEnable: mayEnable(observed),
    metadataOf: (secret) => ({ name: secret, namespace, labels, ownerReferences }),
    identity: () => identities.asRoot(key),
  };
}

/** From then on whoever has no certificate is nobody. */
function mayEnable(observed: ObservedCluster): boolean {
  return observed.statefulSet?.tls.client === 'tls' && isSettled(observed);
}

/** Healthy voters that take a certificate, the leader first: others would pass changes on to it. */
function membersToAsk(
  { encryption: { clusterDomain } }: KeepAuthDeps,
  { namespace, name, observed }: ClusterSight,
): readonly AuthMember[] {
  const leaderId = leaderIdOf(observed);
  const { peerService } = objectNamesOf(name);
  return observed.pods
    .filter((pod) => pod.tls.client !== 'plain' && isHealthyVoter(observed, pod))
    .toSorted((a, b) => Number(isMember(observed, b, leaderId)) - Number(isMember(observed, a, leaderId)))
    .flatMap(({ name: pod, podIP }) =>
      podIP === undefined
        ? []
        : [
            {
              clientUrl: clientUrlOf(`${pod}.${peerService}.${namespace}.svc.${clusterDomain}`),
              dialUrl: clientUrlOf(podIP.includes(':') ? `[${podIP}]` : podIP),
            },
          ],
    );
}

function clientUrlOf(host: string): string {
  return `https://${host}:${PORTS.client}`;
}

function outlookOf({ encryption }: KeepAuthDeps, sight: ClusterSight, end: AuthEnd): AuthOutlook | undefined {
  switch (end.kind) {
    case 'unknown':
      return undefined;
    case 'forbidden':
    case 'name-taken':
      return { kind: 'hindered', obstacle: obstacleText(encryption, sight, end) };
    default:
      return end;
  }
}
