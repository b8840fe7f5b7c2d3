import { execFileSync } from 'node:child_process';
import * as v from 'valibot';

/** npm reads one file, and starts slowly on a loaded machine. */
const NPM_TIMEOUT_MS = 60_000;
const OUTPUT_BYTES_MAX = 16 * 1024 * 1024;

const bomSchema = v.looseObject({
  bomFormat: v.literal('CycloneDX'),
  metadata: v.looseObject({
    component: v.looseObject({ name: v.string(), purl: v.string() }),
  }),
  components: v.array(v.looseObject({ 'bom-ref': v.string(), purl: v.string() })),
});

export type Bom = v.InferOutput<typeof bomSchema>;

/**
 * The bill of materials of what the checkout at `root` ships, by npm from the lock file alone: the same for the same
 * lock file, whatever is installed, whenever and wherever it is asked for.
 *
 * @throws Error when npm fails
 */
export function billOfMaterials(root: string, name: string): Bom {
  const flags = ['--package-lock-only', '--omit=dev', '--sbom-format=cyclonedx', '--loglevel=error'];
  const text = execFileSync('npm', ['sbom', ...flags], {
    cwd: root,
    encoding: 'utf8',
    timeout: NPM_TIMEOUT_MS,
    maxBuffer: OUTPUT_BYTES_MAX,
  });
  return settled(v.parse(v.pipe(v.string(), v.parseJson(), bomSchema), text), name);
}

/** Without a number drawn anew, a time, the version of npm, and the name of the folder the checkout lies in. */
function settled({ serialNumber: _number, ...bom }: Bom, name: string): Bom {
  const { timestamp: _time, tools: _tools, ...metadata } = bom.metadata;
  return { ...bom, metadata: { ...metadata, component: { ...metadata.component, name } } };
}
