/** Whatever an EtcdCluster says, and whatever the API server answers: nobody is asked for another namespace's things. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { DISCARD_ANNOTATION } from '../../src/api/annotations.ts';
import type { ApiRequest } from '../../src/kube/api-transport.ts';
import { createHttpObjectApi } from '../../src/kube/http-object-api.ts';
import { CertificateKeeper, type Issuer } from '../../src/operator/certificates/certificate-keeper.ts';
import { OperatorIdentities } from '../../src/operator/certificates/operator-identities.ts';
import { createEventRecorder, type EventRecorder } from '../../src/operator/events/event-recorder.ts';
import { createOperatorMetrics } from '../../src/operator/operator-metrics.ts';
import { AgentWatch } from '../../src/operator/pass/agent-watch.ts';
import { AppliedObjects } from '../../src/operator/pass/applied-objects.ts';
import { type ClusterPassDeps, passOver } from '../../src/operator/pass/cluster-pass.ts';
import { OwnWrites } from '../../src/operator/pass/own-writes.ts';
import { Warnings } from '../../src/operator/pass/warnings.ts';
import { lazyIssuer } from '../../src/pki/lazy-issuer.ts';
import { CLUSTER_LABEL } from '../../src/resources/labels.ts';
import { PORTS } from '../../src/resources/ports.ts';
import type { HttpClient } from '../../src/runtime/http-client.ts';
import { someSettings } from '../resources/a-blueprint.ts';
import { aManualClock } from '../support/a-clock.ts';
import { blocked, formed } from '../support/a-member-view.ts';
import { anAgentStatus } from '../support/an-agent-status.ts';
import { aRow } from '../support/an-observed-cluster.ts';
import { answering, anyFates, type Fate } from '../support/any-answers.ts';
import { captureLog } from '../support/captured-log.ts';
import { resourceInPath } from '../support/resource-in-path.ts';
import { anyWorld, aWorld, viewsOf, type World } from './any-world.ts';

const NOW_MS = Date.parse('2026-01-02T03:14:05Z');
const CLUSTER_DOMAIN = 'cluster.local';
const PASSES = 3;
/** What an agent has said is believed for longer. */
const PASS_MS = 1_000;
const metrics = createOperatorMetrics(() => 0);

/** Signing takes milliseconds, and here nobody looks at what is signed. */
const authority = await lazyIssuer.authority('etcd-ca', NOW_MS, 86_400_000);
const issuer: Issuer = { authority: async () => authority, leaf: async () => authority };

/** The agents of a whole cluster of three, over plain text. */
function agentsOf({ name, namespace }: World): HttpClient {
  return {
    send: async ({ url }) => {
      const ordinal = Number(/10\.0\.0\.(\d)/.exec(url)?.[1]);
      const status = { ...anAgentStatus({ ordinal }), members: [aRow(0), aRow(1), aRow(2)] };
      const body = JSON.stringify(status)
        .replaceAll('demo-', `${name}-`)
        .replaceAll('.default.', `.${namespace}.`);
      return { kind: 'answered', status: 200, header: () => '', body };
    },
    close: async () => {},
  };
}

/** Every request of a few passes over the cluster of `world`, while others of its name are elsewhere. */
async function requestsOf(
  world: World,
  other: World,
  fates: readonly Fate[],
): Promise<readonly ApiRequest[]> {
  const requests: ApiRequest[] = [];
  const labels = { [CLUSTER_LABEL]: world.name, 'app.kubernetes.io/managed-by': 'quorate' };
  const api = createHttpObjectApi({ transport: answering(fates, labels, requests), fieldManager: 'quorate' });
  const told = createHttpObjectApi({
    transport: answering(['done'], labels, requests),
    fieldManager: 'quorate',
  });
  const clock = aManualClock(NOW_MS);
  const stop = new AbortController();
  const source = { component: 'quorate-operator', instance: 'operator-1' };
  const events = createEventRecorder({ events: told, source, clock, random: () => 0.5 });
  const deps = depsOf(world, other, api, events, clock, stop.signal);
  for (let pass = 0; pass < PASSES; pass++) {
    await passOver(deps, `${world.namespace}/${world.name}`, stop.signal);
    clock.advance(PASS_MS);
  }
  stop.abort();
  await events.run(stop.signal);
  return requests;
}

