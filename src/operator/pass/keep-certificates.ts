/** The part of a pass that is about encryption: where the cluster stands, and whether its certificates are there. */
import type { EtcdVersion } from '../../model/etcd-version.ts';
import { labelsOf } from '../../resources/labels.ts';
import { memberHostOf, objectNamesOf, podNameOf } from '../../resources/names.ts';
import { ownerReferenceOf } from '../../resources/object-metadata.ts';
import type { TlsBlueprint } from '../../resources/tls-mode.ts';
import { type AuthorityStep, CLIENTS_MS } from '../certificates/authority-plan.ts';
import type { CertificateKeeper, CertificatesOf, Keeping, Kept } from '../certificates/certificate-keeper.ts';
import type { OperatorIdentities } from '../certificates/operator-identities.ts';
import type { TrustStep } from '../certificates/trust-plan.ts';
import { certifiedUsers } from '../certificates/wanted-leaves.ts';
import type { SecretsAccess } from '../operator-config.ts';
import { mayAuthBeOn } from '../plan/auth-outlook.ts';
import { freshStatus } from '../plan/member-health.ts';
import type { ObservedCluster } from '../plan/observed-cluster.ts';
import { wantedSize } from '../plan/plan-size.ts';
import { needsNoCertificates, planTls, type TlsPlan } from '../plan/plan-tls.ts';
import type { TlsObstacle, TlsOutlook } from '../plan/tls-outlook.ts';
import { gapsOf, ordinalsOf } from '../plan/wholeness.ts';
import type { ClusterSight } from './cluster-sight.ts';

export type KeepCertificatesDeps = {
  readonly certificates: CertificateKeeper;
  readonly identities: OperatorIdentities;
  readonly clusterDomain: string;
  /** For the command that lets it keep Secrets. */
  readonly secretsAccess: SecretsAccess | undefined;
};

export type TlsKept = {
  readonly outlook: TlsOutlook;
  /** For Pods that are made now; undefined where none may be made, since they would have to do without. */
  readonly blueprint: TlsBlueprint | 'plain' | undefined;
  readonly againAtMs: number | undefined;
};

/** A new word in it asks for another authority. */
const ROTATE_ANNOTATION = 'etcd.etcd.io/rotate-authority';

export async function keepCertificates(
  deps: KeepCertificatesDeps,
  sight: ClusterSight,
  version: EtcdVersion,
  signal: AbortSignal,
): Promise<TlsKept> {
  const { observed } = sight;
  const movedByMs = clientsMovedByMs(observed);
  const plan = planTls({
    security: observed.cluster.spec.security,
    template: observed.statefulSet?.tls ?? null,
    isSettled: isSettled(observed),
    haveClientsHadTime: observed.nowMs >= movedByMs,
    mayAuthBeOn: mayAuthBeOn(observed),
  });
  if (needsNoCertificates(plan)) {
    return { outlook: outlookOf(plan), blueprint: 'plain', againAtMs: undefined };
  }
  const keeping = await deps.certificates.keep(certificatesOf(deps, sight, version), signal);
  if (keeping.kind !== 'kept') {
    return {
      outlook: { ...outlookOf(plan), obstacle: obstacleText(deps, sight, keeping) },
      blueprint: undefined,
      againAtMs: undefined,
    };
  }
  await deps.identities.take(sight.key, keeping.authorities);
  const { expiries, obstacle } = keeping;
  return {
    outlook: { ...outlookOf(plan), obstacle, rotation: rotationText(keeping), expiries },
    blueprint: blueprintOf(plan, keeping),
    againAtMs: plan.isForClients ? Math.min(movedByMs, keeping.againAtMs) : keeping.againAtMs,
  };
}

/** Until when clients may take that speak one of the two that every member takes since the last Pod was made. */
function clientsMovedByMs({ pods }: ObservedCluster): number {
  return Math.max(...pods.map(({ createdAtMs }) => createdAtMs), 0) + CLIENTS_MS;
}

