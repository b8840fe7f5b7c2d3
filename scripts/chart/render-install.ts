/** `manifests/install.yaml`: the chart with its defaults, for `kubectl apply`. */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { stringify } from 'yaml';
import { CHART } from '../generate-chart.ts';
import { HELM } from '../tools/go-tools.ts';

export const INSTALL_FILE = 'manifests/install.yaml';
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

/** The whole file. `helm`: path of the program. */
export async function renderInstall(root: string, helm: string): Promise<string> {
  const documents = [
    stringify(NAMESPACE),
    ...definitionsIn(root),
    ...(await renderTemplates(root, helm, [])),
  ];
  return [header(root), ...documents.map((text) => text.trim())].join('\n---\n').concat('\n');
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

function header(root: string): string {
  return `# The operator of quorate, and the kinds it serves. Generated from ${CHART}
# by \`make manifests\`; do not edit. Sources: sha256:${sourcesHash(root)}
#
#   kubectl apply --server-side -f install.yaml`;
}

function definitionsIn(root: string): readonly string[] {
  return globSync('manifests/crd/*.yaml', { cwd: root })
    .toSorted()
    .map((path) => readFileSync(join(root, path), 'utf8').replace(/^#.*\n/, ''));
}
