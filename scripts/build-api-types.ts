/**
 * Builds the types of our kinds for users' own TypeScript, as `import type { EtcdCluster } from 'quorate/api'`:
 *
 *     node scripts/build-api-types.ts [FOLDER]
 */
import { execFileSync } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { API_FILES } from './api/type-files.ts';

const root = join(import.meta.dirname, '..');
const folder = resolve(process.argv[2] ?? join(root, 'dist', 'api'));

rmSync(folder, { recursive: true, force: true });
execFileSync(
  process.execPath,
  [
    join(root, 'node_modules', 'typescript', 'bin', 'tsc'),
    '--ignoreConfig',
    '--declaration',
    '--emitDeclarationOnly',
    '--rewriteRelativeImportExtensions',
    ...[
      '--target',
      'es2024',
      '--module',
      'nodenext',
      '--types',
      '',
      '--strict',
      '--exactOptionalPropertyTypes',
    ],
    ...['--rootDir', join(root, 'src', 'api'), '--outDir', folder],
    ...API_FILES.map((name) => join(root, 'src', 'api', `${name}.ts`)),
  ],
  { stdio: 'inherit' },
);
const entry = API_FILES.map((name) => `export type * from './${name}.js';\n`).join('');
writeFileSync(join(folder, 'index.d.ts'), entry);
