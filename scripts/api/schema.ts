import { QUANTITY_PATTERN } from '../../src/api/quantity.ts';
import { type DocComment, tagOf } from './doc-comment.ts';
import type { Field, Shape, Types } from './read-types.ts';

/** A structural schema, as far as our types need it (apiextensions.k8s.io/v1 JSONSchemaProps). */
export type Schema = {
  readonly description?: string;
  readonly type?: 'object' | 'array' | 'string' | 'integer' | 'number' | 'boolean';
  readonly format?: string;
  readonly default?: unknown;
  readonly enum?: readonly string[];
  readonly pattern?: string;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly maxProperties?: number;
  readonly anyOf?: readonly Schema[];
  readonly items?: Schema;
  readonly additionalProperties?: Schema;
  readonly required?: readonly string[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly 'x-kubernetes-int-or-string'?: true;
  readonly 'x-kubernetes-preserve-unknown-fields'?: true;
  readonly 'x-kubernetes-list-type'?: 'atomic' | 'set' | 'map';
  readonly 'x-kubernetes-list-map-keys'?: readonly string[];
  readonly 'x-kubernetes-validations'?: readonly { readonly rule: string; readonly message: string }[];
};

/** Tags that say something to a schema, and what. */
const TAGS: Readonly<Record<string, (value: string) => Schema>> = {
  default: (value) => ({ default: JSON.parse(value) }),
  format: (value) => ({ type: 'integer', format: value }),
  dateTime: () => ({ format: 'date-time' }),
  pattern: (value) => ({ pattern: value }),
  minLength: (value) => ({ minLength: numberIn(value) }),
  maxLength: (value) => ({ maxLength: numberIn(value) }),
  minimum: (value) => ({ minimum: numberIn(value) }),
  maximum: (value) => ({ maximum: numberIn(value) }),
  minItems: (value) => ({ minItems: numberIn(value) }),
  maxItems: (value) => ({ maxItems: numberIn(value) }),
  maxProperties: (value) => ({ maxProperties: numberIn(value) }),
  listSet: () => ({ 'x-kubernetes-list-type': 'set' }),
  listMapKey: (value) => ({ 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': [value] }),
  quantity: () => ({
    anyOf: [{ type: 'integer' }, { type: 'string' }],
    pattern: QUANTITY_PATTERN,
    'x-kubernetes-int-or-string': true,
  }),
  passThrough: () => ({ type: 'object', 'x-kubernetes-preserve-unknown-fields': true }),
  // What is taken for an absent field without being written into the object.
  assumed: (value) => ({ description: `When absent: ${value}.` }),
  // About a kind as a whole; see kind.ts.
  kind: () => ({}),
  column: () => ({}),
  wideColumn: () => ({}),
  scale: () => ({}),
};

/** The schema of a value of type `shape` that is documented by `doc`. */
export function schemaOf(types: Types, shape: Shape, doc: DocComment): Schema {
  const parts = doc.tags.map(({ name, value }) => {
    const tag = TAGS[name];
    if (tag === undefined) {
      throw new Error(`@${name} is no tag that is known here ("${doc.text}")`);
    }
    return tag(value);
  });
  const { description, ...bare } = bareSchemaOf(types, shape, doc);
  const texts = [
    doc.text === '' ? (description ?? '') : doc.text,
    ...parts.map((part) => part.description ?? ''),
  ];
  const text = texts.filter((each) => each !== '').join(' ');
  return {
    ...(text === '' ? {} : { description: text }),
    ...bare,
    ...Object.assign({}, ...parts.map(withoutText)),
  };
}

/** The fields of an interface, its own before inherited ones. */
export function fieldsOf(types: Types, name: string): readonly Field[] {
  const type = types.get(name);
  if (type?.kind !== 'interface') {
    throw new Error(`${name} is no interface that was read`);
  }
  return [...type.fields, ...type.extends.flatMap((parent) => fieldsOf(types, parent))];
}

function bareSchemaOf(types: Types, shape: Shape, doc: DocComment): Schema {
  switch (shape.kind) {
    case 'text':
      return { type: 'string' };
    case 'number':
      return { type: 'number' };
    case 'boolean':
      return { type: 'boolean' };
    case 'choice':
      return { type: 'string', enum: shape.values };
    case 'list':
      return {
        type: 'array',
        items: schemaOf(types, shape.items, NO_DOC),
        'x-kubernetes-list-type': 'atomic',
      };
    case 'map':
      return tagOf(doc, 'passThrough') === undefined
        ? { type: 'object', additionalProperties: schemaOf(types, shape.values, NO_DOC) }
        : {};
    case 'named':
      return namedSchemaOf(types, shape.name);
    case 'mixed':
    case 'unknown':
      if (tagOf(doc, 'quantity') === undefined) {
        throw new Error(`a type that is several or unknown needs a tag that says what it is ("${doc.text}")`);
      }
      return {};
  }
}

function namedSchemaOf(types: Types, name: string): Schema {
  const type = types.get(name);
  if (type === undefined) {
    throw new Error(`the type ${name} is used and was not read`);
  }
  return type.kind === 'alias'
    ? schemaOf(types, type.shape, type.doc)
    : objectSchemaOf(types, name, type.doc);
}

function objectSchemaOf(types: Types, name: string, doc: DocComment): Schema {
  const fields = fieldsOf(types, name);
  const required = fields.filter(isRequired).map((field) => field.name);
  return {
    description: doc.text,
    type: 'object',
    ...(required.length === 0 ? {} : { required }),
    properties: Object.fromEntries(
      fields.map((field) => [field.name, schemaOf(types, field.shape, field.doc)]),
    ),
  };
}

/** A field with a default may be left out, even where the type says that it is always there to read. */
export function isRequired(field: Field): boolean {
  return !field.optional && tagOf(field.doc, 'default') === undefined;
}

const NO_DOC: DocComment = { text: '', tags: [] };

function withoutText({ description: _, ...schema }: Schema): Schema {
  return schema;
}

function numberIn(value: string): number {
  const number = Number(value);
  if (value === '' || !Number.isFinite(number)) {
    throw new Error(`"${value}" is no number`);
  }
  return number;
}
