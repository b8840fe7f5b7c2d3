/** Writes manifests/crd/*.yaml, src/api/*-schema.ts and docs/api.md from the types and rules in src/api. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { renderApi } from './api/render-api.ts';

const root = join(import.meta.dirname, '..');

for (const [path, text] of renderApi(root)) {
  mkdirSync(join(root, dirname(path)), { recursive: true });
  writeFileSync(join(root, path), text);
  process.stdout.write(`${path}\n`);
}
