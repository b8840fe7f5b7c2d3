import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { apiDocument } from './api-document.ts';
import { customResourceDefinition } from './custom-resource-definition.ts';
import { kindsIn } from './kind.ts';
import { readTypes } from './read-types.ts';
import { schemaModule, schemaModulePath } from './schema-module.ts';
import { API_FILES, PART_FILES } from './type-files.ts';

const SOURCES = [...API_FILES, ...PART_FILES].map((name) => `src/api/${name}.ts`);

const HEADER = '# Generated from src/api by `make manifests`; do not edit.\n';
const LINE_CHARS_MAX = 110;

/** Every file that is generated from `src/api`, by its path from the checkout's root. */
export function renderApi(root: string): ReadonlyMap<string, string> {
  const types = readTypes(SOURCES.map((path) => ({ path, text: readFileSync(join(root, path), 'utf8') })));
  const kinds = kindsIn(types);
  const definitions = kinds.map((kind): [string, string] => [
    `manifests/crd/${kind.group}_${kind.plural}.yaml`,
    HEADER +
      stringify(customResourceDefinition(types, kind), {
        lineWidth: LINE_CHARS_MAX,
        aliasDuplicateObjects: false,
      }),
  ]);
  const modules = kinds.map((kind): [string, string] => [schemaModulePath(kind), schemaModule(types, kind)]);
  return new Map([...definitions, ...modules, ['docs/api.md', apiDocument(types, kinds)]]);
}
