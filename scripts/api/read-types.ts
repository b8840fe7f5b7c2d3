/**
 * Reads exported interfaces and type aliases out of TypeScript. Only what an API's types need is understood;
 * anything else is an error with its place, so that no field is ever left out by accident.
 */
import { parse } from '@babel/parser';
import { type DocComment, parseDocComment } from './doc-comment.ts';

/** A type as it is written where it is used. */
export type Shape =
  | { readonly kind: 'text' | 'number' | 'boolean' | 'unknown' }
  | { readonly kind: 'choice'; readonly values: readonly string[] }
  | { readonly kind: 'list'; readonly items: Shape }
  | { readonly kind: 'map'; readonly values: Shape }
  | { readonly kind: 'named'; readonly name: string }
  /** A union of other types; only a tag can say what it is in a schema. */
  | { readonly kind: 'mixed' };

export type Field = {
  readonly name: string;
  readonly optional: boolean;
  readonly doc: DocComment;
  readonly shape: Shape;
};

export type Interface = {
  readonly kind: 'interface';
  readonly doc: DocComment;
  readonly extends: readonly string[];
  readonly fields: readonly Field[];
};

export type Alias = { readonly kind: 'alias'; readonly doc: DocComment; readonly shape: Shape };

export type Types = ReadonlyMap<string, Interface | Alias>;

type Statement = ReturnType<typeof parse>['program']['body'][number];
type InterfaceNode = Extract<Statement, { type: 'TSInterfaceDeclaration' }>;
type MemberNode = InterfaceNode['body']['body'][number];
type TypeNode = Extract<Statement, { type: 'TSTypeAliasDeclaration' }>['typeAnnotation'];
type ReferenceNode = Extract<TypeNode, { type: 'TSTypeReference' }>;
type Commented = Pick<Statement, 'leadingComments'>;

/** The exported types of `sources`, whose names must be unique among them. */
export function readTypes(sources: readonly { readonly path: string; readonly text: string }[]): Types {
  const types = new Map<string, Interface | Alias>();
  for (const { path, text } of sources) {
    const { program } = parse(text, { sourceType: 'module', sourceFilename: path, plugins: ['typescript'] });
    for (const [name, type] of program.body.flatMap((statement) => readStatement(statement, path))) {
      if (types.has(name)) {
        throw new Error(`${path}: the name ${name} is taken by another file`);
      }
      types.set(name, type);
    }
  }
  return types;
}

function readStatement(
  statement: Statement,
  path: string,
): readonly (readonly [string, Interface | Alias])[] {
  if (statement.type !== 'ExportNamedDeclaration' || statement.declaration == null) {
    return [];
  }
  const { declaration } = statement;
  const doc = docOf(statement);
  switch (declaration.type) {
    case 'TSInterfaceDeclaration':
      return [[declaration.id.name, readInterface(declaration, doc, path)]];
    case 'TSTypeAliasDeclaration':
      return [
        [declaration.id.name, { kind: 'alias', doc, shape: readShape(declaration.typeAnnotation, path) }],
      ];
    default:
      return [];
  }
}

function readInterface(node: InterfaceNode, doc: DocComment, path: string): Interface {
  return {
    kind: 'interface',
    doc,
    extends: (node.extends ?? []).map(({ expression }) =>
      expression.type === 'Identifier' ? expression.name : unreadable(expression, path),
    ),
    fields: node.body.body.map((member) => readField(member, path)),
  };
}

function readField(member: MemberNode, path: string): Field {
  if (
    member.type !== 'TSPropertySignature' ||
    member.key.type !== 'Identifier' ||
    member.typeAnnotation == null
  ) {
    return unreadable(member, path);
  }
  return {
    name: member.key.name,
    optional: member.optional === true,
    doc: docOf(member),
    shape: readShape(member.typeAnnotation.typeAnnotation, path),
  };
}

function readShape(node: TypeNode, path: string): Shape {
  switch (node.type) {
    case 'TSStringKeyword':
      return { kind: 'text' };
    case 'TSNumberKeyword':
      return { kind: 'number' };
    case 'TSBooleanKeyword':
      return { kind: 'boolean' };
    case 'TSUnknownKeyword':
      return { kind: 'unknown' };
    case 'TSParenthesizedType':
      return readShape(node.typeAnnotation, path);
    case 'TSTypeOperator':
      return node.operator === 'readonly' ? readShape(node.typeAnnotation, path) : unreadable(node, path);
    case 'TSArrayType':
      return { kind: 'list', items: readShape(node.elementType, path) };
    case 'TSLiteralType':
    case 'TSUnionType':
      return readChoice(node);
    case 'TSTypeReference':
      return readReference(node, path);
    default:
      return unreadable(node, path);
  }
}

function readChoice(node: Extract<TypeNode, { type: 'TSLiteralType' | 'TSUnionType' }>): Shape {
  const members = node.type === 'TSUnionType' ? node.types : [node];
  const values = members.flatMap((each) =>
    each.type === 'TSLiteralType' && each.literal.type === 'StringLiteral' ? [each.literal.value] : [],
  );
  return values.length === members.length ? { kind: 'choice', values } : { kind: 'mixed' };
}

/** `Readonly<Record<string, X>>` is a map; any other name is that of one of our types. */
function readReference(node: ReferenceNode, path: string): Shape {
  const name = node.typeName.type === 'Identifier' ? node.typeName.name : unreadable(node, path);
  const [first, second, ...more] = node.typeArguments?.params ?? [];
  if (name === 'Readonly' && first !== undefined && second === undefined) {
    return readShape(first, path);
  }
  if (name === 'Record' && first?.type === 'TSStringKeyword' && second !== undefined && more.length === 0) {
    return { kind: 'map', values: readShape(second, path) };
  }
  return first === undefined ? { kind: 'named', name } : unreadable(node, path);
}

/** The doc comment right before a node; other comments are for its writers. */
function docOf({ leadingComments }: Commented): DocComment {
  const docs = (leadingComments ?? []).filter(
    ({ type, value }) => type === 'CommentBlock' && /^\*/.test(value),
  );
  return parseDocComment(docs.at(-1)?.value.slice(1) ?? '');
}

function unreadable({ type, loc }: Pick<Statement, 'loc'> & { readonly type: string }, path: string): never {
  throw new Error(`${path}:${loc?.start.line ?? 0}: an API's types may not contain a ${type}`);
}
