/** Every reason of an Event about a cluster: how grave it is, and what it means. Few, for people to know them. */
export type EventMeaning = {
  readonly type: 'Normal' | 'Warning';
  /** A sentence. */
  readonly meaning: string;
};

export const EVENT_REASONS = {
  PhaseChanged: { type: 'Normal', meaning: 'The phase is another one now.' },
  ClusterFailed: { type: 'Warning', meaning: 'The cluster cannot go on until a human acts.' },
  QuorumLost: { type: 'Warning', meaning: 'No quorum of the voters answers, so nothing can be written.' },
  LeaderChanged: { type: 'Normal', meaning: 'Another member leads now.' },
  MemberJoined: { type: 'Normal', meaning: 'A member is listed that was not before.' },
  MemberPromoted: { type: 'Normal', meaning: 'A learner has become a voter.' },
  MemberLeft: { type: 'Normal', meaning: 'A member is no longer listed.' },
  MemberNeedsHuman: { type: 'Warning', meaning: 'The agent of a member waits for a human.' },
  MemberGivesUp: {
    type: 'Warning',
    meaning: 'An agent sets data aside or removes a member that did not leave by itself.',
  },
  ScalingStarted: { type: 'Normal', meaning: 'Another size is wanted.' },
  ScalingHeld: { type: 'Warning', meaning: 'A smaller size would not be safe now.' },
  ScalingFinished: { type: 'Normal', meaning: 'The cluster has the size that is wanted.' },
  ObjectRefused: {
    type: 'Warning',
    meaning: 'Kubernetes refuses an object of the cluster: a quota, a policy or a missing right.',
  },
  NameTaken: {
    type: 'Warning',
    meaning: 'An object of the name that the cluster needs exists and is somebody else’s.',
  },
  NotYetSupported: {
    type: 'Warning',
    meaning: 'The spec asks for something that this release does not carry out.',
  },
  UpgradeStarted: { type: 'Normal', meaning: 'Another version is being rolled out.' },
  UpgradeBlocked: { type: 'Warning', meaning: 'The version that is wanted cannot follow the one that runs.' },
  UpgradeFinished: { type: 'Normal', meaning: 'Every member runs the version that was rolled out.' },
  VersionHasKnownBugs: {
    type: 'Warning',
    meaning: 'The version runs, and a newer patch has cured a grave bug of it.',
  },
  TLSUnderWay: { type: 'Normal', meaning: 'Members begin to speak TLS, or plain text again, step by step.' },
  Encrypted: { type: 'Normal', meaning: 'What is to be encrypted is, on every member.' },
  ReplacingAuthority: { type: 'Normal', meaning: 'Another authority is to sign the certificates.' },
  SecretsForbidden: { type: 'Warning', meaning: 'The operator may not keep Secrets in the namespace.' },
  SecretMissing: {
    type: 'Warning',
    meaning: 'A Secret that the spec names is not there, or has no such key.',
  },
  CertificateUnusable: {
    type: 'Warning',
    meaning: 'Members could not use a certificate that is given; they keep the one that they have.',
  },
  IssuerUnavailable: {
    type: 'Warning',
    meaning: 'The issuer is out of reach: cert-manager is not there, or refuses.',
  },
  CertificateExpiring: {
    type: 'Warning',
    meaning: 'A certificate expires in less than 30, 7 or 1 days and was not renewed.',
  },
  CertificateExpired: { type: 'Warning', meaning: 'A certificate has expired: nobody takes it any more.' },
  AuthEnabled: { type: 'Normal', meaning: 'From now on etcd asks clients who they are.' },
  AuthDisabled: { type: 'Warning', meaning: 'From now on etcd asks nobody who they are.' },
  AuthChanged: {
    type: 'Normal',
    meaning: 'Users or roles of etcd were made as they are declared; the message names them.',
  },
  PasswordUnusable: { type: 'Warning', meaning: 'A Secret holds a password that etcd does not take.' },
} as const satisfies Record<string, EventMeaning>;

export type EventReason = keyof typeof EVENT_REASONS;
