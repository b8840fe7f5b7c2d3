/** What a doc comment says: prose, and tags such as `@minimum 0`. */
export type DocComment = {
  /** The prose as one paragraph. */
  readonly text: string;
  readonly tags: readonly Tag[];
};

export type Tag = { readonly name: string; readonly value: string };

/** Splits the inside of a doc comment, as it stands between its opening and closing marks. */
export function parseDocComment(inside: string): DocComment {
  const lines = inside.split('\n').map((line) => line.replace(/^\s*\*?\s?/, '').trimEnd());
  const [prose = '', ...tags] = lines.join('\n').split(/^@/m);
  return {
    text: onOneLine(prose),
    tags: tags.map((each) => {
      const [, name = '', value = ''] = /^(\w+)\s*([\s\S]*)$/.exec(each.trim()) ?? [];
      return { name, value: onOneLine(value) };
    }),
  };
}

/** The value of the only tag of that name; undefined where there is none. */
export function tagOf(doc: DocComment, name: string): string | undefined {
  const values = tagsOf(doc, name);
  if (values.length > 1) {
    throw new Error(`@${name} stands twice under "${doc.text}"`);
  }
  return values[0];
}

/** The values of all tags of that name, in their order. */
export function tagsOf(doc: DocComment, name: string): readonly string[] {
  return doc.tags.filter((tag) => tag.name === name).map(({ value }) => value);
}

function onOneLine(text: string): string {
  return text.replace(/\s+/g, ' ').trim();
}
