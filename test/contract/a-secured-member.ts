import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { TestContext } from 'node:test';
import { createAgentMetrics } from '../../src/agent/agent-metrics.ts';
import { type AgentConfig, readAgentConfig } from '../../src/agent/config.ts';
import { createMembershipCalls } from '../../src/agent/membership-calls.ts';
import { perform } from '../../src/agent/perform.ts';
import type { LiveObject } from '../../src/kube/kube-object.ts';
import type { ObjectWriter } from '../../src/kube/object-api.ts';
import { CertificateKeeper, type Kept } from '../../src/operator/certificates/certificate-keeper.ts';
import { dataIn } from '../../src/operator/certificates/secret-contents.ts';
import { lazyIssuer } from '../../src/pki/lazy-issuer.ts';
import { agentEnvironment } from '../../src/resources/agent-environment.ts';
import type { Blueprint } from '../../src/resources/blueprint.ts';
import { selectorLabelsOf } from '../../src/resources/labels.ts';
import { GATE_PATH, TLS_PATH } from '../../src/resources/paths.ts';
import { type PodTemplate, podTemplate } from '../../src/resources/pod-template.ts';
import { systemClock } from '../../src/runtime/clock.ts';
import { createFileVolumeStore } from '../../src/volume/file-volume-store.ts';
import { fakeRecords } from '../operator/election/fake-records.ts';
import { aBlueprint, TLS } from '../resources/a-blueprint.ts';
import { aMemberView } from '../support/a-member-view.ts';
import { captureLog } from '../support/captured-log.ts';
import { type EtcdFromFile, startEtcdFromFile } from '../support/etcd-from-file.ts';
import { aFakeClusterApi } from '../support/fake-cluster-api.ts';
import { aFakeEtcd } from '../support/fake-etcd.ts';
import { aFakeGate } from '../support/fake-gate.ts';
import { claimLoopbackAddresses } from '../support/loopback-address.ts';
import { noCertificates } from '../support/no-certificates.ts';

const NAMESPACE = 'shop';

/** There is no cert-manager. */
const nobodyApplies: Pick<ObjectWriter, 'apply'> = {
  apply: async () => ({ kind: 'not-found', message: 'the server could not find the requested resource' }),
};

/** Member 0 of an encrypted cluster, as operator and agent make it, below a folder that stands for its Pod's root. */
export type SecuredMember = {
  /** What the operator gives Kubernetes. */
  readonly template: PodTemplate;
  /** The configuration as etcd got it. */
  readonly document: Readonly<Record<string, unknown>>;
  readonly etcd: EtcdFromFile;
  /** Where `path` of the Pod is here. */
  readonly at: (path: string) => string;
};

/** Starts etcd `version` with what operator and agent make of `security.tls.autoTLS`, and waits until it serves. */
export async function aSecuredMember(t: TestContext, version: string): Promise<SecuredMember> {
  const root = await mkdtemp(join(tmpdir(), 'quorate-secured-'));
  const addresses = await claimLoopbackAddresses();
  t.after(async () => {
    await addresses[Symbol.asyncDispose]();
    await rm(root, { recursive: true, force: true });
  });
  const at = (path: string): string => join(root, path);
  const { secrets, trust } = await issuedSecrets(t.signal);
  const spec = { version, security: { tls: { enabled: true, autoTLS: true } } };
  const blueprint = aBlueprint(spec, {}, { namespace: NAMESPACE }, { ...TLS, trust });
  const template = podTemplate(blueprint);
  await mountSecrets(template, secrets, at);
  const config = agentConfigOf(blueprint, addresses.of(0), at);
  await mkdir(config.volume, { recursive: true });
  await mkdir(dirname(at(GATE_PATH)), { recursive: true });
  const document = await answeredDocument(config, t.signal);
  await writeFile(at(GATE_PATH), document);
  const etcd = await startEtcdFromFile(version, at(GATE_PATH), root, t.signal);
  t.after(() => etcd[Symbol.asyncDispose]());
  await etcd.line('ready to serve client requests');
  return { template, document: JSON.parse(document), etcd, at };
}

