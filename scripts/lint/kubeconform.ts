import { join } from 'node:path';
import * as v from 'valibot';
import { SCHEMA_PATH } from './kube-schemas.ts';
import { type ManifestSource, streamOf, typeOf } from './manifest-source.ts';
import { runLinter } from './run-linter.ts';

const reportSchema = v.object({
  resources: v.array(v.object({ kind: v.string(), name: v.string(), status: v.string(), msg: v.string() })),
  summary: v.object({ valid: v.number() }),
});

/** What does not fit its schema, in one line each. `excused`: types that are not judged. */
export async function kubeconform(
  program: string,
  source: ManifestSource,
  schemas: string,
  excused: ReadonlySet<string>,
): Promise<readonly string[]> {
  const objects = source.objects.filter((object) => !excused.has(typeOf(object)));
  const args = ['-output', 'json', '-summary', '-schema-location', join(schemas, SCHEMA_PATH), '-'];
  const written = await runLinter(program, args, streamOf({ ...source, objects }));
  const { resources, summary } = v.parse(v.pipe(v.string(), v.parseJson(), reportSchema), written);
  const wrong = resources.map(({ kind, name, msg }) => `${kind}/${name} ${msg.replace(/^.*\.json#'/s, '')}`);
  const judged = summary.valid + wrong.length;
  return judged === objects.length ? wrong : [...wrong, `${objects.length - judged} objects were not judged`];
}
