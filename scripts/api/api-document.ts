/** `docs/api.md`: every field with its type, default and meaning, as users look it up. */
import { type DocComment, tagOf } from './doc-comment.ts';
import type { Kind, KindRule } from './kind.ts';
import type { Field, Shape, Types } from './read-types.ts';
import { fieldsOf, isRequired, type Schema, schemaOf } from './schema.ts';

const INTRODUCTION = `<!-- Generated from src/api by \`make manifests\`; do not edit. -->

# API

Group \`etcd.etcd.io\`, version \`v1alpha1\`. All kinds live in a namespace, and their references never leave it.
Unknown fields are dropped by the API server; \`kubectl apply\` and \`create\` ask it to refuse them.

A default in \`code\` is written into the object by the API server; one in words is what the operator takes for an
absent field. Rules are checked by the API server (Kubernetes 1.25 or newer); an older one admits such objects, and the
operator says in their status what is wrong with them. Rules marked with * cannot be said in a schema: the chart's
ValidatingAdmissionPolicy checks them (Kubernetes 1.30 or newer), and the webhook does where it is turned on
([operations.md](operations.md#what-is-refused-and-by-whom)).
`;

/** The whole document. */
export function apiDocument(types: Types, kinds: readonly Kind[]): string {
  return [INTRODUCTION, ...kinds.map((kind) => kindSection(types, kind, kinds))].join('\n');
}

function kindSection(types: Types, kind: Kind, kinds: readonly Kind[]): string {
  const columns = kind.columns.map(({ name, isWide }) => (isWide ? `${name} (wide)` : name)).join(' · ');
  return [
    `## ${kind.name}\n`,
    `${kind.description}\n`,
    `\`kubectl get ${kind.shortName}\`: ${columns}\n`,
    `### ${kind.name}.spec\n`,
    ...specTable(rowsBelow(types, `${kind.name}Spec`, kinds)),
    `### ${kind.name}.status\n`,
    ...statusTable(rowsBelow(types, `${kind.name}Status`, kinds)),
    `### What is refused of an ${kind.name}\n`,
    ...ruleTable(kind),
  ].join('\n');
}

type Row = {
  readonly path: string;
  readonly type: string;
  readonly defaultText: string;
  readonly meaning: string;
};

function specTable(rows: readonly Row[]): readonly string[] {
  return [
    '| Field | Type | Default | Meaning |',
    '|---|---|---|---|',
    ...rows.map((row) => lineOf(`\`${row.path}\``, row.type, row.defaultText, row.meaning)),
    '',
  ];
}

function statusTable(rows: readonly Row[]): readonly string[] {
  return [
    '| Field | Type | Meaning |',
    '|---|---|---|',
    ...rows.map((row) => lineOf(`\`${row.path}\``, row.type, row.meaning)),
    '',
  ];
}

function lineOf(...cells: readonly string[]): string {
  return `| ${cells.map((text) => text.replaceAll('|', '\\|')).join(' | ')} |`;
}

function rowsBelow(types: Types, typeName: string, kinds: readonly Kind[]): readonly Row[] {
  const elsewhere = new Set(kinds.map(({ name }) => `${name}Spec`).filter((name) => name !== typeName));
  return rowsOf(types, fieldsOf(types, typeName), '', elsewhere);
}

/** A row for each field, and below it for each field of what it contains; but not for another kind's spec. */
function rowsOf(
  types: Types,
  fields: readonly Field[],
  prefix: string,
  elsewhere: ReadonlySet<string>,
): readonly Row[] {
  return fields.flatMap((field) => {
    const path = `${prefix}${field.name}`;
    const inner = innerInterface(types, field.shape);
    const texts = { path, defaultText: defaultText(field), meaning: meaning(types, field) };
    if (inner !== undefined && elsewhere.has(inner)) {
      return [{ ...texts, type: linkTo(inner) }];
    }
    const below = inner === undefined ? [] : fieldsOf(types, inner);
    return [
      { ...texts, type: typeText(schemaOf(types, field.shape, field.doc)) },
      ...rowsOf(types, below, `${path}${suffixOf(field.shape)}.`, elsewhere),
    ];
  });
}

/** To the heading over another kind's spec. */
function linkTo(specName: string): string {
  const kind = specName.replace(/Spec$/, '');
  return `as [${kind}.spec](#${kind.toLowerCase()}spec)`;
}

function innerInterface(types: Types, shape: Shape): string | undefined {
  switch (shape.kind) {
    case 'named':
      return innerOfNamed(types, shape.name);
    case 'list':
      return innerInterface(types, shape.items);
    case 'map':
      return innerInterface(types, shape.values);
    default:
      return undefined;
  }
}

function innerOfNamed(types: Types, name: string): string | undefined {
  const type = types.get(name);
  return type?.kind === 'alias' ? innerInterface(types, type.shape) : name;
}

function suffixOf(shape: Shape): string {
  return shape.kind === 'list' ? '[]' : shape.kind === 'map' ? '.*' : '';
}

function typeText(schema: Schema): string {
  if (schema['x-kubernetes-int-or-string'] === true) {
    return 'quantity';
  }
  if (schema['x-kubernetes-preserve-unknown-fields'] === true) {
    return 'Kubernetes object';
  }
  if (schema.items !== undefined) {
    return `list of ${typeText(schema.items)}`;
  }
  if (schema.additionalProperties !== undefined) {
    return `map of ${typeText(schema.additionalProperties)}`;
  }
  if (schema.enum !== undefined) {
    return schema.enum.map((value) => `\`${value}\``).join(', ');
  }
  return `${schema.format === 'date-time' ? 'time' : schema.type}${rangeText(schema)}`;
}

function rangeText({ minimum, maximum }: Schema): string {
  if (minimum === undefined && maximum === undefined) {
    return '';
  }
  return maximum === undefined ? ` from ${minimum}` : ` ${minimum}–${maximum}`;
}

function defaultText(field: Field): string {
  const written = tagOf(field.doc, 'default');
  const assumed = tagOf(field.doc, 'assumed');
  return written === undefined ? (assumed ?? (isRequired(field) ? 'required' : '')) : `\`${written}\``;
}

function meaning(types: Types, field: Field): string {
  return field.doc.text === '' ? docOf(types, field.shape).text : field.doc.text;
}

function docOf(types: Types, shape: Shape): DocComment {
  const doc = shape.kind === 'named' ? types.get(shape.name)?.doc : undefined;
  return doc ?? { text: '', tags: [] };
}

function ruleTable({ rules, transitions, requests }: Kind): readonly string[] {
  const own = rules.filter(({ field }) => !field.startsWith('spec.clusterTemplate'));
  const hasTemplate = own.length < rules.length;
  return [
    '| Rule | Field | What is said |',
    '|---|---|---|',
    ...[...own, ...transitions].map((rule) => ruleRow(rule, rule.cel === undefined)),
    ...requests.map((rule) => ruleRow(rule, true)),
    '',
    ...(hasTemplate ? ['The rules about the spec of an EtcdCluster hold for `clusterTemplate`.\n'] : []),
  ];
}

function ruleRow({ name, field, message }: Omit<KindRule, 'cel'>, isBeyondSchema: boolean): string {
  return lineOf(isBeyondSchema ? `${name} *` : name, `\`${field}\``, message);
}
