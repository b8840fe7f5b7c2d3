/** Schemas for kubeconform, from the OpenAPI documents in Kubernetes' own Go module and from our CRDs. */
import { execFile } from 'node:child_process';
import { globSync, readFileSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import * as v from 'valibot';
import { parse } from 'yaml';

/** The Kubernetes that objects are compared with: the one the tests run. */
export const KUBERNETES_VERSION = 'v1.34.4';
/** The module has 40 MB. */
const DOWNLOAD_TIMEOUT_MS = 10 * 60_000;

/** Where kubeconform finds the schema of a kind below the folder. */
export const SCHEMA_PATH = '{{.Group}}/{{.ResourceKind}}_{{.ResourceAPIVersion}}.json';

const kindSchema = v.object({ group: v.string(), version: v.string(), kind: v.string() });
const documentSchema = v.object({
  components: v.object({
    schemas: v.record(
      v.string(),
      v.looseObject({ 'x-kubernetes-group-version-kind': v.optional(v.array(kindSchema)) }),
    ),
  }),
});
const definitionSchema = v.object({
  spec: v.object({
    group: v.string(),
    names: v.object({ kind: v.string() }),
    versions: v.array(v.object({ name: v.string(), schema: v.object({ openAPIV3Schema: v.unknown() }) })),
  }),
});

/** Writes the schema of every kind of `apiVersions`, and of ours, below `folder`. */
export async function writeSchemas(
  root: string,
  folder: string,
  apiVersions: ReadonlySet<string>,
): Promise<void> {
  const specs = join(await moduleFolder(), 'api', 'openapi-spec', 'v3');
  for (const apiVersion of apiVersions) {
    const group = apiVersion.includes('/') ? `apis__${apiVersion.replace('/', '__')}` : `api__${apiVersion}`;
    for (const path of globSync(`${group}_openapi.json`, { cwd: specs })) {
      await writeKinds(folder, readFileSync(join(specs, path), 'utf8'));
    }
  }
  for (const path of globSync('manifests/crd/*.yaml', { cwd: root })) {
    const { spec } = v.parse(definitionSchema, parse(readFileSync(join(root, path), 'utf8')));
    for (const { name, schema } of spec.versions) {
      const kind = { group: spec.group, version: name, kind: spec.names.kind };
      await writeSchema(folder, kind, strict(schema.openAPIV3Schema));
    }
  }
}

async function writeKinds(folder: string, text: string): Promise<void> {
  const { components } = v.parse(v.pipe(v.string(), v.parseJson(), documentSchema), text);
  const all = strict(components);
  for (const [name, { 'x-kubernetes-group-version-kind': kinds = [] }] of Object.entries(
    components.schemas,
  )) {
    for (const kind of kinds.length === 1 ? kinds : []) {
      await writeSchema(folder, kind, { $ref: `#/components/schemas/${name}`, components: all });
    }
  }
}

async function writeSchema(
  folder: string,
  kind: v.InferOutput<typeof kindSchema>,
  schema: unknown,
): Promise<void> {
  // kubeconform takes the core group's version for its name.
  const path = SCHEMA_PATH.replace('{{.Group}}', kind.group || kind.version)
    .replace('{{.ResourceKind}}', kind.kind.toLowerCase())
    .replace('{{.ResourceAPIVersion}}', kind.version);
  await mkdir(dirname(join(folder, path)), { recursive: true });
  await writeFile(join(folder, path), JSON.stringify(schema));
}

/** The same with no field beside those that are named, so that a misspelt one is found. */
function strict(node: unknown): unknown {
  if (Array.isArray(node)) {
    return node.map(strict);
  }
  if (typeof node !== 'object' || node === null) {
    return node;
  }
  const entries = Object.entries(node).map(([name, value]): [string, unknown] => [name, strict(value)]);
  const isClosed =
    'properties' in node &&
    typeof node.properties === 'object' &&
    !('additionalProperties' in node) &&
    !('x-kubernetes-preserve-unknown-fields' in node);
  return Object.fromEntries(isClosed ? [...entries, ['additionalProperties', false]] : entries);
}

async function moduleFolder(): Promise<string> {
  const args = ['mod', 'download', '-json', `k8s.io/kubernetes@${KUBERNETES_VERSION}`];
  const { stdout } = await promisify(execFile)('go', args, { timeout: DOWNLOAD_TIMEOUT_MS });
  return v.parse(v.pipe(v.string(), v.parseJson(), v.object({ Dir: v.string() })), stdout).Dir;
}
