/**
 * What NetworkPolicies (networking.k8s.io/v1) let through, as the API's documentation has it. Only what our policies say is
 * known here; anything else is an error, so that nothing is ever taken for allowed or refused by mistake. Nodes are
 * left out: what a kubelet asks its own Pods always passes.
 */
import * as v from 'valibot';

export type NetworkPod = {
  readonly namespace: string;
  readonly labels: Readonly<Record<string, string>>;
  /** Numbers of ports by their names, for policies that say a name. */
  readonly portNames?: Readonly<Record<string, number>>;
};

const labels = v.record(v.string(), v.string());
const selectorSchema = v.strictObject({ matchLabels: v.optional(labels, {}) });
const peerSchema = v.strictObject({
  podSelector: v.optional(selectorSchema),
  namespaceSelector: v.optional(selectorSchema),
});
const portsSchema = v.pipe(
  v.array(v.strictObject({ port: v.union([v.number(), v.string()]), protocol: v.picklist(['TCP', 'UDP']) })),
  v.minLength(1),
);
const policySchema = v.looseObject({
  kind: v.literal('NetworkPolicy'),
  metadata: v.looseObject({ namespace: v.string() }),
  spec: v.strictObject({
    podSelector: selectorSchema,
    policyTypes: v.array(v.picklist(['Ingress', 'Egress'])),
    ingress: v.optional(
      v.array(
        v.strictObject({ from: v.optional(v.pipe(v.array(peerSchema), v.minLength(1))), ports: portsSchema }),
      ),
      [],
    ),
    egress: v.optional(
      v.array(
        v.strictObject({ to: v.optional(v.pipe(v.array(peerSchema), v.minLength(1))), ports: portsSchema }),
      ),
      [],
    ),
  }),
});

type Policy = v.InferOutput<typeof policySchema>;
type Peer = v.InferOutput<typeof peerSchema>;
type Ports = v.InferOutput<typeof portsSchema>;

/** Whether a TCP connection of `from` to `port` of `to` is let through. @throws ValiError for a policy of another form */
export function isLetThrough(
  policies: readonly unknown[],
  from: NetworkPod,
  to: NetworkPod,
  port: number,
): boolean {
  const all = policies.map((policy) => v.parse(policySchema, policy));
  const into = all.filter((policy) => isAbout(policy, 'Ingress', to));
  const outOf = all.filter((policy) => isAbout(policy, 'Egress', from));
  return (
    isOpen(into, ({ metadata, spec }) =>
      spec.ingress.some((rule) => matches(rule.from, rule.ports, metadata.namespace, from, to, port)),
    ) &&
    isOpen(outOf, ({ metadata, spec }) =>
      spec.egress.some((rule) => matches(rule.to, rule.ports, metadata.namespace, to, to, port)),
    )
  );
}

function isAbout({ metadata, spec }: Policy, type: 'Ingress' | 'Egress', pod: NetworkPod): boolean {
  return (
    spec.policyTypes.includes(type) &&
    metadata.namespace === pod.namespace &&
    isSelected(spec.podSelector.matchLabels, pod.labels)
  );
}

/** A Pod that no policy is about is open; policies add up. */
function isOpen(policies: readonly Policy[], lets: (policy: Policy) => boolean): boolean {
  return policies.length === 0 || policies.some(lets);
}

function matches(
  peers: readonly Peer[] | undefined,
  ports: Ports,
  namespace: string,
  other: NetworkPod,
  to: NetworkPod,
  port: number,
): boolean {
  const isPort = ports.some(
    (each) =>
      each.protocol === 'TCP' &&
      (typeof each.port === 'number' ? each.port : to.portNames?.[each.port]) === port,
  );
  return isPort && (peers === undefined || peers.some((peer) => isPeer(peer, namespace, other)));
}

/** Without a selector of namespaces only the policy's own is meant; every namespace carries its name as a label. */
function isPeer({ podSelector, namespaceSelector }: Peer, namespace: string, pod: NetworkPod): boolean {
  const isInNamespace =
    namespaceSelector === undefined
      ? pod.namespace === namespace
      : isSelected(namespaceSelector.matchLabels, { 'kubernetes.io/metadata.name': pod.namespace });
  return isInNamespace && (podSelector === undefined || isSelected(podSelector.matchLabels, pod.labels));
}

function isSelected(
  wanted: Readonly<Record<string, string>>,
  given: Readonly<Record<string, string>>,
): boolean {
  return Object.entries(wanted).every(([name, value]) => given[name] === value);
}
