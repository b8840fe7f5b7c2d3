/** A program that holds the gate and never answers: `node gate-holder.ts PIPE MINOR`. Says when it is asked. */
import { NamedPipeGate } from '../../src/etcd/named-pipe-gate.ts';

const [path = '', minor = ''] = process.argv.slice(2);
const gate = new NamedPipeGate({
  path,
  etcdMinor: Number(minor),
  nowMs: () => performance.now(),
  onChange: () => process.stdout.write(`${gate.state().kind}\n`),
  onWarning: (message) => process.stderr.write(`${message}\n`),
});
await gate.start(new AbortController().signal);
process.stdout.write('started\n');
