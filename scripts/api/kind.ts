/** What the doc comment of a kind says about it, and the rules that belong to it. */
import { KIND_RULES, type KindName } from '../../src/api/kind-rules.ts';
import { tagOf, tagsOf } from './doc-comment.ts';
import type { Types } from './read-types.ts';

export type KindRule = {
  readonly name: string;
  readonly field: string;
  readonly cel: string | undefined;
  readonly message: string;
};

export type Kind = {
  readonly name: string;
  readonly group: string;
  readonly version: string;
  readonly plural: string;
  readonly shortName: string;
  readonly description: string;
  readonly columns: readonly Column[];
  readonly scale: Scale | undefined;
  /** About an object by itself. */
  readonly rules: readonly KindRule[];
  /** About a change of an object. */
  readonly transitions: readonly KindRule[];
  /** About a request, which a schema cannot say. */
  readonly requests: readonly Omit<KindRule, 'cel'>[];
};

export type Column = {
  readonly name: string;
  readonly type: string;
  readonly path: string;
  /** Shown by `kubectl get -o wide` only. */
  readonly isWide: boolean;
};

export type Scale = { readonly size: string; readonly ready: string; readonly selector: string };

/** The kinds of our API. */
const KIND_NAMES: readonly KindName[] = ['EtcdCluster', 'EtcdBackup', 'EtcdRestore'];

/** Every kind that is read and has rules. */
export function kindsIn(types: Types): readonly Kind[] {
  return KIND_NAMES.map((name) => kindOf(types, name));
}

function kindOf(types: Types, name: KindName): Kind {
  const type = types.get(name);
  if (type?.kind !== 'interface') {
    throw new Error(`the kind ${name} is no interface that was read`);
  }
  const { doc } = type;
  const [plural = '', shortName = ''] = (tagOf(doc, 'kind') ?? '').split(' ');
  const apiVersion = type.fields.find((field) => field.name === 'apiVersion')?.shape;
  const [group = '', version = ''] =
    apiVersion?.kind === 'choice' ? (apiVersion.values[0] ?? '').split('/') : [];
  const [size, ready, selector] = (tagOf(doc, 'scale') ?? '').split(' ');
  return {
    name,
    group,
    version,
    plural,
    shortName,
    description: doc.text,
    columns: [
      ...tagsOf(doc, 'column').map((value) => columnOf(value, false)),
      ...tagsOf(doc, 'wideColumn').map((value) => columnOf(value, true)),
    ],
    scale:
      size === undefined || ready === undefined || selector === undefined
        ? undefined
        : { size, ready, selector },
    ...KIND_RULES[name],
  };
}

function columnOf(value: string, isWide: boolean): Column {
  const [name = '', type = '', path = ''] = value.split(' ');
  return { name, type, path, isWide };
}
