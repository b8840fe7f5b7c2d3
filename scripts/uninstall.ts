/** Takes operator and definitions out of the cluster that KUBECONFIG names; `FORCE=1` takes etcd clusters along. */
import { join } from 'node:path';
import { uninstall } from './cluster/uninstall.ts';
import { runCommand } from './e2e/run-command.ts';

/** kubectl keeps its own time. */
const KUBECTL_TIMEOUT_MS = 15 * 60_000;

const program = process.env['KUBECTL'] ?? 'kubectl';
const folder = join(import.meta.dirname, '..', 'manifests');
const manifests = { operator: join(folder, 'install.yaml'), admission: join(folder, 'admission.yaml') };
const result = uninstall(
  (args) => {
    const { code, stdout, stderr } = runCommand([program, ...args], { timeoutMs: KUBECTL_TIMEOUT_MS });
    return code === 0 ? { ok: true, output: stdout } : { ok: false, complaint: stderr.trim() };
  },
  manifests,
  process.env['FORCE'] === '1',
);
if (result.kind === 'refused') {
  process.stderr.write(`Nothing was uninstalled: ${result.why}\n`);
  process.exitCode = 1;
}
