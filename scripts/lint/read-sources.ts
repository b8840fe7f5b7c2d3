import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as v from 'valibot';
import { parse, parseAllDocuments } from 'yaml';
import { ADMISSION_FILE, INSTALL_FILE, renderTemplates } from '../chart/render-install.ts';
import { CHART_VARIANTS } from '../chart/variants.ts';
import type { ManifestObject, ManifestSource } from './manifest-source.ts';

/** Everything of ours that Kubernetes may be given; the golden files are what the operator makes of clusters. */
const FILES = [
  INSTALL_FILE,
  ADMISSION_FILE,
  'manifests/standalone/*.yaml',
  'manifests/samples/*.yaml',
  'test/resources/golden/*.yaml',
];

const objectSchema = v.looseObject({
  apiVersion: v.string(),
  kind: v.string(),
  metadata: v.looseObject({ name: v.string() }),
});

/** Reads every file and renders the chart in every way. `helm`: path of the program. */
export async function readSources(root: string, helm: string): Promise<readonly ManifestSource[]> {
  const files = FILES.flatMap((pattern) => globSync(pattern, { cwd: root })).toSorted();
  const written = files.map((name) => {
    const documents = parseAllDocuments(readFileSync(join(root, name), 'utf8'));
    return { name, objects: documents.map((document) => objectOf(name, document.toJS())) };
  });
  const rendered = Object.entries(CHART_VARIANTS).map(async ([variant, options]) => {
    const name = `chart, ${variant}`;
    const texts = await renderTemplates(root, helm, options);
    return { name, objects: texts.map((text) => objectOf(name, parse(text))) };
  });
  return [...written, ...(await Promise.all(rendered))];
}

function objectOf(source: string, value: unknown): ManifestObject {
  const parsed = v.safeParse(objectSchema, value);
  if (!parsed.success) {
    throw new Error(`${source}: not everything in it is an object of Kubernetes with a name`);
  }
  return parsed.output;
}
