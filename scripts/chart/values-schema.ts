/** Reads `values.schema.json`, the one source of the chart's values, their defaults and their documentation. */
import * as v from 'valibot';

/** One value that a user may set. */
export type ChartValue = {
  /** Such as `['image', 'tag']`. */
  readonly path: readonly string[];
  readonly description: string;
  readonly default: unknown;
};

/** What stands above several values, such as `image`. */
export type ChartSection = {
  readonly path: readonly string[];
  readonly description: string;
  readonly entries: readonly ChartEntry[];
};

export type ChartEntry = ChartValue | ChartSection;

type SchemaNode = {
  readonly description?: string | undefined;
  readonly default?: unknown;
  readonly properties?: Readonly<Record<string, SchemaNode>> | undefined;
};

const nodeSchema: v.GenericSchema<SchemaNode> = v.object({
  description: v.optional(v.string()),
  default: v.optional(v.unknown()),
  properties: v.optional(
    v.record(
      v.string(),
      v.lazy(() => nodeSchema),
    ),
  ),
});

/** What every chart may be given (Helm 3 and 4); no business of this one. */
const HELMS_OWN = 'global';

/** Every value in the schema's order. @throws Error for one that lacks a description or a default */
export function readValuesSchema(text: string): readonly ChartEntry[] {
  const { properties = {} } = v.parse(v.pipe(v.string(), v.parseJson(), nodeSchema), text);
  return Object.entries(properties)
    .filter(([name]) => name !== HELMS_OWN)
    .map(([name, node]) => entryOf([name], node));
}

/** The values without the sections around them. */
export function valuesIn(entries: readonly ChartEntry[]): readonly ChartValue[] {
  return entries.flatMap((entry) => ('entries' in entry ? valuesIn(entry.entries) : [entry]));
}

function entryOf(path: readonly string[], node: SchemaNode): ChartEntry {
  const { description, properties } = node;
  if (description === undefined) {
    throw new Error(`values.schema.json: ${path.join('.')} has no description`);
  }
  if (properties !== undefined) {
    const entries = Object.entries(properties).map(([name, inner]) => entryOf([...path, name], inner));
    return { path, description, entries };
  }
  if (node.default === undefined) {
    throw new Error(`values.schema.json: ${path.join('.')} has no default`);
  }
  return { path, description, default: node.default };
}
