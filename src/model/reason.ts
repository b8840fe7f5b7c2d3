/**
 * The closed list of reasons. One word, everywhere: log line, metric label, status, condition, event,
 * test and `docs/errors.md`, which a test holds against this list.
 */
export const REASONS = [
  // The volume
  'VolumeUnreadable',
  'VolumeFull',
  'DataUnreadable',
  'DataUnusable',
  'DataTooOld',
  'RemovedData',
  'ForeignData',
  'DataDiscarded',
  'PlainData',
  'NewVolume',
  // The gate and the process beside the agent
  'GateUnusable',
  'PortTaken',
  'CertificatesUnusable',
  'EtcdNotAsking',
  'EtcdStarting',
  'ClientPortShut',
  'EtcdUnresponsive',
  'PodSuperseded',
  // Formation
  'FormationUnknown',
  'FormationBlocked',
  'IntentUnknown',
  'SeedVolumeLost',
  'SeedElsewhere',
  'SeedTurn',
  'SeedClaimed',
  'Unformed',
  'QuorumProven',
  'FormationSeen',
  // Resuming
  'OwnData',
  // Joining
  'ScaledAway',
  'PeersUnreachable',
  'QuorumLost',
  'NoLeader',
  'ForeignCluster',
  'LostIdentity',
  'NotListed',
  'LeaderDisagrees',
  'JoinIntent',
  'OwnNameUnpublished',
  'JoinTurn',
  'LearnerSlotTaken',
  'LearnerLimitUnproven',
  'RegistrationSeen',
  'PeerMisdirected',
  'PeerNotAnswering',
  'StartTurn',
  'Registered',
  // Becoming a voter
  'CatchingUp',
  'HoldingDoor',
  'PromotionTurn',
  'VoterCannotReachMe',
  'CaughtUp',
  // Serving
  'Serving',
  'PeerUrlDiffers',
  'QuarantineFull',
  'LogClean',
  'AwaitingLearner',
  'MemberUnhealthy',
  // The janitor beside the leader
  'OrphanedMember',
  'LearnerNeverStarted',
  'SpaceExhausted',
  'SpaceReclaimed',
  'HashMismatch',
  'HashesUnverified',
  'DataCorrupt',
] as const;

/** Why a decision was taken. */
export type Reason = (typeof REASONS)[number];
