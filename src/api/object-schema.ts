/**
 * What a CRD's schema says of a value, checked by the operator itself. An API server that has the schema lets nothing
 * pass that fails here; one that lacks it (a CRD that is older, or was edited by hand) lets anything pass.
 */

/** Of one field all that our schemas say (apiextensions.k8s.io/v1 JSONSchemaProps), but defaults and rules in CEL. */
export type FieldSchema = {
  readonly type?: 'object' | 'array' | 'string' | 'integer' | 'number' | 'boolean';
  readonly 'x-kubernetes-int-or-string'?: true;
  readonly required?: readonly string[];
  readonly maxProperties?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly format?: string;
  readonly enum?: readonly string[];
  readonly pattern?: string;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minimum?: number;
  readonly maximum?: number;
};

/** Fields by their paths from the object, such as `spec.size`; `.*` is any key of a map, `[]` any item of a list. */
export type ObjectSchema = Readonly<Record<string, FieldSchema>>;

/** What is wrong with a part of an object. A text is never repeated: it may be secret. */
export type SchemaFault = {
  /** Path of the part, such as `spec.podTemplate.env[0].name`. */
  readonly field: string;
  /** What it must be; goes on from `field`. */
  readonly message: string;
};

/** What of a part fits, and the first thing that does not. */
export type FittingFields = {
  readonly fields: Readonly<Record<string, unknown>>;
  readonly fault: SchemaFault | undefined;
};

/** Characters of a key that a path repeats: without a schema a key is as long as its author likes. */
const KEY_CHARS_MAX = 64;

/** The fields of `part`, such as `spec`, without those in which anything is refused; none of what is no object. */
export function fittingFields(schema: ObjectSchema, part: string, value: unknown): FittingFields {
  const fields = Object.entries(isObject(value) ? value : {}).filter(
    ([name, each]) => schemaFault(schema, each, pathOf(schema, part, name)) === undefined,
  );
  return { fields: Object.fromEntries(fields), fault: schemaFault(schema, value, part) };
}

/**
 * The first thing that `schema` refuses in `value`; undefined when it fits. Of what a schema says nothing, anything
 * goes, however deep it is. Never throws.
 *
 * @param path where the schema has it
 * @param field where it really stands
 */
export function schemaFault(
  schema: ObjectSchema,
  value: unknown,
  path: string,
  field: string = path,
): SchemaFault | undefined {
  const own = Object.hasOwn(schema, path) ? schema[path] : undefined;
  if (own === undefined) {
    return undefined;
  }
  const [wanted, isWanted] = kindWantedBy(own);
  if (!isWanted(value)) {
    return { field, message: `must be ${wanted}, and is ${kindOf(value)}` };
  }
  if (Array.isArray(value)) {
    return (
      rangeFault(field, value.length, own.minItems, own.maxItems, ' items long') ??
      firstOf(value.entries(), ([index, item]) =>
        schemaFault(schema, item, `${path}[]`, `${field}[${index}]`),
      )
    );
  }
  return isObject(value) ? objectFault(schema, own, value, path, field) : scalarFault(own, value, field);
}

function objectFault(
  schema: ObjectSchema,
  own: FieldSchema,
  value: Readonly<Record<string, unknown>>,
  path: string,
  field: string,
): SchemaFault | undefined {
  const missing = own.required?.find((name) => !Object.hasOwn(value, name));
  if (missing !== undefined) {
    return { field: `${field}.${missing}`, message: 'is missing' };
  }
  const names = Object.keys(value);
  return (
    rangeFault(field, names.length, undefined, own.maxProperties, ' fields large') ??
    firstOf(names, (name) => {
      const part = `${field}.${name.slice(0, KEY_CHARS_MAX)}`;
      return schemaFault(schema, value[name], pathOf(schema, path, name), part);
    })
  );
}

/** A key of a map may be called anything, such as `size.of.it`; names of fields are words. */
function pathOf(schema: ObjectSchema, path: string, name: string): string {
  const own = `${path}.${name}`;
  return /^\w+$/.test(name) && Object.hasOwn(schema, own) ? own : `${path}.*`;
}

function scalarFault(own: FieldSchema, value: unknown, field: string): SchemaFault | undefined {
  switch (typeof value) {
    case 'string':
      return textFault(own, value, field);
    case 'number':
      return rangeFault(field, value, own.minimum, own.maximum, '');
    default:
      return undefined;
  }
}

function textFault(own: FieldSchema, value: string, field: string): SchemaFault | undefined {
  const { enum: words, pattern, format, minLength, maxLength } = own;
  if (words !== undefined && !words.includes(value)) {
    return { field, message: `must be one of ${words.join(', ')}` };
  }
  // The API server counts code points, not units of UTF-16.
  const length = rangeFault(field, [...value].length, minLength, maxLength, ' characters long');
  if (length !== undefined) {
    return length;
  }
  if (pattern !== undefined && !new RegExp(pattern).test(value)) {
    return { field, message: `must match ${pattern}` };
  }
  return format === 'date-time' && Number.isNaN(Date.parse(value))
    ? { field, message: 'must be a time such as 2026-01-02T03:04:05Z' }
    : undefined;
}

type Kind = readonly [name: string, is: (value: unknown) => boolean];

const isText = (value: unknown): boolean => typeof value === 'string';

const KINDS: Readonly<Record<NonNullable<FieldSchema['type']>, Kind>> = {
  object: ['an object', isObject],
  array: ['a list', Array.isArray],
  string: ['a text', isText],
  integer: ['a whole number', Number.isInteger],
  number: ['a number', Number.isFinite],
  boolean: ['true or false', (value) => typeof value === 'boolean'],
};

const INT_OR_STRING: Kind = ['a whole number or a text', (value) => Number.isInteger(value) || isText(value)];

const ANYTHING: Kind = ['anything', () => true];

function kindWantedBy(own: FieldSchema): Kind {
  if (own['x-kubernetes-int-or-string'] === true) {
    return INT_OR_STRING;
  }
  return own.type === undefined ? ANYTHING : KINDS[own.type];
}

function kindOf(value: unknown): string {
  if (value === null) {
    return 'null';
  }
  if (Array.isArray(value)) {
    return 'a list';
  }
  switch (typeof value) {
    case 'string':
      return 'a text';
    case 'number':
      return Number.isInteger(value) ? 'a number' : 'a fraction';
    case 'boolean':
      return String(value);
    default:
      return 'an object';
  }
}

function rangeFault(
  field: string,
  amount: number,
  least: number | undefined,
  most: number | undefined,
  unit: string,
): SchemaFault | undefined {
  if (least !== undefined && amount < least) {
    return { field, message: `must be at least ${least}${unit}, and is ${amount}` };
  }
  if (most !== undefined && amount > most) {
    return { field, message: `must be at most ${most}${unit}, and is ${amount}` };
  }
  return undefined;
}

function firstOf<T>(
  values: Iterable<T>,
  faultOf: (value: T) => SchemaFault | undefined,
): SchemaFault | undefined {
  for (const value of values) {
    const fault = faultOf(value);
    if (fault !== undefined) {
      return fault;
    }
  }
  return undefined;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
