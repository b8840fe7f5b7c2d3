/**
 * Runs the operator on this machine, for the cluster that KUBECONFIG names, which it has to reach as far as the
 * Pods' addresses:
 *
 *     node scripts/run-operator.ts AGENT_IMAGE [OPTION OF quorate operator]…
 *
 * Brings the cluster our definitions first. An operator that is at work there already must be stopped.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { operatorsAtWork } from './e2e/other-operators.ts';
import { mustRun } from './e2e/run-command.ts';

const root = join(import.meta.dirname, '..');
const program = process.env['KUBECTL'] ?? 'kubectl';
const [image = '', ...options] = process.argv.slice(2);

const others = operatorsAtWork(mustRun([program, 'get', 'leases', '-A', '-o', 'json']), Date.now());
if (others.length > 0) {
  const stop = 'kubectl -n quorate-system scale deployment/quorate-operator --replicas=0';
  process.stderr.write(
    `Other operators are at work: ${others.join(', ')}. Stop them, for instance: ${stop}\n`,
  );
  process.exit(1);
}
mustRun([program, 'apply', '--server-side', '-f', join(root, 'manifests', 'crd')]);
const local = ['--metrics-bind-address', '127.0.0.1:8080', '--health-probe-bind-address', '127.0.0.1:8081'];
const operator = spawn(
  join(root, 'bin', 'quorate'),
  ['operator', '--agent-image', image, ...local, ...options],
  { stdio: 'inherit' },
);
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => operator.kill(signal));
}
const [code] = await once(operator, 'close');
process.exitCode = code ?? 1;
