/** A kind's schema as a module of `src/api`: the operator checks by it what an API server without it lets pass. */
import type { Kind } from './kind.ts';
import type { Types } from './read-types.ts';
import { fieldsOf, type Schema, schemaOf } from './schema.ts';

/** What a field is checked by; the rest of a schema describes it, fills it in, or is for the API server alone. */
const CHECKED: ReadonlySet<string> = new Set<keyof Schema>([
  'type',
  'x-kubernetes-int-or-string',
  'required',
  'maxProperties',
  'minItems',
  'maxItems',
  'format',
  'enum',
  'pattern',
  'minLength',
  'maxLength',
  'minimum',
  'maximum',
]);

/** What Kubernetes checks without a schema. */
const OF_EVERY_OBJECT: ReadonlySet<string> = new Set(['apiVersion', 'kind', 'metadata']);

/** Path of the module of `kind`, from the checkout's root. */
export function schemaModulePath({ name }: Kind): string {
  return `src/api/${wordsOf(name).join('-').toLowerCase()}-schema.ts`;
}

/** Its text. */
export function schemaModule(types: Types, kind: Kind): string {
  const fields = fieldsOf(types, kind.name)
    .filter(({ name }) => !OF_EVERY_OBJECT.has(name))
    .flatMap(({ name, shape, doc }) => pathsIn(schemaOf(types, shape, doc), name));
  return `/** What the CRD of ${kind.name} says of its fields. Generated from src/api by \`make manifests\`; do not edit. */
// biome-ignore-all format: a line for each field
import type { ObjectSchema } from './object-schema.ts';

export const ${wordsOf(kind.name).join('_').toUpperCase()}_SCHEMA: ObjectSchema = {
${fields.map(([path, field]) => `  ${textLiteral(path)}: ${literal(field)},\n`).join('')}};
`;
}

function wordsOf(name: string): readonly string[] {
  return name.split(/(?<=[a-z])(?=[A-Z])/);
}

type FieldSchema = Readonly<Record<string, unknown>>;

/** Every part of `schema`, which stands at `path`: as `src/api/object-schema.ts` has them. */
function pathsIn(schema: Schema, path: string): readonly (readonly [string, FieldSchema])[] {
  const { properties = {}, additionalProperties, items } = schema;
  const own = Object.fromEntries(Object.entries(schema).filter(([name]) => CHECKED.has(name)));
  return [
    [path, own],
    ...Object.entries(properties).flatMap(([name, each]) => pathsIn(each, `${path}.${name}`)),
    ...(additionalProperties === undefined ? [] : pathsIn(additionalProperties, `${path}.*`)),
    ...(items === undefined ? [] : pathsIn(items, `${path}[]`)),
  ];
}

function literal(field: FieldSchema): string {
  const words = Object.entries(field).map(([name, value]) => `${keyText(name)}: ${valueText(value)}`);
  return `{ ${words.join(', ')} }`;
}

function valueText(value: unknown): string {
  if (Array.isArray(value)) {
    return `[${value.map(valueText).join(', ')}]`;
  }
  return typeof value === 'string' ? textLiteral(value) : JSON.stringify(value);
}

function keyText(name: string): string {
  return /^[A-Za-z_]\w*$/.test(name) ? name : textLiteral(name);
}

function textLiteral(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
}
