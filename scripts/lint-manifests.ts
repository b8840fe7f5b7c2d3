/**
 * Checks every manifest: kubeconform against the schemas of Kubernetes and of our kinds, kube-score against what
 * is allowed and yet unwise. Exits with 1 when something is found that no exception excuses, or when an exception
 * excuses nothing.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { KUBERNETES_VERSION, writeSchemas } from './lint/kube-schemas.ts';
import { kubeScore, unexcused } from './lint/kube-score.ts';
import { KUBE_SCORE_EXCEPTIONS, type KubeScoreException } from './lint/kube-score-exceptions.ts';
import { kubeconform } from './lint/kubeconform.ts';
import { KUBECONFORM_EXCEPTIONS } from './lint/kubeconform-exceptions.ts';
import { type ManifestSource, typeOf } from './lint/manifest-source.ts';
import { readSources } from './lint/read-sources.ts';
import { ensureGoTool } from './tools/ensure-go-tool.ts';
import { HELM, KUBE_SCORE, KUBECONFORM } from './tools/go-tools.ts';

const root = join(import.meta.dirname, '..');
const schemas = await mkdtemp(join(tmpdir(), 'kube-schemas-'));
try {
  const sources = await readSources(root, await ensureGoTool(HELM));
  const found = [...(await conformance(sources)), ...(await scores(sources))];
  process.stderr.write(found.map((line) => `${line}\n`).join(''));
  const objects = sources.reduce((sum, source) => sum + source.objects.length, 0);
  process.stdout.write(
    `${objects} objects from ${sources.length} sources against Kubernetes ${KUBERNETES_VERSION}: ${found.length} findings\n`,
  );
  process.exitCode = found.length === 0 ? 0 : 1;
} finally {
  await rm(schemas, { recursive: true, force: true });
}

async function conformance(sources: readonly ManifestSource[]): Promise<readonly string[]> {
  const all = sources.flatMap(({ objects }) => objects);
  await writeSchemas(root, schemas, new Set(all.map(({ apiVersion }) => apiVersion)));
  const program = await ensureGoTool(KUBECONFORM);
  const excused = new Set(Object.keys(KUBECONFORM_EXCEPTIONS));
  const idle = [...excused].filter((type) => !all.some((object) => typeOf(object) === type));
  const lines = idle.map((type) => `kubeconform: the exception for ${type} excuses nothing`);
  for (const source of sources) {
    const wrong = await kubeconform(program, source, schemas, excused);
    lines.push(...wrong.map((text) => `${source.name}: ${text} (kubeconform)`));
  }
  return lines;
}

async function scores(sources: readonly ManifestSource[]): Promise<readonly string[]> {
  const program = await ensureGoTool(KUBE_SCORE);
  const used = new Set<KubeScoreException>();
  const lines: string[] = [];
  for (const source of sources) {
    const findings = await kubeScore(program, source, KUBERNETES_VERSION);
    const left = unexcused(findings, KUBE_SCORE_EXCEPTIONS, used);
    lines.push(...left.map(({ check, text }) => `${source.name}: ${text} (kube-score ${check})`));
  }
  const idle = KUBE_SCORE_EXCEPTIONS.filter((exception) => !used.has(exception));
  return [
    ...lines,
    ...idle.map(({ check, finding }) => `kube-score: the exception for ${check} ${finding} excuses nothing`),
  ];
}
