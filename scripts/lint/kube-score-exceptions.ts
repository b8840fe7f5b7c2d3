/** What kube-score would have otherwise, and why it stays as it is. One that excuses nothing fails the lint. */
export type KubeScoreException = {
  /** Identifier of the check (`kube-score list`). */
  readonly check: string;
  /** What is excused: object (`Kind/name`), container if any, and the check's words, as a finding shows them. */
  readonly finding: RegExp;
  readonly reason: string;
};

export const KUBE_SCORE_EXCEPTIONS: readonly KubeScoreException[] = [
  {
    check: 'container-image-pull-policy',
    finding: /./,
    reason:
      'Tags of ours and of etcd never change, and a member has to restart while the registry is away: IfNotPresent.',
  },
  {
    check: 'container-ephemeral-storage-request-and-limit',
    finding: /./,
    reason:
      'Root file systems are read-only and nothing but logs is written outside of volumes; a limit would evict a member for what its log rotation does.',
  },
  {
    check: 'container-resources',
    finding: /^StatefulSet\/.* \((agent|gate)\) CPU limit/,
    reason: 'Throttled, the 0.2 s of an agent’s start become seconds in which its etcd may not start.',
  },
  {
    check: 'container-resources',
    finding: /^Deployment\/.* \(operator\) CPU limit/,
    reason:
      'It is idle for most of its life, and throttled when it is not, every cluster would wait: only its memory is limited.',
  },
  {
    check: 'pod-networkpolicy',
    finding: /^StatefulSet\//,
    reason:
      'A cluster’s author asks for it (spec.security.networkPolicy): a policy nobody asked for cuts off clients nobody knew.',
  },
  {
    check: 'pod-networkpolicy',
    finding: /^Deployment\//,
    reason:
      'The chart makes it when asked (networkPolicy.enabled): the address of an API server cannot be known.',
  },
  {
    check: 'deployment-replicas',
    finding: /^Deployment\//,
    reason:
      'Clusters run, heal and keep their quorum without an operator; a second one is a value of the chart.',
  },
  {
    check: 'deployment-has-host-podantiaffinity',
    finding: /^Deployment\//,
    reason: 'A topologySpreadConstraint over nodes does the same, and is all that scales.',
  },
  {
    check: 'container-security-context-user-group-id',
    finding: /^StatefulSet\/demo /,
    reason: 'The golden cluster that sets every field asks for this user.',
  },
  {
    check: 'statefulset-has-host-podantiaffinity',
    finding: /^StatefulSet\/demo /,
    reason:
      'The golden cluster that sets every field asks for an affinity of its own, which takes the place of ours.',
  },
  {
    check: 'service-type',
    finding: /^Service\/demo-client /,
    reason: 'The golden cluster that sets every field asks for a NodePort.',
  },
];