/** Every member serves as it was made to, under the URL it is listed with. */
export function isSettled(observed: ObservedCluster): boolean {
  const { statefulSet, pods } = observed;
  return (
    statefulSet !== undefined &&
    statefulSet.updateRevision !== null &&
    pods.every(({ revision }) => revision === statefulSet.updateRevision) &&
    gapsOf(observed).length === 0
  );
}

function outlookOf(plan: TlsPlan): TlsOutlook {
  return { ...plan, obstacle: undefined, rotation: undefined, expiries: [] };
}

function certificatesOf(
  { clusterDomain }: KeepCertificatesDeps,
  { name, namespace, uid, observed }: ClusterSight,
  version: EtcdVersion,
): CertificatesOf {
  const names = objectNamesOf(name);
  const labels = labelsOf({ name, version, isManaged: true }, 'database');
  return {
    names,
    namespace,
    clusterDomain,
    tls: observed.cluster.spec.security?.tls ?? {},
    hosts: ordinalsOf(wantedSize(observed)).map((ordinal) =>
      memberHostOf(names, podNameOf(name, ordinal), namespace, clusterDomain),
    ),
    users: certifiedUsers(observed.cluster.spec.security ?? {}),
    request: observed.cluster.metadata.annotations?.[ROTATE_ANNOTATION] ?? '',
    statuses: observed.pods.map((pod) => freshStatus(observed, pod)),
    metadataOf: (secret) => ({
      name: secret,
      namespace,
      labels,
      ownerReferences: [ownerReferenceOf(name, uid)],
    }),
  };
}

function blueprintOf({ mode }: TlsPlan, { trust, authorities }: Kept): TlsBlueprint | 'plain' {
  const { client, peer } = trust;
  return mode.client === 'plain' && mode.peer === 'plain'
    ? 'plain'
    : { ...mode, trust: { client, peer }, isPeerNamed: authorities.given === undefined };
}

/** What people are told of an obstacle. */
export function obstacleText(
  { secretsAccess }: Pick<KeepCertificatesDeps, 'secretsAccess'>,
  { namespace }: Pick<ClusterSight, 'namespace'>,
  obstacle: Exclude<Keeping, Kept>,
): TlsObstacle {
  switch (obstacle.kind) {
    case 'source':
      return obstacle;
    case 'forbidden':
      return {
        reason: 'SecretsForbidden',
        message: `The operator may not keep Secrets in namespace ${namespace}. Let it: ${bindingText(namespace, secretsAccess)}`,
      };
    case 'name-taken':
      return {
        reason: 'NameTaken',
        message: `Secret ${obstacle.secret} exists and was not made for this cluster, so it is not touched. Remove it, or give the cluster another name.`,
      };
    case 'failed':
      return {
        reason: 'CertificatesDelayed',
        message: `The certificates could not be kept (${obstacle.why}); tried again.`,
      };
  }
}

/** How to let the operator in; as a command, where it knows by which names. */
function bindingText(namespace: string, access: SecretsAccess | undefined): string {
  return access === undefined
    ? 'give whoever it runs as a Role there with the verbs get, create and update on secrets.'
    : `kubectl --namespace ${namespace} create rolebinding ${access.clusterRole} --clusterrole=${access.clusterRole} --serviceaccount=${access.serviceAccount}`;
}

function rotationText({ step, trustStep }: Kept): string | undefined {
  const texts = [stepText(step), stepText(trustStep)].filter((text) => text !== undefined);
  return texts.length === 0 ? undefined : texts.join('; ');
}

function stepText(step: AuthorityStep | TrustStep): string | undefined {
  switch (step.kind) {
    case 'create':
    case 'begin':
      return undefined;
    case 'trust-next':
    case 'trust-both':
      return 'members begin to trust the next one';
    case 'sign-with-next':
    case 'show':
      return 'members get certificates of the next one';
    case 'drop-previous':
    case 'trust-wanted':
      return 'members cease to trust the previous one';
    case 'rest':
      return step.waitingFor === undefined ? undefined : WAITS[step.waitingFor];
  }
}

const WAITS = {
  TrustLoaded: 'waiting until every member has started with what is to be trusted',
  LeavesTaken: 'waiting until every member shows its new certificate',
  Clients: 'giving clients time to take up what is to be trusted',
} as const;
