/**
 * Whatever an EtcdCluster says, and whatever the API server answers: nothing is asked for that is in another namespace.
 * And what is asked for is what the chart's rules allow.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import fc from 'fast-check';
import { parse } from 'yaml';
import { compareRights } from '../../scripts/rights/compare-rights.ts';
import { OPERATOR_EXCEPTIONS } from '../../scripts/rights/operator-exceptions.ts';
import {
  type Call,
  type Permission,
  type PolicyRule,
  permissionsOf,
} from '../../scripts/rights/permission.ts';
import { DISCARD_ANNOTATION } from '../../src/api/annotations.ts';
import { createHttpObjectApi } from '../../src/kube/http-object-api.ts';
import { AuthKeeper } from '../../src/operator/auth/auth-keeper.ts';
import { createClusterViews } from '../../src/operator/cache/cluster-views.ts';
import { CertificateKeeper } from '../../src/operator/certificates/certificate-keeper.ts';
import type { Issuer } from '../../src/operator/certificates/issuer.ts';
import { OperatorIdentities } from '../../src/operator/certificates/operator-identities.ts';
import { createEventRecorder, type EventRecorder } from '../../src/operator/events/event-recorder.ts';
import { createOperatorMetrics } from '../../src/operator/operator-metrics.ts';
import { AgentWatch } from '../../src/operator/pass/agent-watch.ts';
import { AppliedObjects } from '../../src/operator/pass/applied-objects.ts';
import { type ClusterPassDeps, passOver } from '../../src/operator/pass/cluster-pass.ts';
import { Incarnations } from '../../src/operator/pass/incarnations.ts';
import { OwnWrites } from '../../src/operator/pass/own-writes.ts';
import { Warnings } from '../../src/operator/pass/warnings.ts';
import { answerPendingKinds } from '../../src/operator/pending-kinds.ts';
import { lazyIssuer } from '../../src/pki/lazy-issuer.ts';
import { CLUSTER_LABEL } from '../../src/resources/labels.ts';
import { PORTS } from '../../src/resources/ports.ts';
import type { HttpClient } from '../../src/runtime/http-client.ts';
import { someSettings } from '../resources/a-blueprint.ts';
import { aManualClock } from '../support/a-clock.ts';
import { blocked, formed } from '../support/a-member-view.ts';
import { anAgentStatus } from '../support/an-agent-status.ts';
import { aRow } from '../support/an-observed-cluster.ts';
import { type Asked, answering, anyFates, type Fate } from '../support/any-answers.ts';
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

/** etcd is out of reach; of its users the tests of `auth` tell. */
const noDoor = (): Promise<never> => Promise.reject(new Error('connection refused'));

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

const LABELS_OF = (cluster: string) => ({
  [CLUSTER_LABEL]: cluster,
  'app.kubernetes.io/managed-by': 'quorate',
});

/** Every request of a few passes over the cluster of `world`, while others of its name are elsewhere. */
async function askedAbout(world: World, other: World, fates: readonly Fate[]): Promise<readonly Asked[]> {
  const asked: Asked[] = [];
  const key = `${world.namespace}/${world.name}`;
  const labels = LABELS_OF(world.name);
  const api = createHttpObjectApi({ transport: answering(fates, labels, asked), fieldManager: 'quorate' });
  const done = createHttpObjectApi({
    transport: answering(['done'], labels, asked),
    fieldManager: 'quorate',
  });
  const clock = aManualClock(NOW_MS);
  const stop = new AbortController();
  const source = { component: 'quorate-operator', instance: 'operator-1' };
  const events = createEventRecorder({ events: done, source, clock, random: () => 0.5 });
  const deps = depsOf(world, other, api, events, clock, stop.signal);
  for (let pass = 0; pass < PASSES; pass++) {
    await passOver(deps, key, stop.signal);
    await events.run(AbortSignal.abort());
    // What it has written itself it may always forget, and then tells again what it told.
    deps.own.forget(key);
    clock.advance(PASS_MS);
  }
  stop.abort();
  return asked;
}

