import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { parse } from 'yaml';

/** Of the OpenAPI schema of a CRD, what our own schemas use. */
export type Schema = {
  readonly type?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: Schema;
  readonly items?: Schema;
  readonly enum?: readonly string[];
  readonly pattern?: string;
  readonly format?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly 'x-kubernetes-int-or-string'?: boolean;
  readonly 'x-kubernetes-preserve-unknown-fields'?: boolean;
};

/** The schema of one of our kinds, such as `etcdclusters`, as it is installed. */
export function installedSchema(plural: string): Schema {
  const path = join(import.meta.dirname, '..', '..', 'manifests', 'crd', `etcd.etcd.io_${plural}.yaml`);
  return parse(readFileSync(path, 'utf8')).spec.versions[0].schema.openAPIV3Schema;
}

/** Few of each: properties are tried hundreds of times. */
const ITEMS_MAX = 3;
const CHARACTERS_MAX = 40;

/** Anything that the API server lets pass where it has the schema and no rules in CEL (before Kubernetes 1.25). */
export function anyOf(schema: Schema): fc.Arbitrary<unknown> {
  if (schema['x-kubernetes-int-or-string'] === true) {
    return fc.oneof(fc.integer(), aText(schema));
  }
  switch (schema.type) {
    case 'object':
      return anObject(schema);
    case 'array':
      return fc.array(anyOf(schema.items ?? {}), { maxLength: ITEMS_MAX });
    case 'boolean':
      return fc.boolean();
    case 'integer':
      return fc.integer({ min: schema.minimum ?? -(2 ** 31), max: schema.maximum ?? 2 ** 31 - 1 });
    case 'number':
      return fc.double({
        min: schema.minimum ?? -Number.MAX_VALUE,
        max: schema.maximum ?? Number.MAX_VALUE,
        noNaN: true,
        noDefaultInfinity: true,
      });
    case 'string':
      return aText(schema);
    default:
      return fc.jsonValue();
  }
}

function anObject(schema: Schema): fc.Arbitrary<unknown> {
  const { properties = {}, required = [], additionalProperties } = schema;
  const fields = Object.fromEntries(Object.entries(properties).map(([name, each]) => [name, anyOf(each)]));
  const known = fc.record(fields, {
    requiredKeys: required.filter((name) => Object.hasOwn(fields, name)),
    noNullPrototype: true,
  });
  const more =
    additionalProperties === undefined
      ? schema['x-kubernetes-preserve-unknown-fields']
        ? fc.jsonValue()
        : undefined
      : anyOf(additionalProperties);
  return more === undefined
    ? known
    : fc
        .tuple(known, fc.dictionary(fc.string({ maxLength: 20 }), more, { maxKeys: ITEMS_MAX }))
        .map(([some, rest]) => ({ ...rest, ...some }));
}

function aText({ enum: words, pattern, format, minLength, maxLength }: Schema): fc.Arbitrary<string> {
  if (words !== undefined) {
    return fc.constantFrom(...words);
  }
  if (format === 'date-time') {
    return fc.date({ noInvalidDate: true }).map((date) => date.toISOString());
  }
  const most = Math.min(maxLength ?? CHARACTERS_MAX, CHARACTERS_MAX);
  return pattern === undefined
    ? fc.string({ minLength: minLength ?? 0, maxLength: most })
    : fc.stringMatching(new RegExp(pattern), { maxLength: most });
}
