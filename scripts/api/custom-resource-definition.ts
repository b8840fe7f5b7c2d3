import type { Kind, KindRule } from './kind.ts';
import type { Types } from './read-types.ts';
import { fieldsOf, isRequired, type Schema, schemaOf } from './schema.ts';

/** The CustomResourceDefinition (apiextensions.k8s.io/v1) of a kind. */
export function customResourceDefinition(types: Types, kind: Kind): Readonly<Record<string, unknown>> {
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${kind.plural}.${kind.group}` },
    spec: {
      group: kind.group,
      scope: 'Namespaced',
      names: {
        kind: kind.name,
        listKind: `${kind.name}List`,
        plural: kind.plural,
        singular: kind.name.toLowerCase(),
        shortNames: [kind.shortName],
      },
      versions: [
        {
          name: kind.version,
          served: true,
          storage: true,
          additionalPrinterColumns: kind.columns.map(({ name, type, path, isWide }) => ({
            name,
            type,
            jsonPath: path,
            ...(isWide ? { priority: 1 } : {}),
          })),
          subresources: { status: {}, ...scaleOf(kind) },
          schema: { openAPIV3Schema: withRules(objectSchemaOf(types, kind), kind) },
        },
      ],
    },
  };
}

function scaleOf({ scale }: Kind): object {
  return scale === undefined
    ? {}
    : {
        scale: {
          specReplicasPath: scale.size,
          statusReplicasPath: scale.ready,
          labelSelectorPath: scale.selector,
        },
      };
}

/** What Kubernetes itself knows of every object: it validates these, and a schema may only name them. */
const OF_EVERY_OBJECT: Readonly<Record<string, Schema>> = {
  apiVersion: { type: 'string' },
  kind: { type: 'string' },
  metadata: { type: 'object' },
};

function objectSchemaOf(types: Types, kind: Kind): Schema {
  const own = fieldsOf(types, kind.name).filter(({ name }) => OF_EVERY_OBJECT[name] === undefined);
  const required = own.filter(isRequired).map(({ name }) => name);
  return {
    description: kind.description,
    type: 'object',
    ...(required.length === 0 ? {} : { required }),
    properties: {
      ...OF_EVERY_OBJECT,
      ...Object.fromEntries(own.map((field) => [field.name, schemaOf(types, field.shape, field.doc)])),
    },
  };
}

function withRules(schema: Schema, kind: Kind): Schema {
  return [...kind.rules, ...kind.transitions].reduce(withRule, schema);
}

/** A schema may not say anything about `metadata`, so its rules hang on the whole object. */
function withRule(schema: Schema, rule: KindRule): Schema {
  const path = rule.field.startsWith('metadata.') ? [] : rule.field.split('.');
  return rule.cel === undefined ? schema : validated(schema, path, { ...rule, cel: rule.cel });
}

function validated(
  schema: Schema,
  path: readonly string[],
  rule: KindRule & { readonly cel: string },
): Schema {
  const [name, ...rest] = path;
  if (name === undefined) {
    const rules = schema['x-kubernetes-validations'] ?? [];
    return { ...schema, 'x-kubernetes-validations': [...rules, { rule: rule.cel, message: rule.message }] };
  }
  const property = schema.properties?.[name];
  if (property === undefined) {
    throw new Error(`the rule ${rule.name} hangs on ${rule.field}, which is no field`);
  }
  return { ...schema, properties: { ...schema.properties, [name]: validated(property, rest, rule) } };
}
