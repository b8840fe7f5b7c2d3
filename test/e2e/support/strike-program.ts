/**
 * Runs in a privileged Pod with the node's processes in sight: sends a signal to the first process of a container,
 * found by the container's ID in its cgroup. Node's own modules are all it has.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';

const container = process.env['CONTAINER_ID'] ?? '';
const signal = process.env['SIGNAL'] ?? 'SIGKILL';

const pids = readdirSync('/proc').filter((name) => /^[0-9]+$/.test(name) && isFirstOfContainer(name));
const [pid] = pids;
if (container === '' || pid === undefined || pids.length > 1) {
  end(`found ${pids.length} processes that are the first of container "${container}"`, 1);
} else {
  process.kill(Number(pid), signal);
  end(JSON.stringify({ pid: Number(pid), at: new Date().toISOString() }), 0);
}

/** Its cgroup names the container, and in its innermost PID namespace it is number 1. */
function isFirstOfContainer(pid: string): boolean {
  const cgroup = read(`/proc/${pid}/cgroup`);
  const ids = /^NSpid:\s+(.*)$/m.exec(read(`/proc/${pid}/status`))?.[1]?.split(/\s+/) ?? [];
  return cgroup.includes(container) && ids.at(-1) === '1';
}

/** Processes come and go while one looks. */
function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

/** The kubelet shows this in the Pod's status. */
function end(word: string, code: number): void {
  writeFileSync('/dev/termination-log', word);
  process.exitCode = code;
}
