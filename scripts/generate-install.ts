/** Writes manifests/install.yaml and admission.yaml from the Helm chart; builds Helm from its Go module if need be. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { renderInstall } from './chart/render-install.ts';
import { ensureGoTool } from './tools/ensure-go-tool.ts';
import { HELM } from './tools/go-tools.ts';

const root = join(import.meta.dirname, '..');
for (const [path, text] of await renderInstall(root, await ensureGoTool(HELM))) {
  writeFileSync(join(root, path), text);
  process.stdout.write(`${path}\n`);
}
