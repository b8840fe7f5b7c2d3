import { globSync, readFileSync } from 'node:fs';
import { join, posix } from 'node:path';

const ROOT = join(import.meta.dirname, '..', '..');

export type Import = {
  /** What is written: a path, a package, or a Node built-in. */
  readonly from: string;
  /** The file it leads to, such as `src/model/member.ts`; undefined for packages and built-ins. */
  readonly file: string | undefined;
  /** Gone once types are stripped: nothing is loaded for it. */
  readonly isType: boolean;
  /** `import(…)`: loaded when it is reached, not at start. */
  readonly isLazy: boolean;
};

export type SourceFile = {
  /** Such as `src/model/member.ts`. */
  readonly path: string;
  readonly text: string;
  /** The text without comments. */
  readonly code: string;
  readonly lines: number;
  readonly imports: readonly Import[];
};

/** Every TypeScript file under `folder`, a path from the checkout's root. */
export function readSources(folder: string): readonly SourceFile[] {
  return globSync(`${folder}/**/*.ts`, { cwd: ROOT })
    .toSorted()
    .map((path) => {
      const text = readFileSync(join(ROOT, path), 'utf8');
      const code = withoutComments(text);
      return { path, text, code, lines: text.split('\n').length - 1, imports: importsOf(path, code) };
    });
}

/** The text of a file of this checkout. */
export function readText(path: string): string {
  return readFileSync(join(ROOT, path), 'utf8');
}

/** The first folder under `src`, such as `model`; empty for `src/main.ts`. */
export function folderOf(path: string): string {
  const [, folder = '', ...rest] = path.split('/');
  return rest.length === 0 ? '' : folder;
}

/** The package's name without what is inside it: `@grpc/grpc-js` of `@grpc/grpc-js/build/x`. */
export function packageOf(from: string): string {
  const parts = from.split('/');
  return (from.startsWith('@') ? parts.slice(0, 2) : parts.slice(0, 1)).join('/');
}

const STATIC = /^\s*(?:import|export)\s+(type\s+)?(?:[^'";]*?\sfrom\s+)?'([^']+)'/gm;
const LAZY = /\bimport\(\s*'([^']+)'/g;

function importsOf(path: string, code: string): readonly Import[] {
  const found = (from: string, isType: boolean, isLazy: boolean): Import => ({
    from,
    file: from.startsWith('.') ? posix.join(posix.dirname(path), from) : undefined,
    isType,
    isLazy,
  });
  return [
    ...[...code.matchAll(STATIC)].map((match) => found(match[2] ?? '', match[1] !== undefined, false)),
    ...[...code.matchAll(LAZY)].map((match) => found(match[1] ?? '', false, true)),
  ];
}

/** Strings are kept: what looks like a comment in one is none. */
function withoutComments(text: string): string {
  const token = /\/\*[\s\S]*?\*\/|\/\/[^\n]*|'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"|`(?:\\.|[^`\\])*`/g;
  return text.replace(token, (match) => (/^\/[/*]/.test(match) ? ' ' : match));
}
