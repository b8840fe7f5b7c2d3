/** Pieces of CEL that several rules need, in the words that Kubernetes 1.25 understands. */

/** Whether the field at `path`, such as `self.storage.size`, is given: CEL asks at every step. */
export function given(path: string): string {
  const [root = '', ...names] = path.split('.');
  return names.map((_, depth) => `has(${[root, ...names.slice(0, depth + 1)].join('.')})`).join(' && ');
}

/** `then` where the field at `path` is given, else `otherwise`. */
export function ifGiven(path: string, then: string, otherwise: string): string {
  return `(${given(path)} ? ${then} : ${otherwise})`;
}

/** Whether `path`, from `self`, is the same as before; absent both times is the same. */
export function unchanged(path: string): string {
  const [next, before] = [`self.${path}`, `oldSelf.${path}`];
  return `(${given(next)} ? ${given(before)} && ${next} == ${before} : !(${given(before)}))`;
}

/** A list of texts. */
export function texts(values: readonly string[]): string {
  return `[${values.map(text).join(', ')}]`;
}

/** A text; CEL's escapes are those of JSON and more. */
export function text(value: string): string {
  return `'${JSON.stringify(value).slice(1, -1).replaceAll('\\"', '"').replaceAll("'", "\\'")}'`;
}

/** Whether `path` matches `pattern`; RE2 and JavaScript agree on what our patterns use. */
export function matches(path: string, pattern: RegExp): string {
  return `${path}.matches(${text(pattern.source)})`;
}