function depsOf(
  world: World,
  other: World,
  api: ReturnType<typeof createHttpObjectApi>,
  events: EventRecorder,
  clock: ReturnType<typeof aManualClock>,
  signal: AbortSignal,
): ClusterPassDeps {
  const settings = someSettings({ clusterDomain: CLUSTER_DOMAIN });
  const own = new OwnWrites();
  const http = agentsOf(world);
  const nowMs = clock.nowMs;
  return {
    views: viewsOf([{ ...other, name: world.name, namespace: `${world.namespace}-other` }, world]),
    agents: new AgentWatch(
      {
        http,
        secureHttp: () => http,
        agentPort: PORTS.agent,
        agentTlsPort: PORTS.agentTls,
        clock,
        random: () => 0.5,
        onChange: () => {},
      },
      signal,
    ),
    clock,
    logger: captureLog().logger,
    settings,
    reader: api,
    writer: api,
    records: api,
    applied: new AppliedObjects(api),
    own,
    warnings: new Warnings(api, clock),
    encryption: {
      certificates: new CertificateKeeper({ secrets: api, issuer, nowMs, random: () => 0.5 }),
      identities: new OperatorIdentities({ secrets: api, issuer, nowMs }),
      clusterDomain: CLUSTER_DOMAIN,
      operatorNamespace: 'quorate-system',
    },
    report: { writer: api, events, metrics, own, clusterDomain: CLUSTER_DOMAIN },
  };
}

/** Every namespace that a request names in its body: of the object, of what it refers to, of whom it lets do things. */
function namespacesIn(value: unknown): readonly unknown[] {
  if (typeof value !== 'object' || value === null) {
    return [];
  }
  const own = Object.hasOwn(value, 'namespace') ? [Reflect.get(value, 'namespace')] : [];
  return [...own, ...Object.values(value).flatMap(namespacesIn)];
}

/** What a pass asks of the API server; the rest of the operator follows kinds, and takes its Lease. */
const CALLS = [
  ...['configmaps', 'networkpolicies', 'pods', 'statefulsets'].map((resource) => `DELETE ${resource}`),
  ...['configmaps', 'events', 'networkpolicies', 'persistentvolumeclaims', 'poddisruptionbudgets'].map(
    (resource) => `GET ${resource}`,
  ),
  ...['rolebindings', 'roles', 'secrets', 'serviceaccounts', 'services', 'statefulsets'].map(
    (resource) => `GET ${resource}`,
  ),
  ...['configmaps', 'etcdclusters', 'etcdclusters/status', 'networkpolicies', 'persistentvolumeclaims'].map(
    (resource) => `PATCH ${resource}`,
  ),
  ...['poddisruptionbudgets', 'rolebindings', 'roles', 'serviceaccounts', 'services', 'statefulsets'].map(
    (resource) => `PATCH ${resource}`,
  ),
  ...['configmaps', 'events', 'persistentvolumeclaims', 'secrets'].map((resource) => `POST ${resource}`),
  ...['configmaps', 'secrets'].map((resource) => `PUT ${resource}`),
];

const ENCRYPTED = { security: { tls: { enabled: true, autoTLS: true } } };
const NOTHING = { pods: 0, claims: 0, hasSet: false, record: undefined };

/** Between them they bring every call, whatever is drawn beside them. */
const EXAMPLES: [World, World, Fate[]][] = [
  [aWorld({ revision: 'r2', hasPolicy: true }), aWorld(), ['done']],
  [aWorld({ arePodsUp: false }), aWorld(), ['done']],
  [
    aWorld({ ...NOTHING, spec: { ...ENCRYPTED, security: { ...ENCRYPTED.security, networkPolicy: true } } }),
    aWorld(),
    ['new'],
  ],
  [aWorld({ ...NOTHING, spec: ENCRYPTED }), aWorld(), ['done']],
  [
    aWorld({ record: blocked(), annotations: { [DISCARD_ANNOTATION]: 'true' }, pods: 3, arePodsUp: false }),
    aWorld(),
    ['done'],
  ],
  [aWorld({ isLeaving: true }), aWorld(), ['done']],
  [aWorld({ ...NOTHING, isLeaving: true, record: formed() }), aWorld(), ['done']],
];

describe('a pass over a cluster', () => {
  const made = new Set<string>();

  it('asks for nothing and writes nothing outside of the cluster’s own namespace', async () => {
    await fc.assert(
      fc.asyncProperty(anyWorld, anyWorld, anyFates, async (world, other, fates) => {
        for (const { method, path, body } of await requestsOf(world, other, fates)) {
          const { namespace, resource, subresource } = resourceInPath(path);
          assert.equal(namespace, world.namespace, `${method} ${path}`);
          const named = body === undefined ? [] : namespacesIn(JSON.parse(body));
          assert.deepEqual(
            named.filter((each) => each !== world.namespace),
            [],
            `${method} ${path}: ${body}`,
          );
          made.add(`${method} ${resource}${subresource === undefined ? '' : `/${subresource}`}`);
        }
      }),
      { numRuns: 300, examples: EXAMPLES },
    );
  });

  it('was seen to do all that a pass can do, so that nothing was left out above', () => {
    assert.deepEqual([...made].toSorted(), CALLS);
  });
});
