import assert from 'node:assert/strict';
import { basename, matchesGlob } from 'node:path';
import { describe, it } from 'node:test';
import { folderOf, packageOf, readSources, type SourceFile } from './source-files.ts';

const SOURCES = readSources('src');
const BY_PATH = new Map(SOURCES.map((file) => [file.path, file]));

/**
 * Which folders each folder may import, besides itself. Knowledge flows one way: the model knows nobody,
 * decisions know only the model, adapters know no agent, and nobody but the entry knows the command line.
 */
const DIRECTIONS: Readonly<Record<string, readonly string[]>> = {
  model: [],
  decide: ['model'],
  runtime: ['model'],
  dns: ['model', 'runtime'],
  etcd: ['model', 'runtime'],
  kube: ['model', 'runtime'],
  pki: ['runtime'],
  volume: ['model', 'runtime', 'etcd'],
  api: ['model'],
  agent: ['decide', 'model', 'runtime', 'dns', 'etcd', 'kube', 'pki', 'volume'],
  resources: ['model', 'api'],
  operator: ['model', 'runtime', 'etcd', 'kube', 'pki', 'api', 'resources'],
  local: ['model', 'runtime', 'dns', 'etcd'],
  demo: ['model', 'runtime', 'dns', 'etcd', 'local'],
  bench: ['model', 'runtime', 'dns', 'etcd', 'local', 'demo'],
  cli: ['model', 'runtime', 'dns', 'etcd', 'kube', 'local', 'demo', 'bench', 'agent', 'operator', 'api'],
  '': ['cli'],
};

/** All that the operator knows of etcd itself: users and roles. Who is a member is for agents alone to change. */
const ETCD_OF_THE_OPERATOR = ['src/etcd/auth-api.ts', 'src/etcd/lazy-auth-door.ts'];

/** The only files that may import a library: adapters, so that the rest never learns its words. */
const LIBRARIES: Readonly<Record<string, readonly string[]>> = {
  etcd3: ['src/*/etcd3-*.ts'],
  cockatiel: ['src/etcd/etcd3-*.ts'],
  '@grpc/grpc-js': ['src/*/etcd3-*.ts'],
  'dns-packet': ['src/dns/*.ts', 'src/local/dns-*.ts'],
  undici: ['src/etcd/install/*.ts'],
  pino: ['src/runtime/logger.ts'],
  'prom-client': [
    'src/agent/agent-metrics.ts',
    'src/agent/serve/status-server.ts',
    'src/operator/*.ts',
    'src/runtime/process-metrics.ts',
  ],
  commander: ['src/cli/*.ts', 'src/main.ts'],
  'cli-table3': ['src/cli/*.ts', 'src/demo/*.ts', 'src/bench/*.ts'],
  '@peculiar/x509': ['src/pki/x509-issuer.ts'],
  'reflect-metadata': ['src/pki/x509-issuer.ts'],
  '@kubernetes/client-node': ['src/kube/kube-config-credentials.ts'],
  valibot: ['src/!(decide|runtime)/**/*.ts', 'src/!(decide|runtime)/*.ts'],
};

