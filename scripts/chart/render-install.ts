/** `manifests/install.yaml` and `admission.yaml`: the chart with its defaults, for `kubectl apply`. */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { globSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';
import { stringify } from 'yaml';
import { CHART } from '../generate-chart.ts';
import { HELM } from '../tools/go-tools.ts';

export const INSTALL_FILE = 'manifests/install.yaml';
/** By itself, since a Kubernetes before 1.30 knows no such objects, and kubectl would fail half-way. */
export const ADMISSION_FILE = 'manifests/admission.yaml';
export const RELEASE = 'quorate';
export const RELEASE_NAMESPACE = 'quorate-system';

/** A Helm that is built from its module takes the cluster for an old one otherwise. */
const KUBERNETES_VERSION = 'v1.34.0';

/** Rendering takes half a second; only a machine that swaps makes it slow. */
const HELM_TIMEOUT_MS = 60_000;
/** The chart makes 10 KB, and as much again for every ten namespaces. */
const BYTES_MAX = 16 * 1024 * 1024;

/** The operator meets Pod Security's strictest standard, and so must whatever else comes here. */
const NAMESPACE = {
  apiVersion: 'v1',
  kind: 'Namespace',
  metadata: {
    name: RELEASE_NAMESPACE,
    labels: { 'pod-security.kubernetes.io/enforce': 'restricted' },
  },
};

/** Both files whole, by their paths from the checkout's root. `helm`: path of the program. */
export async function renderInstall(root: string, helm: string): Promise<ReadonlyMap<string, string>> {
  const rendered = await renderTemplates(root, helm, []);
  const install = [
    stringify(NAMESPACE),
    ...definitionsIn(root),
    ...rendered.filter((text) => !isPolicy(text)),
  ];
  return new Map([
    [INSTALL_FILE, fileOf(header(root, INSTALL_HEAD, INSTALL_FILE), install)],
    [ADMISSION_FILE, fileOf(header(root, ADMISSION_HEAD, ADMISSION_FILE), rendered.filter(isPolicy))],
  ]);
}

function isPolicy(text: string): boolean {
  return /^kind: ValidatingAdmissionPolicy(Binding)?$/m.test(text);
}

function fileOf(head: string, documents: readonly string[]): string {
  return [head, ...documents.map((text) => text.trim())].join('\n---\n').concat('\n');
}

/**
 * What the templates make of the chart, one text for each object. `options`: of `helm template`.
 * @throws Error with what Helm said
 */
export async function renderTemplates(
  root: string,
  helm: string,
  options: readonly string[],
): Promise<readonly string[]> {
  const place = ['--namespace', RELEASE_NAMESPACE, '--kube-version', KUBERNETES_VERSION];
  const args = ['template', RELEASE, join(root, CHART), ...place, ...options];
  const { stdout } = await promisify(execFile)(helm, args, {
    timeout: HELM_TIMEOUT_MS,
    maxBuffer: BYTES_MAX,
  });
  return stdout
    .split(/^---$/m)
    .map((text) => text.replaceAll(/^# Source: .*\n|[ \t]+$/gm, '').trim())
    .filter((text) => text !== '');
}

/**
 * SHA-256 of all that the file is made of: it tells drift where there is no Helm. What Helm itself makes of it
 * is compared in the integration tests.
 */
export function sourcesHash(root: string): string {
  const hash = createHash('sha256');
  const names = [...globSync(`${CHART}/**`, { cwd: root })].toSorted();
  for (const name of names.filter((each) => /\.(yaml|json|tpl)$/.test(each))) {
    hash.update(`${name}\0${readFileSync(join(root, name), 'utf8')}\0`);
  }
  return hash.update(`${RELEASE}\0${JSON.stringify(NAMESPACE)}\0${HELM.version}`).digest('hex');
}

const INSTALL_HEAD = `# The operator of quorate, and the kinds it serves. On Kubernetes 1.30 and newer, apply admission.yaml, too.`;
const ADMISSION_HEAD = `# What the API server refuses of quorate's kinds that no schema can say; for Kubernetes 1.30 and newer.`;

function header(root: string, head: string, file: string): string {
  return `${head}
# Generated from ${CHART} by \`make manifests\`; do not edit.
# Sources: sha256:${sourcesHash(root)}
#
#   kubectl apply --server-side -f ${basename(file)}`;
}

function definitionsIn(root: string): readonly string[] {
  return globSync('manifests/crd/*.yaml', { cwd: root })
    .toSorted()
    .map((path) => readFileSync(join(root, path), 'utf8').replace(/^#.*\n/, ''));
}