/** Every request of an operator that has just started: it follows what there is, and tells what it does not carry out. */
async function askedAtStart(): Promise<readonly Asked[]> {
  const asked: Asked[] = [];
  const transport = answering(['done'], {}, asked);
  const api = createHttpObjectApi({ transport, fieldManager: 'quorate' });
  const stop = new AbortController();
  const options = {
    reader: api,
    writer: api,
    namespaces: undefined,
    clock: aManualClock(NOW_MS),
    random: () => 0.5,
    onChange: () => {},
    onNews: () => {},
  };
  const ended = Promise.all([
    createClusterViews(options).run(stop.signal),
    answerPendingKinds(options, stop.signal),
  ]);
  // Nothing here takes time, so by then all lists are read, all watches opened, and everybody is told.
  await setImmediate();
  stop.abort();
  await ended;
  return asked;
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
  const encryption = {
    certificates: new CertificateKeeper({ secrets: api, writer: api, issuer, nowMs, random: () => 0.5 }),
    identities: new OperatorIdentities({ secrets: api, issuer, nowMs }),
    clusterDomain: CLUSTER_DOMAIN,
    secretsAccess: undefined,
  };
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
    incarnations: new Incarnations(),
    warnings: new Warnings(api, clock),
    encryption,
    auth: { keeper: new AuthKeeper({ secrets: api, open: noDoor, nowMs }), encryption, events },
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

const VERBS = { GET: 'get', POST: 'create', PUT: 'update', PATCH: 'patch', DELETE: 'delete' } as const;

/** What RBAC takes a request for; an apply that makes something asks for `create`, too. */
function callsOf({ method, path, status }: Asked): readonly Call[] {
  const { group, resource: plain, subresource, name } = resourceInPath(path);
  const resource = subresource === undefined ? plain : `${plain}/${subresource}`;
  const isCollection = name === undefined && method === 'GET';
  const verb = isCollection ? (/[?&]watch=true/.test(path) ? 'watch' : 'list') : VERBS[method];
  const call = { group, resource, verb, name };
  return method === 'PATCH' && status === 201 ? [call, { ...call, verb: 'create', name: undefined }] : [call];
}

/** All that the chart gives the operator for its work; what its Lease and its webhook take, is given by name. */
function grantedByChart(): readonly Permission[] {
  const files = ['operator-rules.yaml', 'secrets-rules.yaml'];
  const folder = join(import.meta.dirname, '..', '..', 'manifests/charts/etcd-operator/files');
  return permissionsOf(
    files.flatMap((file): PolicyRule[] => parse(readFileSync(join(folder, file), 'utf8'))),
  );
}

const ENCRYPTED = { security: { tls: { enabled: true, autoTLS: true } } };
/** As old CRDs would let it in: a name that climbs when its path is read as a URL. */
const CLIMBING = { security: { tls: { enabled: true, certificateSecret: '..', caSecret: '.' } } };
const ISSUED = { security: { tls: { enabled: true, issuerRef: { name: 'house' } } } };
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
  [aWorld({ ...NOTHING, spec: ISSUED }), aWorld(), ['new']],
  [aWorld({ ...NOTHING, spec: CLIMBING }), aWorld(), ['new']],
  [
    aWorld({ record: blocked(), annotations: { [DISCARD_ANNOTATION]: 'true' }, pods: 3, arePodsUp: false }),
    aWorld(),
    ['done'],
  ],
  [aWorld({ isLeaving: true }), aWorld(), ['done']],
  [aWorld({ ...NOTHING, isLeaving: true, record: formed() }), aWorld(), ['done']],
];

describe('a pass over a cluster', () => {
  const made: Asked[] = [];

  it('asks for nothing and writes nothing outside of the cluster’s own namespace', async () => {
    await fc.assert(
      fc.asyncProperty(anyWorld, anyWorld, anyFates, async (world, other, fates) => {
        for (const each of await askedAbout(world, other, fates)) {
          const { method, path, body } = each;
          assert.equal(resourceInPath(path).namespace, world.namespace, `${method} ${path}`);
          const named = body === undefined ? [] : namespacesIn(JSON.parse(body));
          assert.deepEqual(
            named.filter((namespace) => namespace !== world.namespace),
            [],
            `${method} ${path}: ${body}`,
          );
          made.push(each);
        }
      }),
      { numRuns: 300, examples: EXAMPLES },
    );
  });

  it('takes, with what is followed and told, exactly the rights that the chart gives', async () => {
    const calls = [...made, ...(await askedAtStart())].flatMap(callsOf);
    assert.deepEqual(compareRights(grantedByChart(), calls, OPERATOR_EXCEPTIONS), {
      surplus: [],
      unexpected: [],
      idle: [],
    });
  });
});
