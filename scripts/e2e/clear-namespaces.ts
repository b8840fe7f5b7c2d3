import { runCommand } from './run-command.ts';

/** A label of every namespace that a run makes; its value names the run. */
export const RUN_LABEL = 'quorate.test/run';
/** How the names of namespaces of tests begin, by which calls of their Pods are told from others. */
export const TEST_PREFIX = 'e2e-';

/** Pods end within their grace period; whatever takes longer is stuck. */
const GONE_SECONDS_MAX = 180;

/** Removes every namespace of a run, and waits until they are gone; says what is left, empty if nothing is. */
export function clearNamespaces(kubectl: string, run: string): string {
  const selector = `${RUN_LABEL}=${run}`;
  const listed = runCommand([kubectl, 'get', 'namespaces', '-l', selector, '-o', 'name']).stdout;
  const namespaces = listed.split('\n').flatMap((line) => line.split('/')[1] ?? []);
  for (const namespace of namespaces) {
    freeClusters(kubectl, namespace);
  }
  const flags = ['--ignore-not-found', `--timeout=${GONE_SECONDS_MAX}s`];
  const { code, stderr } = runCommand([kubectl, 'delete', 'namespaces', '-l', selector, ...flags], {
    timeoutMs: GONE_SECONDS_MAX * 1_500,
  });
  return code === 0 ? '' : stderr.trim();
}

/** What a test that was broken off has left has no operator any more that would let it go. */
function freeClusters(kubectl: string, namespace: string): void {
  const listed = runCommand([kubectl, 'get', 'etcdclusters', '-n', namespace, '-o', 'name']).stdout;
  for (const name of listed.split('\n').filter((line) => line !== '')) {
    const patch = '{"metadata":{"finalizers":null}}';
    runCommand([kubectl, 'patch', '-n', namespace, name, '--type=merge', '-p', patch]);
  }
}
