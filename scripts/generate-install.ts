/** Writes manifests/install.yaml from the Helm chart; builds Helm from its Go module where it is not there. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { INSTALL_FILE, renderInstall } from './chart/render-install.ts';
import { ensureGoTool } from './tools/ensure-go-tool.ts';
import { HELM } from './tools/go-tools.ts';

const root = join(import.meta.dirname, '..');
writeFileSync(join(root, INSTALL_FILE), await renderInstall(root, await ensureGoTool(HELM)));
process.stdout.write(`${INSTALL_FILE}\n`);