describe('imports', () => {
  it('lead to files that exist', () => {
    const lost = eachImport((file, each) =>
      each.file === undefined || BY_PATH.has(each.file) ? undefined : `${file.path} → ${each.from}`,
    );
    assert.deepEqual(lost, []);
  });

  it('go one way', () => {
    const wrong = eachImport((file, each) => {
      if (each.file === undefined) {
        return undefined;
      }
      const [from, to] = [folderOf(file.path), folderOf(each.file)];
      return from === to || DIRECTIONS[from]?.includes(to) === true
        ? undefined
        : `${file.path} → ${each.file}`;
    });
    assert.deepEqual(wrong, []);
  });

  it('keep the operator away from the membership: of etcd it knows users and roles alone', () => {
    const wrong = eachImport((file, { file: other = '', isType }) => {
      const isKnown = ETCD_OF_THE_OPERATOR.includes(other) || (isType && other === 'src/etcd/member-api.ts');
      return folderOf(file.path) === 'operator' && folderOf(other) === 'etcd' && !isKnown
        ? `${file.path} → ${other}`
        : undefined;
    });
    assert.deepEqual(wrong, []);
    assert.ok(!loadedAtStart('src/operator/main.ts').some((path) => path.startsWith('src/etcd/etcd3-')));
  });

  it('keep the model and the decisions free of Node and of libraries', () => {
    const wrong = eachImport((file, each) => {
      const isPure = ['model', 'decide'].includes(folderOf(file.path));
      const isAllowed =
        each.file !== undefined || (each.from === 'valibot' && folderOf(file.path) === 'model');
      return isPure && !isAllowed ? `${file.path} → ${each.from}` : undefined;
    });
    assert.deepEqual(wrong, []);
  });

  it('leave every library to its adapters', () => {
    const wrong = eachImport((file, each) => {
      if (each.file !== undefined || each.from.startsWith('node:')) {
        return undefined;
      }
      const places = LIBRARIES[packageOf(each.from)] ?? [];
      return places.some((place) => matchesGlob(file.path, place))
        ? undefined
        : `${file.path} → ${each.from}`;
    });
    assert.deepEqual(wrong, []);
  });

  it('load nothing at start but the command line’s own grammar', () => {
    const loaded = loadedAtStart('src/main.ts');
    const folders = new Set(loaded.map(folderOf));
    const heavy = ['agent', 'operator', 'local', 'decide', 'dns', 'kube', 'volume'];
    assert.deepEqual(
      heavy.filter((folder) => folders.has(folder)),
      [],
    );
    const libraries = loaded.flatMap((path) => librariesOf(BY_PATH.get(path)));
    assert.deepEqual([...new Set(libraries)], ['commander']);
  });

  it('are no circles', () => {
    const circles = SOURCES.filter((file) => loadedBy(file.path).includes(file.path)).map(({ path }) => path);
    assert.deepEqual(circles, []);
  });

  it('are written the same way everywhere: with the file’s ending, and node: before built-ins', () => {
    const wrong = eachImport((file, each) => {
      const isFine = each.file === undefined ? /^(node:|@?[a-z])/.test(each.from) : each.from.endsWith('.ts');
      return isFine ? undefined : `${file.path} → ${each.from}`;
    });
    assert.deepEqual(wrong, []);
  });
});

const LINES_MAX = 300;

describe('a source file', () => {
  it('is not longer than a reader can hold', () => {
    const long = SOURCES.filter(({ lines }) => lines > LINES_MAX);
    assert.deepEqual(
      long.map(({ path, lines }) => `${path}: ${lines}`),
      [],
    );
  });

  it('is named after what it tells, not after being useful', () => {
    const vague = /^(utils?|helpers?|common|misc|shared|types|index|constants)\.ts$/;
    const wrong = [...SOURCES, ...readSources('test')].filter(({ path }) => vague.test(basename(path)));
    assert.deepEqual(
      wrong.map(({ path }) => path),
      [],
    );
  });

  it('is named in kebab-case', () => {
    const wrong = SOURCES.filter(({ path }) => !/^[a-z0-9]+(-[a-z0-9]+)*\.ts$/.test(basename(path)));
    assert.deepEqual(
      wrong.map(({ path }) => path),
      [],
    );
  });

  it('has no any', () => {
    const wrong = SOURCES.filter(({ code }) =>
      /(:|\bas|<|\||,)\s*any\b(?!\s*\()|\bany\[\]/.test(withoutStrings(code)),
    );
    assert.deepEqual(
      wrong.map(({ path }) => path),
      [],
    );
  });

  it('does not know the tests', () => {
    const wrong = SOURCES.filter(({ imports }) =>
      imports.some((each) => each.file?.startsWith('test/') === true),
    );
    assert.deepEqual(wrong, []);
  });
});

function eachImport(
  judge: (file: SourceFile, each: SourceFile['imports'][number]) => string | undefined,
): readonly string[] {
  return SOURCES.flatMap((file) => file.imports.flatMap((each) => judge(file, each) ?? []));
}

/** Every file that is loaded when `path` is, itself included. */
function loadedAtStart(path: string): readonly string[] {
  return [path, ...loadedBy(path)];
}

/** Every file that is loaded because of `path`; with `path` itself only where a circle leads back to it. */
function loadedBy(path: string): readonly string[] {
  const loaded = new Set<string>();
  const waiting = directImports(path);
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    if (!loaded.has(next)) {
      loaded.add(next);
      waiting.push(...directImports(next));
    }
  }
  return [...loaded];
}

function directImports(path: string): string[] {
  const imports = BY_PATH.get(path)?.imports ?? [];
  return imports.flatMap((each) => (each.isType || each.isLazy ? [] : (each.file ?? [])));
}

function librariesOf(file: SourceFile | undefined): readonly string[] {
  const imports = file?.imports ?? [];
  return imports.flatMap(({ from, file: inside, isType, isLazy }) =>
    inside !== undefined || isType || isLazy || from.startsWith('node:') ? [] : [packageOf(from)],
  );
}

function withoutStrings(code: string): string {
  return code.replace(/'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"|`(?:\\.|[^`\\])*`/g, "''");
}