/** The Secrets of a cluster, as the operator keeps them, and what members are made to trust. */
export async function issuedSecrets(
  signal: AbortSignal,
): Promise<{ readonly secrets: (name: string) => LiveObject | undefined; readonly trust: Kept['trust'] }> {
  const records = fakeRecords();
  const keeper = new CertificateKeeper({
    secrets: records,
    writer: nobodyApplies,
    issuer: lazyIssuer,
    nowMs: Date.now,
    random: Math.random,
  });
  const { names } = aBlueprint({}, {}, { namespace: NAMESPACE });
  const labels = { ...selectorLabelsOf(names.cluster), 'app.kubernetes.io/managed-by': 'quorate' };
  const kept = await keeper.keep(
    {
      names,
      namespace: NAMESPACE,
      clusterDomain: 'cluster.local',
      tls: {},
      users: [],
      hosts: [],
      request: '',
      statuses: [],
      metadataOf: (name) => ({ name, namespace: NAMESPACE, labels }),
    },
    signal,
  );
  if (kept.kind !== 'kept') {
    throw new Error(JSON.stringify(kept));
  }
  return { secrets: (name) => records.get(name), trust: kept.trust };
}

/** Every file of the volumes with Secrets that etcd's container mounts, with the mode that the kubelet gives it. */
async function mountSecrets(
  { spec }: PodTemplate,
  secrets: (name: string) => LiveObject | undefined,
  at: (path: string) => string,
): Promise<void> {
  for (const { name, mountPath } of spec.containers.flatMap(({ volumeMounts = [] }) => volumeMounts)) {
    const volume = spec.volumes.find((each) => each.name === name);
    const projected = volume !== undefined && 'projected' in volume ? volume.projected : undefined;
    if (projected === undefined || !('defaultMode' in projected)) {
      continue;
    }
    await mkdir(at(mountPath), { recursive: true });
    for (const { secret } of projected.sources) {
      const stored = secrets(secret.name);
      for (const { key, path } of secret.items) {
        const text = stored === undefined ? '' : (dataIn(stored).get(key) ?? '');
        await writeFile(at(join(mountPath, path)), text, { mode: projected.defaultMode });
      }
    }
  }
}

/** What the agent reads out of the environment that its Pod gives it, but for addresses, which here are loopback's. */
function agentConfigOf(blueprint: Blueprint, address: string, at: (path: string) => string): AgentConfig {
  const told = agentEnvironment(blueprint).flatMap(({ name, value }): [string, string][] =>
    value === undefined ? [] : [[name, value.startsWith('/') ? at(value) : value]],
  );
  const finding = readAgentConfig({
    ...Object.fromEntries(told),
    QUORATE_NAMESPACE: NAMESPACE,
    QUORATE_POD_NAME: `${blueprint.names.cluster}-0`,
    QUORATE_POD_UID: 'pod-0',
    QUORATE_POD_IP: address,
    QUORATE_LISTEN_ADDRESS: address,
    QUORATE_HOST_TEMPLATE: address.replace(/0$/, '{ordinal}'),
    KUBERNETES_SERVICE_HOST: '127.0.0.1',
    KUBERNETES_SERVICE_PORT: '443',
  });
  if (!finding.ok) {
    throw new Error(finding.problems.join('\n'));
  }
  return finding.config;
}

/** What the agent of `config` answers an etcd that asks at the gate, when it has decided that this is the seed. */
async function answeredDocument(config: AgentConfig, signal: AbortSignal): Promise<string> {
  const gate = aFakeGate();
  gate.ask();
  const { members, maintenance } = aFakeEtcd(1);
  const { logger } = captureLog();
  const decision = {
    kind: 'seed',
    stage: 'starting',
    reason: 'SeedClaimed',
    message: 'Because.',
    token: 'uid-g1-a1',
    maxLearners: 8,
  } as const;
  const performed = await perform(
    {
      config,
      gate,
      members,
      membershipCalls: createMembershipCalls(logger, createAgentMetrics(), systemClock),
      maintenance,
      hashes: { start: () => {} },
      api: aFakeClusterApi().api,
      volume: createFileVolumeStore(config.volume, systemClock),
      certificates: noCertificates(),
      logger,
    },
    aMemberView(),
    decision,
    signal,
  );
  const [document] = gate.documents;
  if (document === undefined) {
    throw new Error(JSON.stringify(performed));
  }
  return document;
}

/** Where the certificates of a side are in a Pod. */
export function tlsFolder(side: 'client' | 'peer'): string {
  return `${TLS_PATH}/${side}`;
}
