/** The part of a pass that is about encryption: where the cluster stands, and whether its certificates are there. */
import type { EtcdVersion } from '../../model/etcd-version.ts';
import { labelsOf } from '../../resources/labels.ts';
import { objectNamesOf } from '../../resources/names.ts';
import { ownerReferenceOf } from '../../resources/object-metadata.ts';
import type { TlsBlueprint } from '../../resources/tls.ts';
import type { AuthorityStep } from '../certificates/authority-plan.ts';
import type { CertificateKeeper, CertificatesOf, Keeping } from '../certificates/certificate-keeper.ts';
import type { OperatorIdentities } from '../certificates/operator-identities.ts';
import type { Obstacle } from '../certificates/secret-shelf.ts';
import { freshStatus } from '../plan/member-health.ts';
import type { ObservedCluster } from '../plan/observed-cluster.ts';
import { needsNoCertificates, planTls, type TlsPlan } from '../plan/plan-tls.ts';
import type { TlsObstacle, TlsOutlook } from '../plan/tls-outlook.ts';
import { gapsOf } from '../plan/wholeness.ts';
import type { ClusterSight } from './cluster-sight.ts';

export type KeepCertificatesDeps = {
  readonly certificates: CertificateKeeper;
  readonly identities: OperatorIdentities;
  readonly clusterDomain: string;
  /** Where the operator's own Pods are; for the command that lets it write Secrets. */
  readonly operatorNamespace: string | undefined;
};

export type TlsKept = {
  readonly outlook: TlsOutlook;
  /** For Pods that are made now; undefined for plain text. */
  readonly blueprint: TlsBlueprint | undefined;
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
  const plan = planTls({
    security: observed.cluster.spec.security,
    template: observed.statefulSet?.tls ?? null,
    isSettled: isSettled(observed),
  });
  if (needsNoCertificates(plan)) {
    return { outlook: outlookOf(plan), blueprint: undefined, againAtMs: undefined };
  }
  const { issuerRef, caSecret, certificateSecret } = observed.cluster.spec.security?.tls ?? {};
  if (issuerRef !== undefined || (caSecret !== undefined && certificateSecret === undefined)) {
    return {
      outlook: { ...outlookOf(plan), obstacle: UNKNOWN_SOURCE },
      blueprint: undefined,
      againAtMs: undefined,
    };
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
  return {
    outlook: { ...outlookOf(plan), rotation: rotationText(keeping.step) },
    blueprint: blueprintOf(plan, sight, keeping),
    againAtMs: keeping.againAtMs,
  };
}

const UNKNOWN_SOURCE: TlsObstacle = {
  reason: 'TLSUnavailable',
  message:
    'spec.security.tls names an issuer or an authority that shall sign, which comes with a later release. Nothing is started in plain text in its place: remove issuerRef and caSecret, or name certificateSecret beside caSecret.',
};

/** Every member serves as it was made to, under the URL it is listed with. */
function isSettled(observed: ObservedCluster): boolean {
  const { statefulSet, pods } = observed;
  return (
    statefulSet !== undefined &&
    statefulSet.updateRevision !== null &&
    pods.every(({ revision }) => revision === statefulSet.updateRevision) &&
    gapsOf(observed).length === 0
  );
}

function outlookOf(plan: TlsPlan): TlsOutlook {
  return { ...plan, obstacle: undefined, rotation: undefined };
}

function certificatesOf(
  { clusterDomain }: KeepCertificatesDeps,
  { name, namespace, uid, observed }: ClusterSight,
  version: EtcdVersion,
): CertificatesOf {
  const { security } = observed.cluster.spec;
  const tls = security?.tls ?? {};
  const labels = labelsOf({ name, version, isManaged: true }, 'database');
  return {
    names: objectNamesOf(name),
    namespace,
    clusterDomain,
    tls,
    issues: tls.certificateSecret === undefined ? 'all' : 'agents',
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

function blueprintOf(
  { mode }: TlsPlan,
  { observed }: ClusterSight,
  { trust }: Extract<Keeping, { kind: 'kept' }>,
): TlsBlueprint | undefined {
  if (mode.client === 'plain' && mode.peer === 'plain') {
    return undefined;
  }
  const { certificateSecret, caSecret } = observed.cluster.spec.security?.tls ?? {};
  return certificateSecret !== undefined && caSecret !== undefined
    ? { ...mode, certificates: { certificateSecret, caSecret }, trust: undefined }
    : { ...mode, certificates: 'issued', trust };
}

function obstacleText(
  { operatorNamespace = 'quorate-system' }: KeepCertificatesDeps,
  { namespace }: ClusterSight,
  obstacle: Obstacle,
): TlsObstacle {
  switch (obstacle.kind) {
    case 'forbidden':
      return {
        reason: 'SecretsForbidden',
        message: `The operator may not keep Secrets in namespace ${namespace}. Let it: kubectl --namespace ${namespace} create rolebinding quorate-operator-secrets --clusterrole=quorate-operator-secrets --serviceaccount=${operatorNamespace}:quorate-operator`,
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

function rotationText(step: AuthorityStep): string | undefined {
  switch (step.kind) {
    case 'create':
      return undefined;
    case 'trust-next':
      return 'members begin to trust the next one';
    case 'sign-with-next':
      return 'certificates of the next one are issued';
    case 'drop-previous':
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
