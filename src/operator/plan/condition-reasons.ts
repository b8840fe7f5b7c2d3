/**
 * Every reason of a condition that is the operator's own word; `docs/operations.md` explains each. Beside them
 * stand words that are quoted: of agents (`docs/errors.md`), of kubelets and of Kubernetes' controllers.
 */
export const CONDITION_REASONS = [
  // All is well, or on its way
  'QuorumServes',
  'AsWanted',
  'Settled',
  'AllVotersServe',
  'StepSupported',
  'NoLossSeen',
  'NoQuorumWanted',
  'NotRunning',
  'Hibernating',
  'Creating',
  'Scaling',
  'ScalingInSteps',
  'ScalingUnderWay',
  'RollingOut',
  'UpgradeUnderWay',
  'LogsTooOld',
  'ResumingMembers',
  'MembersStarting',
  'MembersBusy',
  'VolumesGrowing',
  'Deleting',
  'Paused',
  // Something is amiss
  'NotAsWanted',
  'NoMemberServes',
  'MembersUnhealthy',
  'MembersStuck',
  'MembersUnknown',
  'VotersUnhealthy',
  'AgentsSilent',
  'NobodyHeard',
  'ScaleInUnsafe',
  'FormationUnknown',
  'FormationBlocked',
  'SurveyingVolumes',
  'TooManyVolumesEmpty',
  'KnownBugs',
  'PlainText',
  'Encrypted',
  'ReplacingAuthority',
  'TLSUnderWay',
  'SecretsForbidden',
  'CertificatesDelayed',
  'CertificateExpiring',
  'CertificateExpired',
  'SecretMissing',
  'CertificateUnusable',
  'IssuerUnavailable',
  'IssuerPending',
  'AuthDisabled',
  'AuthEnabled',
  'AuthUnderWay',
  'AuthDelayed',
  'RootWithoutPassword',
  // For its author to correct
  'SpecInvalid',
  'VersionUnsupported',
  'RepositoryInvalid',
  'OptionsInvalid',
  'StepNotSupported',
  'PasswordUnusable',
  'NotYetSupported',
  'ObjectRefused',
  'NameTaken',
] as const;

/** Why a condition is as it is, in the operator's own word. */
export type ConditionReason = (typeof CONDITION_REASONS)[number];

/** Somebody else's word for it. */
export type QuotedReason = string & { readonly brand: 'QuotedReason' };

/** A word that an agent, a kubelet or a controller has given. */
export function quoted(reason: string): QuotedReason {
  return reason as QuotedReason;
}
