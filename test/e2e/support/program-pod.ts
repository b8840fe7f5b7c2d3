/** A Pod that runs a program of these tests as a client of a cluster. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestCluster } from './a-cluster.ts';
import { bareContainer, barePod } from './bare-pod.ts';
import { clientSecretFor } from './nameless-client.ts';
import { ETCD_USER, userSecretOf } from './security-mode.ts';

export type ProgramPod = {
  readonly pod: string;
  /** The program and what it imports, beside this file; the program comes first. */
  readonly files: readonly [string, ...string[]];
  readonly environment?: Readonly<Record<string, string>>;
  /** Is answered once the program runs. */
  readonly probePath: string;
  /** Nodes that it must not be on. */
  readonly notOn?: readonly string[];
};

/** Where such programs listen. */
export const PROGRAM_PORT = 8080;
const FOLDER = '/work';
const TLS_FOLDER = '/tls';

/** Starts the Pod; resolves once it answers. */
export async function startProgram(
  { ground, space, name }: Pick<TestCluster, 'ground' | 'space' | 'name'>,
  program: ProgramPod,
): Promise<void> {
  const { pod, files } = program;
  const scripts = {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: pod },
    data: Object.fromEntries(
      files.map((file) => [file, readFileSync(join(import.meta.dirname, file), 'utf8')]),
    ),
  };
  const tlsSecret = await clientSecretFor(space, name);
  const items = [scripts, podOf(program, ground.facts.image, name, tlsSecret)];
  await space.kubectl.must(['create', '-f', '-'], {
    input: JSON.stringify({ apiVersion: 'v1', kind: 'List', items }),
  });
  await space.view.until(`Pod ${pod} runs`, () => space.view.pod(pod)?.ready);
}

/** For a cluster that was made anew: its certificates are of another authority, and its programs get theirs at once. */
export async function renewCertificates({ space, name }: Pick<TestCluster, 'space' | 'name'>): Promise<void> {
  await clientSecretFor(space, name);
  // A kubelet takes up Secrets with whatever it learns of a Pod, and else after a minute or two.
  const word = `quorate.test/renewed=${Date.now()}`;
  await space.kubectl.must(['annotate', 'pods', '--selector=quorate.test/helper', '--overwrite', word]);
}

function podOf(
  { pod, files, environment = {}, probePath, notOn = [] }: ProgramPod,
  image: string,
  cluster: string,
  tlsSecret: string,
): unknown {
  const password = { secretKeyRef: { name: userSecretOf(cluster), key: 'password', optional: true } };
  return barePod(pod, {
    containers: [
      {
        ...bareContainer(pod, image, ['/usr/local/bin/node', `${FOLDER}/${files[0]}`]),
        env: [
          { name: 'PORT', value: String(PROGRAM_PORT) },
          { name: 'TLS_FOLDER', value: TLS_FOLDER },
          { name: 'ETCD_USER', value: ETCD_USER },
          { name: 'ETCD_PASSWORD', valueFrom: password },
          ...Object.entries(environment).map(([key, value]) => ({ name: key, value })),
        ],
        readinessProbe: { httpGet: { path: probePath, port: PROGRAM_PORT }, periodSeconds: 1 },
        volumeMounts: [
          { name: 'scripts', mountPath: FOLDER, readOnly: true },
          { name: 'tls', mountPath: TLS_FOLDER, readOnly: true },
        ],
      },
    ],
    volumes: [
      { name: 'scripts', configMap: { name: pod } },
      // There is none without TLS, and one that comes later shows up.
      { name: 'tls', secret: { secretName: tlsSecret, optional: true } },
    ],
    ...(notOn.length === 0 ? {} : { affinity: awayFrom(notOn) }),
  });
}

function awayFrom(nodes: readonly string[]): unknown {
  const matchExpressions = [{ key: 'kubernetes.io/hostname', operator: 'NotIn', values: nodes }];
  return {
    nodeAffinity: {
      requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [{ matchExpressions }] },
    },
  };
}
